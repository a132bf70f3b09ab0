"""`tfjax-compile agents` as a user runs it, without a model and with recorded answers."""

import asyncio
import json
from pathlib import Path

import pytest
from tfjax.agents.model.budget import Budget
from tfjax.agents.model.replay import RecordingModel
from tfjax.agents.session import Settings, fill, look
from tfjax.transpiler.cli.main import run
from tfjax.transpiler.files import SourceFile

from tests.agents.support import ScriptedModel, block

SOURCE = """\
import tensorflow as tf


def normal(x, y):
    # of the plane through both
    return tf.raw_ops.Cross(a=x, b=y)
"""
RIGHT = "def region(x, y):\n    return jnp.cross(x, y)\n"


@pytest.fixture
def model_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.py"
    path.write_text(SOURCE)
    return path


def test_a_plan(model_file: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["agents", "plan", "model.py"]) == 1
    out = capsys.readouterr().out
    assert "s01  tf.raw_ops.Cross in normal" in out
    assert "1 places in 1 steps; agents may try 1 of them" in out
    assert run(["agents", "plan", "model.py", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["steps"][0]["files"] == ["model.py"]


def test_nothing_is_left(model_file: Path, capsys: pytest.CaptureFixture[str]):
    model_file.write_text("import tensorflow as tf\n\n\ndef f(x):\n    return tf.abs(x)\n")
    assert run(["agents", "plan", "model.py"]) == 0
    assert run(["agents", "run", "model.py", "-o", "out"]) == 0
    assert (Path("out") / "model.py").read_text() == (
        "import jax.numpy as jnp\n\n\ndef f(x):\n    return jnp.abs(x)\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["agents", "run", "model.py", "-o", "out"],
        ["agents", "run", "model.py", "-o", "out", "--replay", "missing.jsonl"],
        ["agents", "run", "model.py", "-o", "o", "--replay", "a", "--endpoint", "http://x"],
        ["agents", "plan", "missing.py"],
        ["agents", "log", "--folder", "missing"],
        ["agents", "promote", "--folder", "missing", "--to", "x.rules"],
        ["agents", "nonsense"],
        ["model.py", "-o", "out", "--fills", "missing.json"],
    ],
)
def test_usage_errors(model_file: Path, arguments: list[str]):
    assert run(arguments) == 2
    assert not Path("out").exists()


def test_a_model_that_is_not_there(model_file: Path, capsys: pytest.CaptureFixture[str]):
    code = run(["agents", "serve", "--model", "nowhere", "--port", "1"])
    assert code == 1
    assert "config.json" in capsys.readouterr().err


@pytest.mark.verify
@pytest.mark.xdist_group("agents")
def test_a_recorded_run(model_file: Path, capsys: pytest.CaptureFixture[str]):
    """Recorded with a scripted model, replayed from the command line, then compiled without any."""
    source = SourceFile(model_file, Path("model.py"), SOURCE, module="model")
    answers = Path("answers.jsonl")
    scripted = ScriptedModel({"": [block("def region(x, y):\n    return x * y\n"), block(RIGHT)]})

    async def record() -> None:
        found = look([source], Settings(Path("first")))
        await fill(found, Settings(Path("first")), RecordingModel(scripted, answers), Budget())

    asyncio.run(record())
    line = ["agents", "run", "model.py", "-o", "out", "--replay", str(answers), "--folder", "run"]
    assert run(line) == 0
    text = (Path("out") / "model.py").read_text()
    assert "    # of the plane through both\n    return jnp.cross(x, y)\n" in text
    assert run(["agents", "log", "--folder", "run"]) == 0
    assert "done     s01" in capsys.readouterr().out
    assert run(["model.py", "-o", "again", "--fills", "run/fills.json"]) == 0
    assert (Path("again") / "model.py").read_text() == text
