"""Of followed files, what only dropped code needed is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.transpiler.cli.main import run

BASE = """\
import tensorflow as tf


class Base(tf.keras.Model):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self._set_save_spec(self.signature)

    @property
    def signature(self):
        return tf.TensorSpec([None, self.width], tf.float32)

    def halved(self):
        return self.width // 2

    def unused(self):
        return 1


def helper():
    return 2
"""
MAIN = """\
import tensorflow as tf

from base import Base


class Net(Base):
    def __init__(self, width):
        super().__init__(width)
        self.dense = tf.keras.layers.Dense(self.halved())

    def build(self, input_shape=None):
        self.dense.build([None, self.width])

    def call(self, x):
        return self.dense(x)
"""


def test_what_only_dropped_code_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "base.py").write_text(BASE)
    (tmp_path / "main.py").write_text(MAIN)
    monkeypatch.chdir(tmp_path)
    run(["main.py", "-o", "out", "--follow-imports"])
    text = Path("out/base.py").read_text()
    assert text == (
        "from flax import nnx\n\n\n"
        "class Base(nnx.Module):\n"
        "    def __init__(self, width):\n"
        "        self.width = width\n\n"
        "    def halved(self):\n"
        "        return self.width // 2\n"
    )
