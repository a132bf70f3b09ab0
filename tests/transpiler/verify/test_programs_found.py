"""Which programs are verified when no settings name any, and the drivers made for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.verify.drivers import Program, driver_facts, driver_source
from tfjax.transpiler.verify.programs import discover


def found(text: str) -> dict[str, dict[str, str]]:
    source = SourceFile(Path("net.py"), Path("net.py"), text, module="net")
    return {p.entry: dict(p.inputs) for p in discover(source)}


FUNCTIONAL = """
SIZE = 6
def build(size=SIZE):
    a = keras.Input(shape=(size, None))
    b = keras.Input((3,), dtype="int32")
    return keras.Model([a, b], layers.Add()([a, b]))
"""
SEQUENTIAL = """
def build():
    model = Sequential()
    model.add(Dense(3, input_shape=(4,)))
    return model
"""


def test_a_functional_model():
    inputs = {"x0": "float32[B, 6, D0_1]", "x1": "int32[B, 3]"}
    assert found(FUNCTIONAL) == {"net:build": inputs}


def test_a_sequential_model():
    assert found(SEQUENTIAL) == {"net:build": {"x": "float32[B, 4]"}}


def test_a_model_at_module_level():
    text = "model = keras.Sequential([keras.Input((4,)), Dense(3)])"
    assert found(text) == {"net:model": {"x": "float32[B, 4]"}}


def test_each_model_of_a_script_has_its_own_inputs():
    text = """
from tensorflow import keras

image = keras.Input((8,))
encoder = keras.Model(image, keras.layers.Dense(2)(image))
code = keras.Input(shape=(2,))
decoder = keras.Model(inputs=code, outputs=keras.layers.Dense(8)(code))
head = keras.Sequential()
head.add(keras.layers.Dense(3, input_shape=(5,)))
"""
    assert found(text) == {
        "net:encoder": {"x": "float32[B, 8]"},
        "net:decoder": {"x": "float32[B, 2]"},
        "net:head": {"x": "float32[B, 5]"},
    }


@pytest.mark.parametrize(
    "text",
    [
        FUNCTIONAL.replace("size=SIZE", "size"),
        FUNCTIONAL.replace("SIZE = 6", "SIZE = int(argv[1])"),
        FUNCTIONAL.replace("def build", "def _build"),
        SEQUENTIAL.replace("return model", "return 3"),
        SEQUENTIAL.replace("(4,)", "shape"),
        "def build():\n    return keras.Sequential([Dense(3)])",
        "def broken(:",
    ],
)
def test_nothing_is_guessed(text: str):
    assert found(text) == {}


PROGRAM = Program(
    "net",
    "pkg.net:Net",
    {"x": "float32[B, 4]", "y": "int32[2, N]<9"},
    args=[3],
    kwargs={"name": "n"},
    sizes={"N": (7, 8)},
)


def test_a_driver():
    assert driver_source(PROGRAM) == (
        "import pkg.net as m\n\n\n"
        "def build():\n    return m.Net(3, name='n')\n\n\n"
        "def call(model, x, y):\n    return model([x, y])\n"
    )


def test_what_a_driver_tells():
    facts = driver_facts(PROGRAM, "driver")
    assert dict(facts.inputs) == {"x": ("float32", (2, 4)), "y": ("int32", (2, 7))}


def test_a_call_that_is_no_expression():
    with pytest.raises(SyntaxError):
        driver_source(Program("net", "net:Net", {"x": "float32[B]"}, call="model(x"))


def test_a_function_that_hides_its_module():
    program = Program("unet", "models.unet:unet", {"x": "float32[B, 8]"})
    assert driver_source(program).startswith(
        "from models.unet import unet as made\n\n\ndef build():\n    return made()\n"
    )
