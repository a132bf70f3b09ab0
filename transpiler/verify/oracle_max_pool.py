"""The gradient of max pooling over volumes, as TensorFlow has it for images and on a GPU.

On a CPU, TensorFlow's `MaxPool3DGrad` passes the gradient of a window to every value within 1e-5 of
its largest, as often as there are such values: after a ReLU, whose zeros are equal, that is a
multiple of the gradient. The rule of the layer has it as a caveat. JAX, and TensorFlow's own
`MaxPoolGrad`, pass it to the first of the largest.
"""
# pyright: basic

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

_OPERATION = "MaxPool3D"


@dataclass
class FirstOfEquals:
    """`met`: whether the gradient of such a pooling was asked for."""

    met: bool = False

    @property
    def notes(self) -> list[str]:
        text = "gradients of 3-D max pooling go to the first of equal values (TensorFlow: to all)"
        return [text] if self.met else []


def pass_to_the_first() -> FirstOfEquals:
    """Called before the source is imported."""
    from tensorflow.python.framework import ops

    found = FirstOfEquals()

    def gradient(operation: Any, upstream: Any) -> Any:
        found.met = True
        return _gradient(operation, upstream)

    known = ops.gradient_registry._registry
    known[_OPERATION] = known[_OPERATION] | {"type": gradient}
    return found


def _gradient(operation: Any, upstream: Any) -> Any:
    """Of `(N, D, H, W, C)`, the only layout that a CPU takes; a window is read row by row."""
    import tensorflow as tf

    value, largest = operation.inputs[0], operation.outputs[0]
    window, strides = (list(operation.get_attr(name))[1:4] for name in ("ksize", "strides"))
    counts = tf.shape(largest)[1:4]
    needed = (counts - 1) * strides + window
    spare = tf.maximum(needed - tf.shape(value)[1:4], 0)
    before = spare // 2  # of `SAME`; `VALID` has none to spare
    around = tf.concat([[[0, 0]], tf.stack([before, spare - before], 1), [[0, 0]]], 0)
    padded = tf.pad(value, around, constant_values=value.dtype.min)
    shape, steps = tf.shape(padded), [1, *strides, 1]
    total = tf.zeros_like(padded)
    taken = tf.zeros_like(largest, tf.bool)
    for offset in itertools.product(*map(range, window)):
        begin = tf.concat([[0], list(offset), [0]], 0)
        stop = tf.concat(
            [tf.shape(padded)[:1], offset + (counts - 1) * strides + 1, tf.shape(padded)[4:]], 0
        )
        steps = [1, *strides, 1]
        here = (tf.strided_slice(padded, begin, stop, steps) == largest) & ~taken
        taken |= here
        part = tf.where(here, upstream, tf.zeros_like(upstream))
        total += tf.raw_ops.StridedSliceGrad(
            shape=shape, begin=begin, end=stop, strides=steps, dy=part
        )
    return tf.slice(total, tf.concat([[0], before, [0]], 0), tf.shape(value))
