"""Rules of the user: where they are named, mistakes in them, built-in rules that they replace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tfjax.transpiler.cli.main import run

SOURCE = "import tensorflow as tf\n\n\ndef f(x):\n    return tf.abs(x)\n"
OVERRIDE = "rule mine\n  from tf.abs(x: Tensor, name: Ignored = None)\n  to   jnp.{}(x)\n"


@pytest.fixture
def compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Compiles SOURCE in a directory of its own; gives exit code, output and messages."""
    monkeypatch.chdir(tmp_path)
    Path("m.py").write_text(SOURCE)

    def call(*options: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["m.py", "-o", "-", *options])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_rule_of_ones_own_replaces_a_built_in_one_and_says_so(compiled) -> None:
    Path("my.rules").write_text(OVERRIDE.format("fabs"))
    code, out, err = compiled("--rules", "my.rules", "-v")
    assert code == 0 and "return jnp.fabs(x)" in out
    assert "note[TJ6016]: overrides the rule for `tf.abs` at tf/elementwise.rules" in err
    assert "--> my.rules:1:6" in err


def test_settings_name_rules_and_the_command_line_wins(compiled) -> None:
    Path("sub").mkdir()
    Path("sub/a.rules").write_text(OVERRIDE.format("fabs"))
    Path("b.rules").write_text(OVERRIDE.format("square"))
    Path("pyproject.toml").write_text('[tool.tfjax]\nrules = ["sub"]\n')
    assert "jnp.fabs(x)" in compiled()[1]
    code, out, err = compiled("--rules", "b.rules", "-v")
    assert code == 0 and "jnp.square(x)" in out
    assert "overrides the rule for `tf.abs` at sub/a.rules:1:6" in err


def test_the_report_lists_them(compiled) -> None:
    Path("my.rules").write_text(OVERRIDE.format("fabs"))
    compiled("--rules", "my.rules", "--report", "report.json")
    report = json.loads(Path("report.json").read_text())
    assert report["options"]["rules"] == ["my.rules"]
    (note,) = report["diagnostics"]
    assert (note["code"], note["path"], note["severity"]) == ("TJ6016", "my.rules", "note")


@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        (b"rule r\n  from tf.abs(x: Tensor)\n  to jnp.abs(y)\n", "unknown name `y`", ":3:14"),
        (b"# \xff\n", "error[TJ3010]: the file is not UTF-8 text (byte 0xff)", ":1:3"),
        (b"x" * 5_000_000, "error[TJ3010]: the rule file is too large", ":1:1"),
        (b"value my.a => 1\nvalue my.a => 2\n", "error[TJ3012]: `my.a` is already", ":2:7"),
        (b"value tf.abss => 1\n", "the API has no symbol `tf.abss`", ":1:7"),
    ],
)
def test_mistakes_stop_the_run(compiled, content: bytes, message: str, place: str) -> None:
    Path("my.rules").write_bytes(content)
    code, out, err = compiled("--rules", "my.rules")
    assert (code, out) == (2, "")
    assert message in err and f"--> my.rules{place}" in err


def test_a_path_that_is_not_there(compiled) -> None:
    code, _, err = compiled("--rules", "nowhere.rules")
    assert code == 2 and "cannot be read: No such file or directory" in err


def test_settings_that_are_no_paths(compiled) -> None:
    Path("pyproject.toml").write_text("[tool.tfjax]\nrules = [3]\n")
    code, _, err = compiled()
    assert code == 2 and "`tool.tfjax.rules[0]` must be a path, not a number" in err


def test_installed_rules_that_are_gone(compiled, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    point = EntryPoint("mine", "no_such_package.rules", "tfjax.rules")
    monkeypatch.setattr("tfjax.rules.language.installed.entry_points", lambda group: [point])
    code, _, err = compiled()
    assert code == 2 and "entry point `mine`: no folder of rules" in err
