"""Randomness disabled in TensorFlow: every dropout mask keeps everything, all noise is the same.

Dropout does not become the identity: what a mask keeps is still scaled by `1 / (1 - rate)`, and the
noise of a noise layer is one standard deviation everywhere. So the rates are compared. What the
program draws itself is replaced, see `draws.py`.
"""
# pyright: basic

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .draws import Kind, drawn

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


def replace_draws() -> None:
    """Every float that TensorFlow draws is one of `draws.py`: all of its functions, and those of
    Keras, come down to these operations. Called when the model has its variables."""
    from tensorflow.python.ops import gen_random_ops, gen_stateless_random_ops_v2

    kinds: dict[str, Kind] = {
        "random_standard_normal": "normal",
        "random_uniform": "uniform",
        "truncated_normal": "truncated",
        "stateless_random_normal_v2": "normal",
        "stateless_random_uniform_v2": "uniform",
        "stateless_truncated_normal_v2": "truncated",
    }
    for module in (gen_random_ops, gen_stateless_random_ops_v2):
        for name, kind in kinds.items():
            if hasattr(module, name):
                setattr(module, name, _replaced(getattr(module, name), kind))


def _replaced(original: Callable[..., Any], kind: Kind) -> Callable[..., Any]:
    import tensorflow as tf

    signature = inspect.signature(original)

    def draw(*args: Any, **more: Any) -> Any:
        given = signature.bind(*args, **more)
        given.apply_defaults()
        sizes = tf.get_static_value(given.arguments["shape"])
        if sizes is None:  # a size that only a run tells, inside of a tf.function
            return original(*args, **more)
        return tf.constant(drawn(kind, sizes), given.arguments["dtype"])

    return draw
