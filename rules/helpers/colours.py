"""Colour spaces and adjustments of images, channels last."""

import math

import jax
import jax.numpy as jnp
from jax import lax


def rgb_to_hsv(images: jax.Array) -> jax.Array:
    """tf.image.rgb_to_hsv."""
    red, green, blue = jnp.moveaxis(images, -1, 0)
    value = jnp.max(images, axis=-1)
    spread = value - jnp.min(images, axis=-1)
    saturation = jnp.where(value > 0, spread / jnp.where(value > 0, value, 1), 0)
    scale = 1 / (6 * jnp.where(spread > 0, spread, 1))
    hue = jnp.where(
        red == value,
        scale * (green - blue),
        jnp.where(
            green == value,
            scale * (blue - red) + 2.0 / 6.0,
            scale * (red - green) + 4.0 / 6.0,
        ),
    )
    hue = jnp.where(spread > 0, hue, 0)
    return jnp.stack([jnp.where(hue < 0, hue + 1, hue), saturation, value], axis=-1)


def hsv_to_rgb(images: jax.Array) -> jax.Array:
    """tf.image.hsv_to_rgb."""
    hue, saturation, value = jnp.moveaxis(images, -1, 0)
    sixth = hue * 6
    red = jnp.clip(jnp.abs(sixth - 3) - 1, 0, 1)
    green = jnp.clip(2 - jnp.abs(sixth - 2), 0, 1)
    blue = jnp.clip(2 - jnp.abs(sixth - 4), 0, 1)
    colours = jnp.stack([red, green, blue], axis=-1)
    return (1 - saturation[..., None] * (1 - colours)) * value[..., None]


def adjust_saturation(image: jax.Array, factor: jax.Array | float) -> jax.Array:
    """tf.image.adjust_saturation."""
    hue, saturation, value = jnp.moveaxis(rgb_to_hsv(image), -1, 0)
    return hsv_to_rgb(jnp.stack([hue, jnp.clip(saturation * factor, 0, 1), value], axis=-1))


def adjust_hue(image: jax.Array, delta: jax.Array | float) -> jax.Array:
    """tf.image.adjust_hue."""
    hue, saturation, value = jnp.moveaxis(rgb_to_hsv(image), -1, 0)
    return hsv_to_rgb(jnp.stack([jnp.mod(hue + delta, 1), saturation, value], axis=-1))


def adjust_contrast(images: jax.Array, factor: jax.Array | float) -> jax.Array:
    """tf.image.adjust_contrast: the distance from each channel's mean scaled."""
    mean = jnp.mean(images, axis=(-3, -2), keepdims=True)
    return (images - mean) * factor + mean


def per_image_standardization(image: jax.Array) -> jax.Array:
    """tf.image.per_image_standardization: mean 0, deviation 1, unless the image is constant."""
    image = image.astype(jnp.float32)
    axes = (-3, -2, -1)
    deviation = jnp.std(image, axis=axes, keepdims=True)
    least = 1 / math.sqrt(math.prod(image.shape[-3:]))
    return (image - jnp.mean(image, axis=axes, keepdims=True)) / jnp.maximum(deviation, least)


def sobel_edges(image: jax.Array) -> jax.Array:
    """tf.image.sobel_edges: (B, H, W, C) -> (B, H, W, C, 2), the vertical and horizontal slopes."""
    padded = jnp.pad(image, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    across = padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]
    down = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return jnp.stack([across[:, 2:] - across[:, :-2], down[:, :, 2:] - down[:, :, :-2]], axis=-1)


def ssim(
    first: jax.Array,
    second: jax.Array,
    max_val: float,
    *,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> jax.Array:
    """tf.image.ssim: structural similarity of (*B, H, W, C) images, one number an image."""
    place = jnp.arange(filter_size) - (filter_size - 1) / 2
    weights = jax.nn.softmax(-0.5 * jnp.square(place / filter_sigma))

    def blur(x: jax.Array) -> jax.Array:
        shape = x.shape
        x = x.reshape(-1, *shape[-3:])
        kernel = jnp.broadcast_to(weights[:, None, None, None], (filter_size, 1, 1, shape[-1]))
        for spatial in (kernel, kernel.swapaxes(0, 1)):
            x = lax.conv_general_dilated(
                x,
                spatial.astype(x.dtype),
                (1, 1),
                "VALID",
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
                feature_group_count=shape[-1],
                precision=lax.Precision.HIGHEST,
            )
        return x.reshape(*shape[:-3], *x.shape[1:])

    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean1, mean2 = blur(first), blur(second)
    product = mean1 * mean2
    squares = jnp.square(mean1) + jnp.square(mean2)
    luminance = (2 * product + c1) / (squares + c1)
    spread = blur(jnp.square(first) + jnp.square(second))
    contrast = (2 * (blur(first * second) - product) + c2) / (spread - squares + c2)
    return jnp.mean(luminance * contrast, axis=(-3, -2, -1))
