"""Numbers in the stead of random ones: the same on both sides, by their kind and shape alone.

Where a program draws numbers itself (the sample of a variational autoencoder), both sides are given
these. Two draws of one kind and shape are equal, so that their order does not matter.
"""
# pyright: basic

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

Kind = Literal["normal", "uniform", "truncated"]


def drawn(kind: Kind, shape: Sequence[int]) -> Any:
    """An array of float64: standard normal, in [0, 1), or standard normal in [-2, 2]."""
    sizes = tuple(int(n) for n in shape)
    r = np.random.RandomState(zlib.crc32(repr((kind, sizes)).encode()))
    if kind == "uniform":
        return np.asarray(r.random_sample(sizes))
    values = np.asarray(r.standard_normal(sizes))
    return np.clip(values, -2.0, 2.0) if kind == "truncated" else values
