"""Members of dtypes, name scopes that are kept, types of TensorFlow inside those of `typing`."""

from __future__ import annotations

from tests.harness import check_compile


def test_members_of_dtypes() -> None:
    check_compile(
        """
import tensorflow as tf
from typing import Union

Like = Union[int, tf.Tensor, tf.Variable, tf.TensorShape]


def floating(dtype: tf.DType) -> tf.DType:
    dtype = tf.as_dtype(dtype)
    if dtype.is_floating:
        return dtype
    raise ValueError(dtype)


def size(dtype: tf.DType):
    return dtype.size, dtype.name


def scaled(x):
    if x.dtype.is_integer:
        return x / x.dtype.max
    return x
""",
        """\
from typing import Union

import jax
import jax.numpy as jnp
from flax import nnx

from tf_compat import dtype_limits

Like = Union[int, jax.Array, nnx.Variable, tuple]


def floating(dtype: jax.typing.DTypeLike) -> jax.typing.DTypeLike:
    dtype = jnp.dtype(dtype)
    if jnp.issubdtype(dtype, jnp.floating):
        return dtype
    raise ValueError(dtype)


def size(dtype: jax.typing.DTypeLike):
    return jnp.dtype(dtype).itemsize, jnp.dtype(dtype).name


def scaled(x):
    if jnp.issubdtype(x.dtype, jnp.integer):
        return x / dtype_limits(x.dtype).max
    return x
""",
    )


def test_a_name_scope_that_is_kept() -> None:
    check_compile(
        """
import tensorflow as tf


class Base(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.scope = self.name_scope
        self.scope.__enter__()
""",
        """\
import contextlib

from flax import nnx


class Base(nnx.Module):
    def __init__(self):
        self.scope = contextlib.nullcontext()
        self.scope.__enter__()
""",
    )


def test_the_name_of_pythons_integers() -> None:
    check_compile(
        """
from keras import ops


def positions(length):
    return ops.cast(ops.arange(length, dtype="float32"), dtype="int")
""",
        """\
import jax.numpy as jnp


def positions(length):
    return jnp.arange(length, dtype=jnp.float32).astype(jnp.int64)
""",
    )
