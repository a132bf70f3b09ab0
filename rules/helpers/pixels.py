"""The `preprocess_input` functions of `keras.applications`."""

import jax
import jax.numpy as jnp


def _pixels_as_floats(x: jax.Array) -> jax.Array:
    return jnp.asarray(x, dtype=jnp.result_type(float, x))


def scale_pixels(x: jax.Array) -> jax.Array:
    """Pixels 0..255 as -1..1, floats."""
    return _pixels_as_floats(x) / 127.5 - 1


def centre_pixels(x: jax.Array) -> jax.Array:
    """Pixels RGB 0..255 as BGR less the mean of ImageNet, floats; channels last."""
    x = _pixels_as_floats(x)
    return x[..., ::-1] - jnp.array([103.939, 116.779, 123.68], dtype=x.dtype)


def normalize_pixels(x: jax.Array) -> jax.Array:
    """Pixels 0..255 as floats of mean 0 and variance 1 over ImageNet; channels last."""
    x = _pixels_as_floats(x)
    mean = jnp.array([0.485, 0.456, 0.406], dtype=x.dtype)
    deviation = jnp.array([0.229, 0.224, 0.225], dtype=x.dtype)
    return (x / 255 - mean) / deviation
