"""Resizing as TensorFlow 1 does it: values and gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tfjax.rules.helpers.corner_resizing import resize_corners

SIZES = [((5, 7), (9, 20)), ((8, 6), (3, 2)), ((1, 20), (1, 160)), ((4, 4), (1, 1))]


@pytest.mark.verify
@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize(("number", "method"), [(0, "bilinear"), (1, "nearest"), (2, "bicubic")])
def test_as_in_tensorflow(number: int, method: str, align_corners: bool) -> None:
    import tensorflow as tf

    draw = np.random.default_rng(0)
    for source, target in SIZES:
        x = tf.constant(draw.normal(size=(2, *source, 3)).astype(np.float32))
        w = draw.normal(size=(2, *target, 3)).astype(np.float32)
        with tf.GradientTape() as tape:
            tape.watch(x)
            expected = tf.compat.v1.image.resize(x, target, number, align_corners)
            total = tf.reduce_sum(expected * w)

        def loss(x: jax.Array, target: tuple[int, int] = target, w: np.ndarray = w) -> jax.Array:
            return jnp.sum(resize_corners(x, target, method, align_corners=align_corners) * w)

        found = resize_corners(jnp.asarray(x), target, number, align_corners=align_corners)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
        gradient = jax.grad(loss)(jnp.asarray(x))
        np.testing.assert_allclose(gradient, tape.gradient(total, x), rtol=1e-4, atol=1e-5)


def test_integers_stay_where_the_size_stays() -> None:
    x = jnp.arange(12).reshape(1, 2, 2, 3)
    assert resize_corners(x, (2, 2)) is x
    assert resize_corners(x, (1, 1)).dtype == jnp.float32
    assert resize_corners(x, (1, 1), "nearest").dtype == x.dtype
