"""Randomness disabled in TensorFlow: every dropout mask keeps everything, no noise is added.

Dropout does not become the identity: what a mask keeps is still scaled by `1 / (1 - rate)`, and so
the rates are compared.
"""
# pyright: basic

from __future__ import annotations

from typing import Any

NOISE_LAYERS = ("AlphaDropout", "GaussianDropout", "GaussianNoise")


def disable(keras_modules: tuple[Any, ...]) -> None:
    """All of TensorFlow's dropout functions, through which the Keras layers go too, and the noise
    layers. Called before the source is imported."""
    import tensorflow as tf
    from tensorflow.python.ops import nn_ops  # the one implementation of every tf.nn dropout

    original = nn_ops._dropout

    def keeping(x: Any, rate: Any, noise_shape: Any, uniform_sampler: Any, *rest: Any, **more: Any):
        def ones(shape: Any, dtype: Any) -> Any:
            return tf.ones(shape, dtype)

        return original(x, rate, noise_shape, ones, *rest, **more)

    nn_ops._dropout = keeping
    for keras in keras_modules:
        for name in NOISE_LAYERS:
            layer = getattr(keras.layers, name, None)
            if layer is not None:
                layer.call = _identity


def _identity(self: Any, inputs: Any, training: Any = None) -> Any:
    return inputs
