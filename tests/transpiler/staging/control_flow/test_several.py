"""Loops over modules that the constructor makes one by one."""

from __future__ import annotations

import pytest

from tests.harness import check_compile

SOURCE = """
import tensorflow as tf
from tensorflow import keras


class Narrow(keras.layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(width)

    def call(self, x, training=None):
        return self.dense(x)


class Wide(keras.layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.inner = keras.layers.Dense(4 * width)
        self.drop = keras.layers.Dropout(0.1)

    def call(self, x, training=None):
        return self.drop(self.inner(x), training=training)


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = Narrow(3)
        self.stages = [Narrow(5), Wide(2), Narrow(7)]
        self.head = keras.layers.Dense(2)

    def call(self, x, training=None):
        x = self.first(x)
CODE
        return self.head(x)
"""


@pytest.mark.parametrize(
    ("loop", "after"),
    [
        (
            "for stage in self.stages:\n            x = stage(x, training=training)",
            "for stage in self.stages:\n            x = stage(x)",
        ),
        (
            "for i, stage in enumerate(self.stages):\n            x = stage(x, training)",
            "for i, stage in enumerate(self.stages):\n            x = stage(x)",
        ),
        (
            "for i in range(len(self.stages)):\n            x = self.stages[i](x)",
            "for i in range(len(self.stages)):\n            x = self.stages[i](x)",
        ),
    ],
)
def test_each_gets_the_size_that_it_meets(loop: str, after: str) -> None:
    text = check_compile(SOURCE.replace("CODE", f"        {loop}")).text
    net = text[text.index("class Net") :]
    assert after in net
    assert "[Narrow(3, 5, rngs=rngs), Wide(5, 2, rngs=rngs), Narrow(8, 7, rngs=rngs)]" in net
    assert "nnx.Linear(7, 2" in net


def test_modules_side_by_side_get_the_same_size() -> None:
    code = "        x = tf.concat([stage(x) for stage in self.stages], axis=-1)"
    text = check_compile(SOURCE.replace("CODE", code)).text
    assert "[Narrow(3, 5, rngs=rngs), Wide(3, 2, rngs=rngs), Narrow(3, 7, rngs=rngs)]" in text
    assert "nnx.Linear(20, 2" in text
