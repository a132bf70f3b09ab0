"""Builtins whose answer is known when the model is compiled."""

from __future__ import annotations

from tests.harness import check_compile


def test_code_for_strategies_other_than_the_default_one() -> None:
    check_compile(
        """
import tensorflow as tf


def along_last_axis(x, indices):
    if isinstance(tf.distribute.get_strategy(), tf.distribute.TPUStrategy):
        table = tf.one_hot(indices, depth=x.shape[-1], dtype=x.dtype)
        gathered = tf.einsum("ijkl,ijl->ijk", table, x)
    else:
        gathered = tf.gather(x, indices, axis=-1)
    return gathered
""",
        """\
import jax.numpy as jnp


def along_last_axis(x, indices):
    gathered = jnp.take(x, indices, axis=-1)
    return gathered
""",
    )


def test_members_that_keras_keeps_to_itself() -> None:
    check_compile(
        """
import keras


class Block(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(4, use_bias=False)
        if hasattr(self.dense, "_enable_lora"):
            raise ValueError("too new")
        self.public = hasattr(self.dense, "kernel")

    def call(self, x):
        return self.dense(x)
""",
        """\
from flax import nnx


class Block(nnx.Module):
    def __init__(self, in_features, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, 4, use_bias=False, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.public = hasattr(self.dense, "kernel")

    def __call__(self, x):
        return self.dense(x)
""",
    )


def test_what_the_library_has() -> None:
    check_compile(
        """
import keras


def has_flash_attention():
    return hasattr(keras.config, "is_flash_attention_enabled")


def newest():
    if hasattr(keras.ops, "no_such_function"):
        return keras.ops.no_such_function
    return None
""",
        """\
def has_flash_attention():
    return True


def newest():
    return None
""",
    )


def test_an_annotation_may_promise_too_much() -> None:
    check_compile(
        """\
        import tensorflow as tf
        from tensorflow import keras


        class Up(keras.layers.Layer):
            def __init__(self, dim: int, ratio: int, **kwargs):
                super().__init__(**kwargs)
                self.dense = keras.layers.Dense(int(dim * ratio))

            def call(self, x):
                return self.dense(x)


        class Block(keras.layers.Layer):
            def __init__(self, dim: int, ratio: float, **kwargs):
                super().__init__(**kwargs)
                self.up = Up(dim, ratio)
                self.down = keras.layers.Dense(dim)

            def call(self, x):
                return self.down(self.up(x))
        """,
        """\
from flax import nnx


class Up(nnx.Module):
    def __init__(self, in_features, dim: int, ratio: int, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, int(dim * ratio), kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.dense(x)


class Block(nnx.Module):
    def __init__(self, in_features, dim: int, ratio: float, *, rngs: nnx.Rngs):
        self.up = Up(in_features, dim, ratio, rngs=rngs)
        self.down = nnx.Linear(
            int(dim * ratio), dim, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.down(self.up(x))
""",
    )
