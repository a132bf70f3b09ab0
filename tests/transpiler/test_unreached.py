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


BLOCKS = """\
from tensorflow.keras.layers import Dense


def block(width):
    def apply(x):
        return Dense(width)(x)

    return apply


def unused(width):
    def apply(x):
        return Dense(width)(x)

    return apply
"""
BUILDER = """\
from tensorflow.keras import Input, Model

from blocks import block


def build():
    x = Input((4,))
    return Model(x, block(3)(x))
"""


def test_functions_that_became_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blocks.py").write_text(BLOCKS)
    (tmp_path / "main.py").write_text(BUILDER)
    monkeypatch.chdir(tmp_path)
    run(["main.py", "-o", "out", "--follow-imports"])
    text = Path("out/blocks.py").read_text()
    assert "class Block(nnx.Module):" in text
    assert "nused" not in text


def test_definitions_reached_through_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pkg.nets.Net` keeps the import that the source reaches it by."""
    for name, text in {
        "pkg/__init__.py": "from pkg import nets",
        "pkg/nets.py": "from pkg.src import Net",
        "pkg/src.py": "import tensorflow as tf\n\n\nclass Net(tf.keras.layers.Layer):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.dense = tf.keras.layers.Dense(2)\n\n"
        "    def call(self, x):\n        return self.dense(x)\n",
        "main.py": "import pkg as m\n\n\ndef build():\n    return m.nets.Net()\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    run(["main.py", "-o", "out", "--follow-imports"])
    assert Path("out/main.py").read_text() == (
        "from flax import nnx\n\nimport pkg as m\n\n\n"
        "def build(in_features, *, rngs: nnx.Rngs):\n"
        "    return m.nets.Net(in_features, rngs=rngs)\n"
    )
    assert Path("out/pkg/nets.py").read_text() == "from pkg.src import Net"
