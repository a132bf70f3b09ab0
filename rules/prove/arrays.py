"""Contents of sampled arrays. A small seed makes them, so that counterexamples stay short."""
# pyright: basic

from __future__ import annotations

import ml_dtypes
import numpy as np

STYLES = ("general", "ties", "special", "large", "extreme")
"""Distinct nonzero values; few values, so that ties occur; NaN, infinities, -0.0 among them; values
up to 100; values of 100 to 30,000, of either sign."""

DTYPES = {
    "floating": ("float32", "float16", "bfloat16", "float64"),
    "complex": ("complex64", "complex128"),
    "integer": ("int32", "int64", "int8", "int16", "uint8", "uint16", "uint32"),
    "boolean": ("bool",),
    "string": (),
}
DTYPES["numeric"] = DTYPES["floating"] + DTYPES["integer"] + DTYPES["complex"]
DTYPES["any"] = DTYPES["numeric"] + DTYPES["boolean"]
SPECIAL = (np.nan, 1.0, np.inf, -0.0, -np.inf, -2.5, 0.0, 0.5, 1.5)
TIES = (0.5, 0.5, -1.5, 2.5, 0.0, 1.0, -1.0, 2.0, -0.5, 1.5)
"""Equal values, and halves."""
FLOATS = ("float32", "float16", "bfloat16", "float64")


def dtypes_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """The dtypes that the words of a `where` clause name, most common first."""
    found: dict[str, None] = {}
    for word in words:
        if word.startswith("-"):
            for name in DTYPES.get(word[1:], (word[1:],)):
                found.pop(name, None)
        else:
            found |= dict.fromkeys(DTYPES.get(word, (word,)))
    return tuple(name for name in DTYPES["any"] if name in found)


def numpy_dtype(name: str) -> np.dtype:
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def make(shape: tuple[int, ...], dtype: str, style: str, values: str, seed: int) -> np.ndarray:
    """An array whose elements fit `values` (see `domain.VALUES`)."""
    rng = np.random.default_rng([seed, len(shape), *shape])
    kind = numpy_dtype(dtype)
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if kind.kind in "iu":
        found = _integers(rng, shape, kind, values)
        # No larger for "extreme": integers that overflow wrap in both.
        return (
            found * kind.type(15)
            if style in ("large", "extreme") and values in ("any", "finite")
            else found
        )
    array = _floats(rng, shape, style, values, seed)
    if style == "large" and values in ("any", "finite"):
        array = array * 33.0
    if style == "extreme" and values in ("any", "finite"):
        array = np.round(np.sign(array) * 10.0 ** (2.0 + 2.4 * np.abs(array) / 3.0), 1)
    if kind.kind == "c":
        array = array + 1j * _floats(rng, shape, style, values, seed + 3)
    if style == "special" and values == "any" and array.size:
        # Every second seed without NaN, so that the others are not hidden by it.
        pool = SPECIAL[seed % 2 :]
        array = np.array([pool[(seed + i) % len(pool)] for i in range(array.size)])
        array = array.reshape(shape)
    return np.asarray(array).astype(kind)


def _integers(
    rng: np.random.Generator, shape: tuple[int, ...], kind: np.dtype, values: str
) -> np.ndarray:
    low = 0 if kind.kind == "u" or values in ("nonnegative", "unit", "probability") else -7
    if values in ("positive", "nonzero") and low == 0:
        low = 1
    if values == "distinct":
        return rng.permutation(int(np.prod(shape))).reshape(shape).astype(kind)
    array = rng.integers(1 if values == "positive" else low, 8, shape)
    if values == "nonzero":
        array = np.where(array == 0, 3, array)
    return np.asarray(array).astype(kind)


def _floats(
    rng: np.random.Generator, shape: tuple[int, ...], style: str, values: str, seed: int
) -> np.ndarray:
    size = int(np.prod(shape))
    if values == "ties" or (style == "ties" and values in ("any", "finite")):
        return np.array([TIES[(seed + i) % len(TIES)] for i in range(size)]).reshape(shape)
    # Distinct: one of `size` cells each, jittered, away from zero.
    cells = (rng.permutation(size) + rng.uniform(0.2, 0.8, size)) / max(size, 1)
    match values:
        case "positive":
            array = 0.1 + 2.4 * cells
        case "nonnegative":
            array = 2.5 * cells
        case "unit":
            array = -0.95 + 1.9 * cells
        case "probability":
            array = 0.02 + 0.96 * cells
        case _:
            array = -3.0 + 6.0 * cells
            array = np.where(np.abs(array) < 0.05, array + 0.1, array)
    return np.round(array, 3).reshape(shape)
