"""`tfjax-compile shapes`: the annotated source, the conflicts, the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tfjax.transpiler.cli.main import run

GOOD = """\
import tensorflow as tf
from tensorflow import keras


def build():
    inputs = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(8, 3, strides=2)(inputs)
    return keras.Model(inputs, keras.layers.Flatten()(x))
"""
BAD = GOOD + "\n\ny = tf.matmul(tf.zeros([2, 3]), tf.zeros([4, 5]))\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text(BAD)
    return tmp_path


def test_lines_get_their_types(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["shapes", "good.py"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[5].endswith("# inputs: f32[B, 32, 32, 3]")
    assert lines[6].endswith("# x: f32[B, 15, 15, 8]")
    assert lines[7].endswith("# -> model f32[B, 32, 32, 3] -> f32[B, 1800]")
    assert [line.split("  #")[0].rstrip() for line in lines] == GOOD.splitlines()


def test_conflict_shows_both_sides(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["shapes", "bad.py", "--check"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "error[TJ4002]: the matrix product needs equal sizes" in told.err
    assert "3 is fixed here" in told.err and "4 is fixed here" in told.err


def test_json_form(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["shapes", ".", "--check", "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["diagnostics"]
    assert (found["code"], found["path"]) == ("TJ4002", "bad.py")
    assert len(found["related"]) == 2


def test_file_that_does_not_parse(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "broken.py").write_text("def f(:\n")
    assert run(["shapes", "broken.py"]) == 1
    assert "TJ1001" in capsys.readouterr().err


def test_usage(folder: Path):
    assert run(["shapes"]) == 2
    assert run(["shapes", "nowhere.py"]) == 2


def test_settings_tell_of_the_inputs(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "pyproject.toml").write_text(
        '[[tool.tfjax.verify]]\nname = "net"\nentry = "net:Net"\ninputs = { x = "float32[B, 6]" }\n'
    )
    (folder / "net.py").write_text(
        "from tensorflow import keras\n\n\nclass Net(keras.Model):\n"
        "    def call(self, x):\n        return keras.layers.Dense(3)(x)\n"
    )
    assert run(["shapes", "net.py"]) == 0
    assert "f32[B, 3]" in capsys.readouterr().out


def test_observe_without_a_program(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "plain.py").write_text("x = 1\n")
    assert run(["shapes", "plain.py", "--observe"]) == 0
    assert "TJ4012" in capsys.readouterr().err
