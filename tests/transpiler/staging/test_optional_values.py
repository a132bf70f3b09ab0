"""Values that may be None or no tensor; registrations with Keras."""

from __future__ import annotations

from tests.harness import check_compile


def test_arguments_that_may_be_none() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


def unpacked(function):
    def wrapper(self, *args, **kwargs):
        config = args[0] if args else kwargs.pop("config", None)
        if isinstance(config, dict):
            config = config["value"]
        return function(self, config, **kwargs)

    return wrapper


class Attention(keras.layers.Layer):
    def __init__(self, heads, size, pool=True, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads
        self.size = size
        self.pooler = keras.layers.Dense(size) if pool else None

    def call(self, x, mask):
        size = tf.cast(int(self.size / self.heads), dtype=tf.int32)
        y = tf.reshape(x, (-1, self.heads, size))
        if mask is not None:
            y = y * mask
        return self.pooler(x) if self.pooler is not None else y
""",
        """\
import jax.numpy as jnp
from flax import nnx


def unpacked(function):
    def wrapper(self, *args, **kwargs):
        config = args[0] if args else kwargs.pop("config", None)
        if isinstance(config, dict):
            config = config["value"]
        return function(self, config, **kwargs)

    return wrapper


class Attention(nnx.Module):
    def __init__(self, x_features, heads, size, pool=True, *, rngs: nnx.Rngs):
        self.heads = heads
        self.size = size
        self.pooler = (
            nnx.Linear(x_features, size, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)
            if pool
            else None
        )

    def __call__(self, x, mask):
        size = int(self.size / self.heads)
        y = jnp.reshape(x, (-1, self.heads, size))
        if mask is not None:
            y = y * mask
        return self.pooler(x) if self.pooler is not None else y
""",
    )


def test_a_decorator_that_registers_a_class() -> None:
    check_compile(
        """
import functools
from tensorflow import keras


def serializable(cls):
    initializer = cls.__init__

    @functools.wraps(initializer)
    def wrapped(self, *args, **kwargs):
        initializer(self, *args, **kwargs)
        self._kwargs = kwargs

    cls.__init__ = wrapped
    if hasattr(keras.utils, "register_keras_serializable"):
        cls = keras.utils.register_keras_serializable()(cls)
    return cls


@serializable
class Scale(keras.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor
""",
        """\
from flax import nnx


class Scale(nnx.Module):
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return x * self.factor
""",
    )


def test_an_input_that_may_come_in_a_dict() -> None:
    file = check_compile(
        """
        from tensorflow import keras


        class Net(keras.layers.Layer):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.dense = keras.layers.Dense(4)

            def call(self, x):
                if isinstance(x, dict):
                    x = x["x"]
                return self.dense(x)
        """
    )
    assert "def __init__(self, in_features, *, rngs: nnx.Rngs):" in file.text
    assert "return self.dense(x)" in file.text


def test_lambdas_that_ask_what_their_argument_is() -> None:
    file = check_compile(
        """
import tensorflow as tf


def whole(sizes, x):
    if not all(map(lambda v: isinstance(v, int), sizes)):
        raise ValueError("sizes")
    first = list(filter(lambda v: v is not None, sizes))
    return tf.reduce_sum(x), first
"""
    )
    assert "map(lambda v: isinstance(v, int), sizes)" in file.text
    assert "filter(lambda v: v is not None, sizes)" in file.text


def test_what_may_be_none_beside_a_tensor_keeps_its_test() -> None:
    check_compile(
        """
from tensorflow import keras


class Net(keras.layers.Layer):
    def call(self, x, keep=False):
        kept = () if keep else None
        if keep:
            kept = kept + (x,)
        return tuple(v for v in [x, kept] if v is not None)
""",
        """\
from flax import nnx


class Net(nnx.Module):
    def __call__(self, x, keep=False):
        kept = () if keep else None
        if keep:
            kept = kept + (x,)
        return tuple(v for v in [x, kept] if v is not None)
""",
    )


def test_what_is_changed_where_it_is_there_may_be_none_still() -> None:
    check_compile(
        """
import tensorflow as tf
from tensorflow import keras


class Net(keras.layers.Layer):
    def call(self, x, labels=None):
        if labels is not None:
            labels = tf.maximum(labels, 0.0)
        return None if labels is None else x - labels
""",
        """\
import jax.numpy as jnp
from flax import nnx


class Net(nnx.Module):
    def __call__(self, x, labels=None):
        if labels is not None:
            labels = jnp.maximum(labels, 0.0)
        return None if labels is None else x - labels
""",
    )


def test_a_dict_that_may_be_none() -> None:
    check_compile(
        """\
        import tensorflow as tf
        from tensorflow import keras


        class Attn(keras.layers.Layer):
            def __init__(self, dim, **kwargs):
                super().__init__(**kwargs)
                self.dense = keras.layers.Dense(dim)

            def call(self, x, cache):
                length = tf.shape(x)[1] if cache is None else cache["length"] + tf.shape(x)[1]
                y = self.dense(x)
                if cache is not None:
                    y = y + cache["value"]
                return y, length
        """,
        """\
        from flax import nnx


        class Attn(nnx.Module):
            def __init__(self, x_features, dim, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    x_features, dim, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x, cache):
                length = x.shape[1] if cache is None else cache["length"] + x.shape[1]
                y = self.dense(x)
                if cache is not None:
                    y = y + cache["value"]
                return y, length
        """,
    )
