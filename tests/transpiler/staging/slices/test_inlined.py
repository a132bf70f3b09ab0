"""Classes of layers that attributes hold: each call builds the layer, and the attribute goes."""

from __future__ import annotations

from tests.harness import check_compile

BEFORE = """
from tensorflow import keras


class Block(keras.layers.Layer):
    def __init__(self, width):
        super().__init__()
        self.kind = keras.layers.Dense
        self.first = self.kind(width, kernel_initializer="lecun_normal")
        self.second = self.kind(3, kernel_initializer="lecun_normal"){more}

    def call(self, x):
        return self.second(self.first(x))
"""


def test_an_attribute_that_is_only_called_goes() -> None:
    check_compile(
        BEFORE.format(more=""),
        """\
        from flax import nnx


        class Block(nnx.Module):
            def __init__(self, in_features, width, *, rngs: nnx.Rngs):
                self.first = nnx.Linear(in_features, width, rngs=rngs)
                self.second = nnx.Linear(width, 3, rngs=rngs)

            def __call__(self, x):
                return self.second(self.first(x))
        """,
        flavour="keras3",
    )


def test_one_that_is_read_stays_and_is_reported() -> None:
    more = "\n        self.label = str(self.kind)"
    check_compile(BEFORE.format(more=more), None, flavour="keras3", left=("TJ2006",))
