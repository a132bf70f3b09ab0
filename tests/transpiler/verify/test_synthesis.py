"""Cases that are made up: what is tried, the drivers, and a whole file without any settings."""

from __future__ import annotations

import inspect
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tfjax.transpiler.cli.main import run
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.verify.drivers import Program, driver_source
from tfjax.transpiler.verify.probe_values import arguments, forms, takes_tensor
from tfjax.transpiler.verify.synthesis import definitions


def signature(function: Any) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function).parameters)


def test_values_by_name_by_annotation_and_in_turn():
    def made(filters, kernel_size, rate: float, act, sizes: list[int], width=3, **more):  # type: ignore[no-untyped-def]
        """What is probed."""

    first, second = (arguments(signature(made), variant) for variant in (0, 1))
    assert first == {
        "filters": 8,
        "kernel_size": 3,
        "rate": 0.1,
        "act": "relu",
        "sizes": (8, 8),
    }
    assert second["filters"] == 4
    assert second["sizes"] == (4, 4, 4)


@pytest.mark.parametrize(
    ("name", "expected"), [("inputs", True), ("mask", True), ("units", False), ("thing", None)]
)
def test_whether_an_argument_is_a_tensor(name: str, expected: bool | None):
    parameter = inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    assert takes_tensor(parameter) is expected


def test_the_text_says_what_is_tried_first():
    assert next(forms(("x",), "self.conv = Conv2D(3, 3)")) == {"x": "float32[B, H, W, 8]"}
    assert next(forms(("x",), "Embedding(3, 3)")) == {"x": "int32[B, T]<8"}
    first, second = islice(forms(("values", "mask"), "LSTM(3)"), 2)
    assert first == {"values": "float32[B, T, 8]", "mask": "bool[B, T]"}
    assert second != first


def test_public_definitions():
    text = "class A: pass\ndef f(): pass\ndef _g(): pass\ndef main(): pass\nx = 1\n"
    source = SourceFile(Path("net.py"), Path("net.py"), text, module="net")
    assert [(one.entry, one.line) for one in definitions(source)] == [("net:A", 1), ("net:f", 2)]


def test_the_driver_of_a_function():
    program = Program("f", "net:f", {"x": "float32[B, 4]"}, call="x, 3", form="function")
    assert driver_source(program) == (
        "import tensorflow as tf\nimport net as m\n\n\n"
        "class Called(tf.Module):\n    def __call__(self, x):\n        return m.f(x, 3)\n\n\n"
        "def build():\n    return Called()\n\n\n"
        "def call(model, x):\n    return model(x)\n"
    )


def test_the_driver_of_a_function_that_makes_layers():
    inputs = {"x": "float32[B, H, 4]", "y": "int32[B, 5]<3"}
    program = Program("f", "net:f", inputs, call="x, y", form="functional")
    assert driver_source(program) == (
        "import tensorflow as tf\nimport net as m\n\n\n"
        "def build():\n"
        "    x = tf.keras.Input((None, 4), dtype='float32')\n"
        "    y = tf.keras.Input((5,), dtype='int32')\n"
        "    return tf.keras.Model([x, y], m.f(x, y))\n\n\n"
        "def call(model, x, y):\n    return model([x, y])\n"
    )


NET = """\
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class Gate(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.dense = layers.Dense(units, activation="sigmoid")

    def call(self, inputs, training=False):
        x, gate = inputs
        return x * self.dense(gate)


def masked_mean(values, mask):
    weights = tf.cast(mask, tf.float32)[..., tf.newaxis]
    return tf.reduce_sum(values * weights, 1) / tf.reduce_sum(weights, 1)


def block(x, filters):
    return layers.ReLU()(layers.Conv2D(filters, 3, padding="same")(x))


def build(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, layers.Dense(num_classes)(inputs))


def chain(units):
    return keras.Sequential([layers.Activation("relu"), layers.Dense(units)])


class Settings:
    width = 3
"""


@pytest.mark.verify
def test_a_file_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFJAX_CACHE_DIR", str(tmp_path / "cache"))
    Path("net.py").write_text(NET)
    verify = ["verify", "net.py", "--keras", "3", "--mode", "basic", "--report", "r.json"]
    assert run(verify) == 0
    entries = json.loads(Path("r.json").read_text())["verification"]
    names = ("net:Gate", "net:masked_mean", "net:block", "net:build", "net:chain")
    expected = dict.fromkeys(names, "pass") | {"net:Settings": "no case"}
    assert {e["name"]: e["verdict"] for e in entries} == expected
    (said,) = [e for e in entries if e["name"] == "net:Settings"]
    assert said["message"] == "it is no layer, model or module"
