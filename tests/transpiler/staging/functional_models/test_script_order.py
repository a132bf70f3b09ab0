"""The order of a script is kept where models are taken out of it."""

from __future__ import annotations

from tests.harness import check_compile, compile_texts


def test_two_models_of_one_name() -> None:
    check_compile(
        """\
from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential()
model.add(layers.Dense(4, input_shape=(2,)))
print(model)
model = keras.Sequential()
model.add(layers.Dense(7, input_shape=(3,)))
""",
        """\
from flax import nnx


class Model(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(2, 4, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, x):
        x = self.dense(x)
        return x


model = Model(rngs=nnx.Rngs(0))
print(model)


class Model1(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(3, 7, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)

    def __call__(self, x):
        x = self.dense(x)
        return x


model = Model1(rngs=nnx.Rngs(0))
""",
    )


def test_a_number_that_changes_on_the_way_goes_along() -> None:
    check_compile(
        """\
from tensorflow import keras
from tensorflow.keras import layers

inputs = keras.Input((4,))
units = 3
x = layers.Dense(units)(inputs)
units = 5
x = layers.Dense(units)(x)
model = keras.Model(inputs, x)
""",
        """\
from flax import nnx


class Model(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        units = 3
        self.dense = nnx.Linear(4, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
        units = 5
        self.dense_1 = nnx.Linear(
            3, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, inputs):
        x = self.dense(inputs)
        x = self.dense_1(x)
        return x


model = Model(rngs=nnx.Rngs(0))
""",
    )


def test_a_number_that_other_code_reads_when_it_has_changed_keeps_the_graph_in_place() -> None:
    text = """
from tensorflow import keras
from tensorflow.keras import layers

inputs = keras.Input((4,))
units = 3
x = layers.Dense(units)(inputs)
units = 5
model = keras.Model(inputs, x)


def other():
    return units
"""
    (file,) = compile_texts({"model": text}).files
    assert "class " not in file.text
    assert "TJ5020" in {d.code for d in file.diagnostics}
