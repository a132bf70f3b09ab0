"""Sizes that nothing tells: parameters, which may be left out where no branch reads them."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_size_that_only_one_branch_reads_is_a_keyword() -> None:
    check_compile(
        """\
import unseen
from tensorflow import keras


class Net(keras.Model):
    def __init__(self, config):
        super().__init__()
        self.config = config
        if config.projects:
            self.projection = keras.layers.Dense(config.size)
        self.head = keras.layers.Dense(3)

    def call(self, x):
        y = self.head(x)
        if self.config.projects:
            y = self.projection(unseen.features(y))
        return y
""",
        """\
import unseen
from flax import nnx


class Net(nnx.Module):
    def __init__(self, in_features, config, *, dense_in_features=None, rngs: nnx.Rngs):
        self.config = config
        if config.projects:
            self.projection = nnx.Linear(
                dense_in_features,
                config.size,
                kernel_init=nnx.initializers.glorot_uniform(),
                rngs=rngs,
            )
        self.head = nnx.Linear(
            in_features, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        y = self.head(x)
        if self.config.projects:
            y = self.projection(unseen.features(y))
        return y
""",
    )


def test_a_size_that_all_branches_read_stays_required() -> None:
    text = check_compile(
        """\
import unseen
from tensorflow import keras


class Net(keras.Model):
    def __init__(self, wide):
        super().__init__()
        if wide:
            self.projection = keras.layers.Dense(9)
        else:
            self.projection = keras.layers.Dense(3)

    def call(self, x):
        return self.projection(unseen.features(x))
"""
    ).text
    assert "def __init__(self, dense_in_features, wide, *, rngs: nnx.Rngs)" in text


def test_one_unknown_size_for_the_layers_of_a_loop_is_a_warning() -> None:
    file = check_compile(
        """
        import tensorflow as tf
        from tensorflow import keras
        from tensorflow.keras import layers


        class Net(keras.Model):
            def __init__(self, units=(4, 8)):
                super().__init__()
                self.first = layers.Dense(4)
                self.blocks = [layers.Dense(u) for u in units]

            def call(self, x, kept):
                x = self.first(tf.boolean_mask(x, kept, axis=1))
                for block in self.blocks:
                    x = block(tf.boolean_mask(x, kept, axis=1))
                return x
        """,
        left=["TJ4008", "TJ4008"],
    )
    found = [(d.code, d.line) for d in file.diagnostics if d.code in ("TJ6008", "TJ6023")]
    assert sorted(found) == [("TJ6008", 10), ("TJ6008", 11), ("TJ6023", 11)]
