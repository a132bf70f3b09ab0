"""Throws away what the frameworks keep: compiled programs, graphs of Keras, kernels."""
# pyright: basic

from __future__ import annotations

import gc
import sys
from typing import Any


def forget() -> None:
    """A process that proves one symbol after the other would grow by gigabytes otherwise."""
    import jax
    import tensorflow as tf
    from tensorflow.python.eager import context

    for keras in (tf.keras, sys.modules.get("tf_keras")):
        if keras is not None:
            keras.backend.clear_session()
    jax.clear_caches()
    current: Any = context.context()
    current.clear_kernel_cache()
    gc.collect()
