"""Loops of `call` that find layers and sizes by their counter."""

from __future__ import annotations

import pytest

from tests.harness import check_compile

BEFORE = """
import tensorflow as tf


class Net(tf.keras.Model):
    def __init__(self, widths=(8, 12), **kwargs):
        super().__init__(**kwargs)
        self.widths = widths
        self.dense = []
        for i in range(len(widths)):
            self.dense.append(tf.keras.layers.Dense(widths[i], kernel_initializer="zeros"))

    def call(self, x):
        for stage in range(len(self.widths)):
            x = self.dense[stage](x)
            {before}
        return x
"""
CHAIN = ("features = in_features", "nnx.Linear(features,", "features = widths[i]")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "x = tf.reshape(x, (tf.shape(x)[0], -1, self.widths[stage]))",
            "x = jnp.reshape(x, (x.shape[0], -1, self.widths[stage]))",
        ),
        (
            "x = tf.reshape(x, (tf.shape(x)[0], *x.shape[1:-1], self.widths[stage]))",
            "x = jnp.reshape(x, (x.shape[0], *x.shape[1:-1], self.widths[stage]))",
        ),
    ],
)
def test_each_layer_takes_what_the_one_before_it_gives(before: str, after: str) -> None:
    text = check_compile(BEFORE.format(before=before)).text
    assert all(code in " ".join(text.split()).replace("( ", "(") for code in CHAIN)
    assert after in text


def test_a_size_that_the_loop_does_not_say_is_asked() -> None:
    text = check_compile(BEFORE.format(before="x = tf.reshape(x, (3, -1))")).text
    assert "features = widths[i]" not in text
    assert "def __init__(self, dense_in_features, widths=(8, 12), *" in text


def test_the_last_of_the_sizes_is_known() -> None:
    text = check_compile(
        """
        import tensorflow as tf


        class Head(tf.keras.layers.Layer):
            def __init__(self, widths, **kwargs):
                super().__init__(**kwargs)
                self.widths = widths
                self.dense = tf.keras.layers.Dense(2, kernel_initializer="zeros")

            def call(self, x):
                return self.dense(tf.reshape(x, (tf.shape(x)[0], -1, self.widths[-1])))
        """
    ).text
    assert "nnx.Linear(widths[-1], 2, " in text
