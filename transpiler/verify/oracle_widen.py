"""Single precision that a source names is double precision: for the run in double precision.

`tf.float32`, "float32" and float32 of numpy mean float64 while this holds, wherever TensorFlow is
told a dtype: in casts, variables, ranges and constants of plain numbers. What is in single
precision all the same (tensors made before, operations that give nothing else) stays so, and the
run names it.
"""
# pyright: basic

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import context
from tensorflow.python.framework import constant_op, dtypes

_WIDER = {tf.float32: tf.float64, tf.complex64: tf.complex128}
_OF_INPUTS = 3
"""Arguments of a fast execution before the inputs: context, operation, name."""


@contextmanager
def widened_dtypes() -> Generator[None]:
    as_dtype, to_eager = dtypes.as_dtype, constant_op.convert_to_eager_tensor
    fast = pywrap_tfe.TFE_Py_FastPathExecute

    def wide_dtype(value: Any) -> Any:
        return _wider(as_dtype(value))

    def wide_tensor(value: Any, ctx: Any, dtype: Any = None) -> Any:
        if dtype is not None:
            dtype = _wider(as_dtype(dtype))
        elif _of_plain_floats(value):
            dtype = tf.float64
        elif isinstance(value, (np.ndarray, np.generic)):
            found = as_dtype(value.dtype)
            dtype = _wider(found) if found in _WIDER else None
        return to_eager(value, ctx, dtype)

    def wide_fast(*arguments: Any) -> Any:
        given = list(arguments)
        values = given[_OF_INPUTS:]
        if values and isinstance(values[0], float):  # nothing but plain numbers, as far as told
            values[0] = to_eager(values[0], context.context(), tf.float64)
        return fast(*given[:_OF_INPUTS], *map(_wider_attribute, values))

    eager = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    with ExitStack() as stack:
        changes = [
            *((where, "as_dtype", wide_dtype) for where in (dtypes, tf, tf.dtypes)),
            *((where, n.name, wide) for where in (tf, tf.dtypes) for n, wide in _WIDER.items()),
            (constant_op, "convert_to_eager_tensor", wide_tensor),
            (pywrap_tfe, "TFE_Py_FastPathExecute", wide_fast),
        ]
        for where, name, new in changes:
            stack.enter_context(patch.object(where, name, new))
        try:
            yield
        finally:
            tf.config.run_functions_eagerly(eager)


def _wider(dtype: Any) -> Any:
    return _WIDER.get(dtype, dtype)


def _wider_attribute(value: Any) -> Any:
    if isinstance(value, tf.DType):
        return _wider(value)
    if isinstance(value, (list, tuple)) and value and all(isinstance(v, tf.DType) for v in value):
        return [_wider(v) for v in value]
    return value


def _of_plain_floats(value: Any) -> bool:
    """Whether a value is made of Python's numbers, a float among them."""
    if isinstance(value, (list, tuple)):
        return any(_of_plain_floats(v) for v in value)
    return isinstance(value, float) and not isinstance(value, np.generic)
