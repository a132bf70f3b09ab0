"""The tutorial does what it says: its files are written, its commands run and compared."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tfjax.transpiler.cli.main import run

PAGE = Path(__file__).parents[1] / "docs" / "tutorial-rules.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_tutorial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    commands = 0
    for kind, name, text in blocks:
        if name:
            Path(name).write_text(text)
        elif kind == "console":
            command, _, expected = text.removeprefix("$ ").partition("\n")
            words = shlex.split(command)
            assert words[0] == "tfjax-compile"
            capsys.readouterr()
            run(words[1:])
            assert capsys.readouterr().out.rstrip("\n") == expected.rstrip("\n"), command
            commands += 1
    assert commands == 4 and len(blocks) == 11


def test_its_rule_files_load(tmp_path: Path) -> None:
    from tfjax.rules.language import RuleError, RuleSet

    for _, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if name.endswith(".rules"):
            path = tmp_path / name
            path.write_text(text)
            if name == "broken.rules":
                with pytest.raises(RuleError):
                    RuleSet.load(extra=[path])
            else:
                RuleSet.load(extra=[path])


def test_it_agrees_with_tensorflow() -> None:
    """The record of the tutorial against the function that it stands for."""
    jnp = pytest.importorskip("jax.numpy")
    import numpy as np
    from tfjax.rules.language import RuleSet
    from tfjax.transpiler.rewrite.snippets import translate

    text = next(t for _, n, t in BLOCK.findall(PAGE.read_text()) if n == "my_ops.rules")
    rules = RuleSet.parse(text.replace("my_ops.", "tf."))
    code = translate("tf.hard_shrink(x, 0.3)", rules)
    x = np.array([-1.0, -0.3, 0.0, 0.2, 0.31], np.float32)
    found = eval(code, {"jnp": jnp, "x": x})
    assert found.tolist() == np.where(np.abs(x) > np.float32(0.3), x, 0).tolist()
