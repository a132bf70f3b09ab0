"""Attributes that are set twice: a setting in `__init__`, the layer made with it in `build`."""

from __future__ import annotations

from tests.harness import check_compile

BEFORE = """
from tensorflow import keras


class Block(keras.layers.Layer):
    def __init__(self, drop):
        super().__init__()
        self.drop = drop
        self.twice = {twice}

    def build(self, input_shape):
        self.drop = keras.layers.Dropout(self.drop)

    def call(self, x):
        return self.drop(x) * self.twice
"""


def test_the_setting_goes_where_nothing_else_reads_it() -> None:
    check_compile(
        BEFORE.format(twice="2"),
        """\
        from flax import nnx


        class Block(nnx.Module):
            def __init__(self, drop, *, rngs: nnx.Rngs):
                self.twice = 2
                self.drop = nnx.Dropout(drop, rngs=rngs)

            def __call__(self, x):
                return self.drop(x) * self.twice
        """,
        flavour="keras3",
    )


def test_it_stays_where_other_code_reads_it_first() -> None:
    file = check_compile(BEFORE.format(twice="2 * self.drop"), None, flavour="keras3")
    assert "self.drop = drop" in file.text
