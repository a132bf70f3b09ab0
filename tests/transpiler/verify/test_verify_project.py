"""`--verify` from the command line, on programs that a test can hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tfjax.transpiler.cli.main import run

NET = """\
from tensorflow import keras


def build(units=5):
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(units)(inputs))
"""


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFJAX_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "net.py").write_text(NET)
    return tmp_path


@pytest.mark.verify
def test_a_program_that_is_found(there: Path):
    arguments = ["net.py", "-o", "out", "--verify", "--report", "r.json", "--keras", "3"]
    assert run(arguments) == 0
    (entry,) = json.loads(Path("r.json").read_text())["verification"]
    assert (entry["name"], entry["verdict"]) == ("net:build", "pass")
    assert entry["parameters"]["source_mapped"] == 2


@pytest.mark.verify
def test_a_source_that_does_not_run(there: Path, capsys: pytest.CaptureFixture[str]):
    (there / "pyproject.toml").write_text(
        '[[tool.tfjax.verify]]\nentry = "net:build"\nkwargs = { unit = 3 }\n'
        'inputs = { x = "float32[B, 4]" }\n'
    )
    assert run(["verify", "net.py", "--keras", "3"]) == 1
    assert "TJ7006" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ('entry = "nte:build"', "TJ7011"),
        ('entry = "net:build"\ncall = "model(x"', "TJ7011"),
        ('entry = "other:build"', "TJ7009"),
    ],
)
def test_entries_that_cannot_be_used(
    there: Path, capsys: pytest.CaptureFixture[str], settings: str, code: str
):
    (there / "other.py").write_text("x = 1\n")
    (there / "pyproject.toml").write_text(f"[[tool.tfjax.verify]]\n{settings}\n")
    assert run(["verify", "net.py"]) == 1
    assert f"[{code}]" in capsys.readouterr().err
