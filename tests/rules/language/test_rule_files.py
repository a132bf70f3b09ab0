"""What is no rule file, or a hostile one, gives a place and a reason, and is over soon."""

from __future__ import annotations

import random
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from tfjax.rules.language import RuleError, RuleSet
from tfjax.rules.language.files import MAX_BYTES, is_under, name_of
from tfjax.rules.language.installed import installed_rules

HEAD = b"rule r\n  from my.op(x: Tensor[T, S], name: Ignored = None)\n"
PARAMETERS = b", ".join(b"a%d: int" % number for number in range(600))
DEEP = "3:6: TJ3010: the expression nests too deeply"

HOSTILE = {
    "junk": (
        random.Random(1).randbytes(3000),
        "1:1: TJ3010: the file is not UTF-8 text (byte 0xf5)",
    ),
    "latin_1": (b"# one\n# caf\xe9\n", "2:6: TJ3010: the file is not UTF-8 text (byte 0xe9)"),
    "elf": (b"\x7fELF\x02\x01\x01\0\0\0", "1:1: TJ3010: the file holds NUL bytes: no rule file"),
    "python": (b"import os\nos.remove('x')\n", "1:1: TJ3010: unexpected `import`; expected"),
    "brackets": (HEAD + b"  to " + b"(" * 900 + b"\n", "3:1: TJ3010: more than 60 open brackets"),
    "sum": (HEAD + b"  to x" + b"+x" * 5000 + b"\n", DEEP),
    "signs": (HEAD + b"  to " + b"-" * 9000 + b"x\n", DEEP),
    "attributes": (HEAD + b"  to x" + b".a" * 9000 + b"\n", DEEP),
    "subscripts": (HEAD + b"  to x" + b"[0]" * 3000 + b"\n", DEEP),
    "lambdas": (HEAD + b"  to " + b"lambda: " * 3000 + b"x\n", DEEP),
    "conditionals": (HEAD + b"  to " + b"1 if x else " * 3000 + b"x\n", DEEP),
    "digits": (HEAD + b"  to x + " + b"9" * 9000 + b"\n", "3:6: TJ3010: not an expression"),
    "parameters": (
        b"rule r\n  from my.op(" + PARAMETERS + b")\n  to a0\n",
        "TJ3011: more than 500 parameters",
    ),
    "escape": (HEAD + b'  caveat "\\x"\n  to x\n', "3:10: TJ3010: not a string"),
    "half_character": (HEAD + b'  caveat "\\ud800"\n  to x\n', "3:10: TJ3010: not a string"),
    "open_string": (HEAD + b'  """' + b"x" * 100_000, "3:3: TJ3010: unexpected"),
    "two_rules": (HEAD + b"  to x\n" + HEAD + b"  to x\n", "4:6: TJ3012: `my.op` is already"),
    "code_in_a_default": (
        b"rule r\n  from my.op(x: int = __import__('os').system('true'))\n  to x\n",
        "TJ3011: unknown name `__import__`",
    ),
    "code_in_a_template": (
        HEAD + b"  to exec('1')\n",
        "3:6: TJ3011: unknown name `exec`",
    ),
    "code_in_a_guard": (
        HEAD + b"  to x if open('/etc/passwd').read() and eval('1')\n  to x\n",
        "TJ3011: unknown name `eval`",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file(name: str, tmp_path: Path) -> None:
    content, expected = HOSTILE[name]
    path = tmp_path / f"{name}.rules"
    path.write_bytes(content)
    with pytest.raises(RuleError) as caught:
        RuleSet.load([path])
    message = str(caught.value)
    assert message.startswith(path.as_posix()) and expected in message


def test_random_text_never_crashes(tmp_path: Path) -> None:
    """Shuffled pieces of rule files: read, or refused with a place."""
    pieces = (HEAD.decode() + '  to x if "a" else [1..3]\nvalues v\n => -> :: TJ1 (){}#\t\\').split(
        " "
    )
    dice = random.Random(7)
    for _ in range(300):
        text = " ".join(dice.choices(pieces, k=dice.randrange(1, 30)))
        try:
            RuleSet.parse(text)
        except RuleError as error:
            assert all(problem.place.line >= 1 for problem in error.problems)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.rules"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(RuleError, match="too large: 4000001 bytes, at most 4000000"):
        RuleSet.load([path])


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="is not a file"):
        RuleSet.load([Path("/dev/null")])
    with pytest.raises(RuleError, match="holds no rule files"):
        RuleSet.load([tmp_path])


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.rules"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD + b"  to x\n")
    assert RuleSet.load([path]).for_symbol("my.op") is not None


def test_huge_constants_are_not_computed() -> None:
    from tfjax.transpiler.rewrite.snippets import translate

    powers = "**".join(["9"] * 9)
    text = f"rule r\n  from tf.abs(x: Tensor)\n  to x + {powers} + 2**64**64 + 'a' * 10**9\n"
    assert translate("tf.abs(x)", RuleSet.parse(text)).startswith("x + 9 **")


def test_files_are_named_as_the_user_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert name_of(Path("a/b.rules")) == "a/b.rules"
    monkeypatch.syspath_prepend(tmp_path)
    assert name_of(tmp_path / "pkg" / "b.rules") == "pkg/b.rules"
    assert is_under("a/b.rules", [Path("a")]) and not is_under("ab.rules", [Path("a")])


# ----------------------------------------------------------------------------- installed packages


def point(value: str) -> EntryPoint:
    return EntryPoint("mine", value, "tfjax.rules")


def test_installed_rules_are_found_without_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "their_package" / "rules"
    folder.mkdir(parents=True)
    (tmp_path / "their_package" / "__init__.py").write_text("raise SystemExit('imported')")
    (folder / "ops.rules").write_bytes(HEAD + b"  to x\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = installed_rules([point("their_package.rules")])
    assert found == (folder,)
    assert RuleSet.load(extra=found).for_symbol("my.op") is not None


@pytest.mark.parametrize("value", ["no_such_package.rules", "json.no_such_folder", ""])
def test_an_entry_point_that_names_nothing(value: str) -> None:
    with pytest.raises(RuleError, match="entry point `mine`: no folder of rules at"):
        installed_rules([point(value)])
