"""Keras' random augmentation of images. Like `nnx.Dropout` it follows `.train()` and `.eval()`."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx


def _augmentation_range(factor: Any) -> tuple[float, float]:
    """A number stands for the range around zero."""
    return tuple(factor) if isinstance(factor, (tuple, list)) else (-factor, factor)


class Augmentation(nnx.Module):
    """Images (batch, height, width, channels), each with a key of its own, in training."""

    def __init__(self, *, deterministic: bool = False, rngs: nnx.Rngs) -> None:
        self.deterministic = deterministic
        self.rngs = rngs.dropout.fork()

    def augment(self, key: jax.Array, image: jax.Array) -> jax.Array:
        raise NotImplementedError

    def __call__(self, x: jax.Array, deterministic: bool | None = None) -> jax.Array:
        x = x if jnp.issubdtype(x.dtype, jnp.floating) else x.astype(jnp.float32)
        if self.deterministic if deterministic is None else deterministic:
            return x
        return jax.vmap(self.augment)(jax.random.split(self.rngs(), x.shape[0]), x)


class RandomFlip(Augmentation):
    """`keras.layers.RandomFlip`: along each axis that the mode names, half of the images."""

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        *,
        deterministic: bool = False,
        rngs: nnx.Rngs,
    ) -> None:
        super().__init__(deterministic=deterministic, rngs=rngs)
        self.mode = mode

    def augment(self, key: jax.Array, image: jax.Array) -> jax.Array:
        over, down = jax.random.bernoulli(key, shape=(2,))
        if "horizontal" in self.mode:
            image = jnp.where(over, image[:, ::-1], image)
        if "vertical" in self.mode:
            image = jnp.where(down, image[::-1], image)
        return image


class RandomContrast(Augmentation):
    """`keras.layers.RandomContrast`: the distances from the mean of each channel times 1 - lower
    to 1 + upper."""

    def __init__(
        self,
        factor: Any,
        value_range: tuple[float, float] = (0, 255),
        *,
        deterministic: bool = False,
        rngs: nnx.Rngs,
    ) -> None:
        super().__init__(deterministic=deterministic, rngs=rngs)
        self.lower, self.upper = factor if isinstance(factor, (tuple, list)) else (factor, factor)
        self.value_range = value_range

    def augment(self, key: jax.Array, image: jax.Array) -> jax.Array:
        scale = jax.random.uniform(key, minval=1 - self.lower, maxval=1 + self.upper)
        mean = jnp.mean(image, axis=(0, 1), keepdims=True)
        return jnp.clip((image - mean) * scale + mean, *self.value_range)


class RandomBrightness(Augmentation):
    """`keras.layers.RandomBrightness`: adds a share of the range of values."""

    def __init__(
        self,
        factor: Any,
        value_range: tuple[float, float] = (0, 255),
        *,
        deterministic: bool = False,
        rngs: nnx.Rngs,
    ) -> None:
        super().__init__(deterministic=deterministic, rngs=rngs)
        self.factor = _augmentation_range(factor)
        self.value_range = value_range

    def augment(self, key: jax.Array, image: jax.Array) -> jax.Array:
        low, high = self.value_range
        share = jax.random.uniform(key, minval=self.factor[0], maxval=self.factor[1])
        return jnp.clip(image + share * (high - low), low, high)


class Resampling(Augmentation):
    """Augmentation that moves pixels; what lies outside is filled by `fill_mode`."""

    def __init__(
        self,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        *,
        deterministic: bool = False,
        rngs: nnx.Rngs,
    ) -> None:
        super().__init__(deterministic=deterministic, rngs=rngs)
        self.fill_mode, self.interpolation, self.fill_value = fill_mode, interpolation, fill_value

    def transform(self, key: jax.Array, size: jax.Array) -> tuple[jax.Array, jax.Array]:
        """A matrix and an offset: where a pixel comes from, counted from the centre."""
        raise NotImplementedError

    def augment(self, key: jax.Array, image: jax.Array) -> jax.Array:
        size = jnp.asarray(image.shape[:2], jnp.float32)
        matrix, offset = self.transform(key, size)
        grid = jnp.stack(jnp.meshgrid(*(jnp.arange(n) for n in image.shape[:2]), indexing="ij"))
        centre = (size[:, None, None] - 1) / 2
        places = jnp.tensordot(matrix, grid - centre, axes=1) + centre + offset[:, None, None]
        order = 0 if self.interpolation == "nearest" else 1

        def sampled(channel: jax.Array) -> jax.Array:
            return jax.scipy.ndimage.map_coordinates(
                channel, list(places), order, mode=self.fill_mode, cval=self.fill_value
            )

        return jax.vmap(sampled, in_axes=-1, out_axes=-1)(image)


class RandomRotation(Resampling):
    """`keras.layers.RandomRotation`: by a share of a full turn, around the centre."""

    def __init__(self, factor: Any, **options: Any) -> None:
        super().__init__(**options)
        self.factor = _augmentation_range(factor)

    def transform(self, key: jax.Array, size: jax.Array) -> tuple[jax.Array, jax.Array]:
        low, high = self.factor
        angle = 2 * jnp.pi * jax.random.uniform(key, minval=low, maxval=high)
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        return jnp.array([[cos, sin], [-sin, cos]]), jnp.zeros(2)


class RandomTranslation(Resampling):
    """`keras.layers.RandomTranslation`: by shares of height and width."""

    def __init__(self, height_factor: Any, width_factor: Any, **options: Any) -> None:
        super().__init__(**options)
        self.factors = (_augmentation_range(height_factor), _augmentation_range(width_factor))

    def transform(self, key: jax.Array, size: jax.Array) -> tuple[jax.Array, jax.Array]:
        low, high = jnp.array(self.factors).T
        return jnp.eye(2), -size * jax.random.uniform(key, (2,), minval=low, maxval=high)


class RandomZoom(Resampling):
    """`keras.layers.RandomZoom`: positive factors zoom out. Without a factor for the width the
    proportions stay."""

    def __init__(self, height_factor: Any, width_factor: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self.is_proportional = width_factor is None
        width_factor = height_factor if width_factor is None else width_factor
        self.factors = (_augmentation_range(height_factor), _augmentation_range(width_factor))

    def transform(self, key: jax.Array, size: jax.Array) -> tuple[jax.Array, jax.Array]:
        low, high = jnp.array(self.factors).T
        zoom = 1 + jax.random.uniform(key, (2,), minval=low, maxval=high)
        return jnp.diag(zoom[:1].repeat(2) if self.is_proportional else zoom), jnp.zeros(2)
