"""Settings: what is read, and what is said about mistakes."""

import tomllib
from pathlib import Path

import pytest
from tfjax.transpiler.cli.config import (
    Config,
    ConfigError,
    VerifyEntry,
    load_config,
    parse_config,
    parse_size,
)

ROOT = Path(__file__).parents[3]


def parse(text: str) -> Config:
    return parse_config(tomllib.loads(text), Path("pyproject.toml"))


def test_all_keys():
    config = parse("""
        [tool.tfjax]
        keras = "2"
        target = "nnx"
        max-file-size = "2MB"
        [[tool.tfjax.verify]]
        name = "unet"
        entry = "models.unet:build.small"
        args = [3, "same"]
        kwargs = { filters = [8, 16] }
        inputs = { x = "float32[B, 64, 64, 3]", more = ["int32[B]<5", { y = 1.5 }], flag = true }
        call = "model(x)"
        keras = 3
        sizes = { B = [2, 5], T = 7 }
        """)
    assert (config.keras, config.target, config.max_file_size) == ("2", "nnx", 2 * 1024**2)
    assert config.verify == (
        VerifyEntry(
            "unet",
            "models.unet:build.small",
            (3, "same"),
            {"filters": [8, 16]},
            {"x": "float32[B, 64, 64, 3]", "more": ["int32[B]<5", {"y": 1.5}], "flag": True},
            "model(x)",
            "3",
            {"B": (2, 5), "T": (7,)},
        ),
    )


def test_an_entry_is_named_after_its_object():
    config = parse('[[tool.tfjax.verify]]\nentry = "m:f"')
    assert config.verify == (VerifyEntry("m:f", "m:f"),)


def test_other_tools_are_left_alone():
    assert parse("[tool.ruff]\nline-length = 1\n[project]\nname = 'x'") == Config(
        Path("pyproject.toml")
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("keros = '2'", "unknown key `keros` in `tool.tfjax`", "did you mean `keras`?"),
        ("xyzzy = 1", "unknown key `xyzzy`", "known: keras, target"),
        ("keras = '4'", "`tool.tfjax.keras` must be one of 2, 3, auto, not '4'", None),
        ("keras = true", "must be one of", None),
        ("target = 'linen'", "must be one of nnx", None),
        ("max-file-size = 'huge'", "`huge` is not a size", None),
        ("max-file-size = -1", "must be a size", None),
        ("max-file-size = true", "not a boolean", None),
        ("verify = 3", "`tool.tfjax.verify` must be a list, not a number", None),
        ("verify = [3]", "`tool.tfjax.verify[0]` must be a table, not a number", None),
        ("[tool.tfjax.verify]\nentry = 'm:f'", "write `[[tool.tfjax.verify]]`", None),
        ("[[tool.tfjax.verify]]", "`tool.tfjax.verify[0].entry` is missing", "write entry ="),
        ("[[tool.tfjax.verify]]\nentry = 'm.f'", "is not `module:object`: 'm.f'", "write entry ="),
        ("[[tool.tfjax.verify]]\nentry = 'm:f'\nimput = 1", "unknown key `imput`", "`inputs`"),
        ("[[tool.tfjax.verify]]\nentry = 'm:f'\nargs = 1", "`tool.tfjax.verify[0].args`", None),
        ("[[tool.tfjax.verify]]\nentry = 'm:f'\nname = 1", "must be a string", None),
        (
            "[[tool.tfjax.verify]]\nentry = 'm:f'\ninputs = { x = 1979-05-27 }",
            "`tool.tfjax.verify[0].inputs.x` is not an input spec",
            "write inputs =",
        ),
        (
            "[[tool.tfjax.verify]]\nentry = 'm:f'\ninputs = { 'not a name' = 'f32[2]' }",
            "is not an input spec",
            None,
        ),
        (
            "[[tool.tfjax.verify]]\nentry = 'm:f'\nsizes = { B = [true] }",
            "`tool.tfjax.verify[0].sizes.B` must be a size or a list of sizes",
            None,
        ),
        (
            "[[tool.tfjax.verify]]\nentry = 'm:f'\n[[tool.tfjax.verify]]\nentry = 'm:f'",
            "two `tool.tfjax.verify` entries are named `m:f`",
            None,
        ),
    ],
)
def test_mistakes(text: str, message: str, hint: str | None):
    with pytest.raises(ConfigError) as caught:
        parse(f"[tool.tfjax]\n{text}")
    problem = caught.value.diagnostic
    assert (problem.code, problem.path) == ("TJ1017", "pyproject.toml")
    assert message in problem.message
    assert hint is None or hint in (problem.hint or "")


def test_the_nearest_file_with_a_table_counts(tmp_path: Path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.tfjax]\nkeras = '2'\n")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.ruff]\n")
    config = load_config(inner)
    assert (config.keras, config.path) == ("2", tmp_path / "pyproject.toml")
    (inner / "pyproject.toml").write_text("[tool.tfjax]\n")
    assert load_config(inner).keras is None


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"[tool.tfjax\n", "is not valid TOML"), (b"x = '\xff'", "is not valid TOML")],
)
def test_broken_files(tmp_path: Path, data: bytes, words: str):
    path = tmp_path / "pyproject.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    assert words in caught.value.diagnostic.message


def test_a_missing_file_that_was_named(tmp_path: Path):
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, tmp_path / "none.toml")
    assert "cannot be read: no such file" in caught.value.diagnostic.message


@pytest.mark.parametrize(
    ("text", "size"),
    [("7", 7), ("1_000", 1000), ("2k", 2048), ("2KB", 2048), ("2 KiB", 2048), ("1M", 1024**2)],
)
def test_sizes(text: str, size: int):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "1.5MB", "1X", "ten"])
def test_wrong_sizes(text: str):
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


def test_the_examples_have_valid_settings():
    config = load_config(ROOT / "examples")
    assert config.path == ROOT / "examples" / "pyproject.toml"
    assert len(config.verify) >= 8


def test_config_methods():
    assert parse('[tool.tfjax]\nconfig-methods = "keep"').config_methods == "keep"
    with pytest.raises(ConfigError, match="must be one of drop, keep"):
        parse('[tool.tfjax]\nconfig-methods = "some"')
