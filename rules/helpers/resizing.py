"""Image resizing and cropping as TensorFlow does it."""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax


def resize(
    images: jax.Array, size: Sequence[int], method: str = "bilinear", *, antialias: bool = False
) -> jax.Array:
    """tf.image.resize: (*B, H, W, C) -> (*B, *size, C), in float32 unless `method` is "nearest"."""
    shape = (*images.shape[:-3], size[0], size[1], images.shape[-1])
    if method == "nearest":
        return jax.image.resize(images, shape, method)
    images = images.astype(jnp.float32)
    if method == "area":
        rows = _resizing_area(images.shape[-3], shape[-3])
        columns = _resizing_area(images.shape[-2], shape[-2])
        return jnp.einsum("...hwc,ih,jw->...ijc", images, rows, columns)
    return jax.image.resize(images, shape, method, antialias=antialias)


def crop_and_resize(
    image: jax.Array,
    boxes: jax.Array,
    box_indices: jax.Array,
    crop_size: Sequence[int],
    *,
    method: str = "bilinear",
    extrapolation_value: float = 0.0,
) -> jax.Array:
    """tf.image.crop_and_resize: (B, H, W, C) and boxes (N, 4) -> (N, *crop_size, C)."""
    image = image.astype(jnp.float32)
    height, width = image.shape[1:3]

    def places(start: jax.Array, end: jax.Array, size: int, count: int) -> jax.Array:
        if count == 1:
            return 0.5 * (start + end)[None] * (size - 1)
        step = (end - start) * (size - 1) / (count - 1)
        return start * (size - 1) + jnp.arange(count) * step

    def one(box: jax.Array, index: jax.Array) -> jax.Array:
        rows = places(box[0], box[2], height, crop_size[0])
        columns = places(box[1], box[3], width, crop_size[1])
        source = image[index]

        def pick(r: jax.Array, c: jax.Array) -> jax.Array:
            r = jnp.clip(r.astype(jnp.int32), 0, height - 1)
            c = jnp.clip(c.astype(jnp.int32), 0, width - 1)
            return source[r[:, None], c[None, :]]

        if method == "nearest":
            crop = pick(jnp.floor(rows + 0.5), jnp.floor(columns + 0.5))
        else:
            top, left = jnp.floor(rows), jnp.floor(columns)
            bottom, right = jnp.ceil(rows), jnp.ceil(columns)
            across, down = (columns - left)[None, :, None], (rows - top)[:, None, None]
            above = pick(top, left) * (1 - across) + pick(top, right) * across
            below = pick(bottom, left) * (1 - across) + pick(bottom, right) * across
            crop = above * (1 - down) + below * down
        inside = ((rows >= 0) & (rows <= height - 1))[:, None] & (
            (columns >= 0) & (columns <= width - 1)
        )
        return jnp.where(inside[:, :, None], crop, extrapolation_value)

    return jax.vmap(one)(boxes, box_indices)


def pad_to_bounding_box(
    image: jax.Array, top: int, left: int, height: int, width: int
) -> jax.Array:
    """tf.image.pad_to_bounding_box: the image at (top, left) among zeros."""
    below, right = height - image.shape[-3] - top, width - image.shape[-2] - left
    pads = [(0, 0)] * (image.ndim - 3) + [(top, below), (left, right), (0, 0)]
    return jnp.pad(image, pads)


def central_crop(image: jax.Array, fraction: float) -> jax.Array:
    """tf.image.central_crop: the middle `fraction` of the height and of the width."""
    height, width = image.shape[-3:-1]
    top = int((height - height * fraction) / 2)
    left = int((width - width * fraction) / 2)
    return image[..., top : height - top, left : width - left, :]


def resize_with_crop_or_pad(image: jax.Array, height: int, width: int) -> jax.Array:
    """tf.image.resize_with_crop_or_pad: cropped or padded evenly to (height, width)."""
    down, across = height - image.shape[-3], width - image.shape[-2]
    top, left = max(-down // 2, 0), max(-across // 2, 0)
    image = image[..., top : top + height, left : left + width, :]
    return pad_to_bounding_box(image, max(down // 2, 0), max(across // 2, 0), height, width)


def resize_with_pad(
    image: jax.Array,
    height: int,
    width: int,
    method: str = "bilinear",
    *,
    antialias: bool = False,
) -> jax.Array:
    """tf.image.resize_with_pad: resized without distortion, then padded to (height, width)."""
    ratio = max(image.shape[-2] / width, image.shape[-3] / height)
    rows, columns = image.shape[-3] / ratio, image.shape[-2] / ratio
    size = (math.floor(rows), math.floor(columns))
    top = max(0, math.floor((height - rows) / 2))
    left = max(0, math.floor((width - columns) / 2))
    image = resize(image, size, method, antialias=antialias)
    return pad_to_bounding_box(image, top, left, height, width)


def random_crop(key: jax.Array, value: jax.Array, size: Sequence[int]) -> jax.Array:
    """tf.image.random_crop: a block of `size` at a random place."""
    room = jnp.array(value.shape) - jnp.array(size) + 1
    start = jax.random.randint(key, (value.ndim,), 0, room)
    return lax.dynamic_slice(value, start, size)


def non_max_suppression(
    boxes: jax.Array,
    scores: jax.Array,
    max_output_size: int,
    *,
    iou_threshold: float = 0.5,
    score_threshold: float = -math.inf,
) -> jax.Array:
    """tf.image.non_max_suppression: the indices kept, best first. Not under jit.

    boxes (N, 4) as y1, x1, y2, x2; scores (N,).
    """
    low, high = jnp.minimum(boxes[:, :2], boxes[:, 2:]), jnp.maximum(boxes[:, :2], boxes[:, 2:])
    area = jnp.prod(high - low, axis=1)
    shared = jnp.minimum(high[:, None], high) - jnp.maximum(low[:, None], low)
    common = jnp.prod(jnp.maximum(shared, 0), axis=2)
    union = area[:, None] + area - common
    overlap = jnp.where(union > 0, common / jnp.where(union > 0, union, 1), 0)
    order = jnp.argsort(scores, descending=True)

    def step(kept: jax.Array, index: jax.Array) -> tuple[jax.Array, jax.Array]:
        covered = jnp.any(kept & (overlap[index] > iou_threshold))
        keep = ~covered & (scores[index] > score_threshold) & (jnp.sum(kept) < max_output_size)
        return kept.at[index].set(keep), keep

    _, keep = lax.scan(step, jnp.zeros(scores.shape, bool), order)
    return order[keep]


def _resizing_area(size: int, count: int) -> jax.Array:
    """(count, size) weights: the share of each source cell in each target cell."""
    edges = jnp.linspace(0, size, count + 1)
    cells = jnp.arange(size)
    shared = jnp.minimum(edges[1:, None], cells + 1) - jnp.maximum(edges[:-1, None], cells)
    return jnp.maximum(shared, 0) * (count / size)
