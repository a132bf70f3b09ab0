"""Randomness disabled in TensorFlow: every dropout mask keeps everything, all noise is the same.

Dropout does not become the identity: what a mask keeps is still scaled by `1 / (1 - rate)`, and the
noise of a noise layer is one standard deviation everywhere. So the rates are compared.
"""
# pyright: basic

from __future__ import annotations

import functools
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
                layer.call = _steady(layer.call)


def _steady(call: Any) -> Any:
    """`call` with every normal number at one standard deviation, and every uniform one at its
    upper end."""
    import tensorflow as tf

    def normal(shape: Any, *_: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any, **__: Any):
        return tf.ones(shape, dtype) * tf.cast(stddev, dtype) + tf.cast(mean, dtype)

    def uniform(shape: Any, *_: Any, maxval: Any = 1.0, dtype: Any, **__: Any):
        return tf.ones(shape, dtype) * tf.cast(1.0 if maxval is None else maxval, dtype)

    functions = {
        "normal": normal,
        "stateless_normal": normal,
        "uniform": uniform,
        "stateless_uniform": uniform,
    }
    spaces = (tf.random, tf.compat.v2.random)

    @functools.wraps(call)  # Keras looks for `training` among the parameters
    def steady(*args: Any, **kwargs: Any) -> Any:
        before = [(space, name, getattr(space, name)) for space in spaces for name in functions]
        for space, name, _ in before:
            setattr(space, name, functions[name])
        try:
            return call(*args, **kwargs)
        finally:
            for space, name, original in before:
                setattr(space, name, original)

    return steady
