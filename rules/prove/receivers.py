"""What the members of a class are tried on: an array, or what both sides make of one."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np


def _constant(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.constant(array)


def _variable(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.Variable(tf.constant(array))


def _shape(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.TensorShape(array.shape)


def _dtype(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.as_dtype(array.dtype)


def _symbolic(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.keras.KerasTensor(array.shape, str(array.dtype))


def _array(array: np.ndarray) -> Any:
    import jax.numpy as jnp

    return jnp.asarray(array)


def _param(array: np.ndarray) -> Any:
    import jax.numpy as jnp
    from flax import nnx

    return nnx.Param(jnp.asarray(array))


def _scalar_type(array: np.ndarray) -> Any:
    import jax.numpy as jnp

    return getattr(jnp, "bool_" if array.dtype == bool else str(array.dtype))


def _sizes(array: np.ndarray) -> Any:
    return tuple(array.shape)


Make = Callable[[np.ndarray], Any]
RECEIVERS: Mapping[str, tuple[Make, Make]] = MappingProxyType(
    {
        "": (_constant, _array),
        "tf.Tensor": (_constant, _array),
        "tf.Variable": (_variable, _param),
        "tf.TensorShape": (_shape, _sizes),
        "tf.DType": (_dtype, _scalar_type),
        "keras.KerasTensor": (_symbolic, _array),
    }
)
"""By class: the source value and the target value for an array."""
STATIC = ("tf.TensorShape", "tf.DType", "keras.KerasTensor")
"""Not traced: no gradients, nothing under `jax.jit`."""
MUTABLE = ("tf.Variable",)
"""What they hold after the call is part of the result."""
