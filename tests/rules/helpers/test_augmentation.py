"""Random augmentation in training: against Keras where the range leaves no choice."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from tfjax.rules.helpers import augmentation

IMAGES = np.random.default_rng(0).uniform(0, 255, (2, 6, 8, 3)).astype(np.float32)
CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("RandomRotation", ((0.07, 0.07),), {}),
    ("RandomRotation", ((0.25, 0.25),), {"fill_mode": "nearest"}),
    ("RandomRotation", ((-0.1, -0.1),), {"fill_mode": "constant", "fill_value": 7.0}),
    ("RandomTranslation", ((0.2, 0.2), (-0.3, -0.3)), {}),
    ("RandomTranslation", ((0.5, 0.5), (0.25, 0.25)), {"fill_mode": "constant"}),
    ("RandomZoom", ((0.3, 0.3),), {}),
    ("RandomZoom", ((-0.3, -0.3), (0.2, 0.2)), {"fill_mode": "nearest"}),
    ("RandomBrightness", ((0.1, 0.1),), {}),
    ("RandomBrightness", ((-0.4, -0.4),), {"value_range": (0, 255)}),
]


@pytest.mark.verify
@pytest.mark.parametrize(("name", "arguments", "options"), CASES)
def test_as_in_keras(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    import keras

    expected = np.asarray(getattr(keras.layers, name)(*arguments, **options)(IMAGES, training=True))
    layer = getattr(augmentation, name)(*arguments, **options, rngs=nnx.Rngs(0))
    found = np.asarray(layer(jnp.asarray(IMAGES)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-2)


def test_flips_are_flips_and_eval_leaves_images_alone() -> None:
    layer = augmentation.RandomFlip("horizontal", rngs=nnx.Rngs(0))
    images = jnp.asarray(np.repeat(IMAGES[:1], 40, axis=0))
    found = np.asarray(layer(images))
    flipped = [np.array_equal(image, IMAGES[0][:, ::-1]) for image in found]
    assert 8 < sum(flipped) < 32
    assert all(
        np.array_equal(image, IMAGES[0]) for image, f in zip(found, flipped, strict=True) if not f
    )
    layer.eval()
    assert layer(images) is images


def test_contrast_keeps_the_mean() -> None:
    layer = augmentation.RandomContrast(0.5, value_range=(-1e6, 1e6), rngs=nnx.Rngs(0))
    found = np.asarray(layer(jnp.asarray(IMAGES)))
    np.testing.assert_allclose(found.mean((1, 2)), IMAGES.mean((1, 2)), rtol=1e-4)
    ratio = found.std((1, 2)) / IMAGES.std((1, 2))
    assert np.all((ratio >= 0.5) & (ratio <= 1.5)) and not np.allclose(ratio[0], ratio[1])
