"""Inputs for a region: what its operands may be, and arrays of that description."""
# pyright: basic

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...rules.prove.arrays import make
from ..contract import Operand

SIZES = (2, 3, 5, 4, 1, 6, 7)
SHAPES = ((3, 4), (4,), (2, 3, 4), (2, 6, 6, 3), (4, 4), (), (2, 4, 4), (2, 4, 4, 2, 3))
# Not 1 first: for many operations that is the one value that changes nothing.
STATICS = (2, 1, 3, 0.5, 0, -1, True)
STYLES = ("general", "ties", "special", "large", "nan")
"""`special`: infinities and -0.0; `nan`: NaN, too."""


@dataclass(frozen=True, slots=True)
class Spec:
    """An operand of a case: an array of this dtype and shape, or the Python value `static`.
    `index`: integers that can be indices, 0 and 1."""

    dtype: str = ""
    shape: tuple[int, ...] = ()
    static: Any = None
    index: bool = False

    @property
    def is_static(self) -> bool:
        return not self.dtype

    def shown(self) -> str:
        if self.is_static:
            return repr(self.static)
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


def proposals(operand: Operand, sizes: dict[str, int]) -> list[Spec]:
    """What the operand may be, likely ones first. `sizes` gives names of sizes their numbers, the
    same for all operands."""
    statics = [Spec(static=value) for value in STATICS]
    if operand.kind == "static":
        return statics
    if operand.shape is None:
        shapes: Sequence[tuple[int, ...]] = SHAPES
    else:
        for size in operand.shape:
            if isinstance(size, str):
                sizes.setdefault(size, SIZES[len(sizes) % len(SIZES)])
        shapes = [tuple(sizes[s] if isinstance(s, str) else s for s in operand.shape)]
    if operand.dtype is not None:
        integer = operand.dtype.startswith(("int", "uint"))
        choices = [(operand.dtype, index) for index in ((True, False) if integer else (False,))]
    else:
        choices = [("float32", False), ("int32", True), ("int32", False), ("bool", False)]
        choices += [("complex64", False)]
    found = [Spec(dtype, shape, index=index) for dtype, index in choices for shape in shapes]
    return found if operand.kind == "tensor" else [*found, *statics]


def combinations(operands: Sequence[Operand], limit: int) -> Iterator[tuple[Spec, ...]]:
    """Descriptions of all operands together: likely ones and ones of equal shapes first."""
    sizes: dict[str, int] = {}
    lists = [proposals(operand, sizes) for operand in operands]
    while np.prod([float(len(one)) for one in lists]) > 40_000:
        longest = max(lists, key=len)
        del longest[max(2, len(longest) * 2 // 3) :]

    def cost(indices: tuple[int, ...]) -> tuple[int, int]:
        specs = [lists[i][k] for i, k in enumerate(indices)]
        unequal = len({s.shape for s in specs if not s.is_static}) > 1
        return sum(indices) + 3 * unequal, sum(k * k for k in indices)

    ordered = sorted(itertools.product(*(range(len(one)) for one in lists)), key=cost)
    for indices in ordered[:limit]:
        yield tuple(lists[i][k] for i, k in enumerate(indices))


def variants(specs: tuple[Spec, ...]) -> Iterator[tuple[Spec, ...]]:
    """The same ranks with other sizes: every size one more, and all of them 1."""
    for change in (lambda n: n + 1, lambda n: 1):
        yield tuple(
            s if s.is_static else Spec(s.dtype, tuple(map(change, s.shape)), index=s.index)
            for s in specs
        )


def array(spec: Spec, style: str, seed: int) -> np.ndarray:
    """The array of an operand that is no static value."""
    if spec.index:
        return np.random.default_rng([seed, *spec.shape]).integers(0, 2, spec.shape, spec.dtype)
    found = make(spec.shape, spec.dtype, "general" if style == "nan" else style, "any", seed)
    if style in ("special", "nan") and found.dtype.kind in "fc" and found.size:
        wanted = (np.inf, -0.0, -np.inf) if style == "special" else (np.nan, np.inf, np.nan)
        found = np.where(np.isnan(found), np.asarray(2.0, found.dtype), found)
        # Whatever was drawn, these are there; in other places for another seed.
        places = np.random.default_rng([seed, found.size]).permutation(found.size)[: len(wanted)]
        found.reshape(-1)[places] = np.asarray(wanted, found.dtype)[: len(places)]
    return found
