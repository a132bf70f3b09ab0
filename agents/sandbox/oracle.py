"""The source side: runs the TensorFlow code of a region on inputs that it takes, and records what
comes out. Outside the reach of any model: it sees the region's own code only.
"""
# pyright: basic

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from ...rules.prove.arrays import FLOATS
from ...rules.prove.compare import change_of
from ...rules.prove.source import leaves, nudged, packages, weighted
from ..contract import Region
from .cases import OracleCase
from .inputs import STYLES, Spec, array, combinations, variants

TRIES, SECONDS = 500, 25.0
DESCRIPTIONS, WITH_STATICS = 4, 6
"""How many descriptions of the operands are kept: of different ranks, if there are such, and of
different Python values."""


class Undecidable(Exception):
    """No inputs were found that the region takes, or it has no value of its own."""


def record(region: Region, seed: int) -> list[OracleCase]:
    """Cases of several ranks, sizes and styles of values. Raises Undecidable."""
    found = _descriptions(region, seed)
    cases: list[OracleCase] = []
    for specs in found:
        for number, style in enumerate(STYLES):
            if (case := _case(region, specs, style, seed + number)) is not None:
                cases.append(case)
        for other in variants(specs):
            if (case := _case(region, other, "general", seed + 17)) is not None:
                cases.append(case)
    if not cases:
        raise Undecidable("no case of it gives a result that can be compared")
    return cases


def _descriptions(region: Region, seed: int) -> list[tuple[Spec, ...]]:
    accepted: list[tuple[Spec, ...]] = []
    ranks: set[tuple[Any, ...]] = set()
    problem = "TensorFlow takes none of the inputs that were tried"
    stop = time.monotonic() + SECONDS
    for specs in combinations(region.operands, TRIES):
        rank = tuple((s.dtype, len(s.shape), repr(s.static)) for s in specs)
        if rank in ranks:
            continue
        try:
            first = _run(region, _arrays(specs, "general", seed), _statics(region, specs), False)
            again = _run(region, _arrays(specs, "general", seed), _statics(region, specs), False)
        # Whatever TensorFlow raises: these inputs are not for this code.
        except Exception as error:
            problem = f"TensorFlow takes none of the inputs that were tried: {_line(error)}"
            continue
        if not _equal(first[0], again[0]):
            raise Undecidable("it is random: there is no value to compare with")
        if not first[0]:
            raise Undecidable("it has no value")
        ranks.add(rank)
        accepted.append(specs)
        limit = WITH_STATICS if any(s.is_static for s in specs) else DESCRIPTIONS
        if len(accepted) >= limit or time.monotonic() > stop:
            break
    if not accepted:
        raise Undecidable(problem)
    return accepted


def _case(region: Region, specs: tuple[Spec, ...], style: str, seed: int) -> OracleCase | None:
    arrays, statics = dict(_arrays_of(region, specs, style, seed)), _statics(region, specs)
    given = [list(moved.values()) for moved in (arrays, nudged(arrays, 1), nudged(arrays, 2))]
    # Some operations have values and no gradient.
    for with_gradients in (True, False) if style == "general" else (False,):
        try:
            with np.errstate(all="ignore"):
                runs = [_run(region, one, statics, with_gradients) for one in given]
            break
        except Exception:
            continue
    else:
        return None
    (outputs, gradients), *moved = runs
    change = change_of(outputs, [run[0] for run in moved])
    names = [name for name, g in gradients.items() if g is not None]
    slopes = {name: cast(np.ndarray, gradients[name]) for name in names}
    moved_slopes = [[cast(np.ndarray, run[1][n]) for n in names] for run in moved]
    slope_change = change_of([slopes[n] for n in names], moved_slopes)
    return OracleCase(
        style,
        arrays,
        statics,
        outputs,
        change,
        slopes,
        dict(zip(names, slope_change, strict=True)),
    )


def _arrays_of(
    region: Region, specs: tuple[Spec, ...], style: str, seed: int
) -> Iterator[tuple[str, np.ndarray]]:
    tensors = [o.name for o, s in zip(region.operands, specs, strict=True) if not s.is_static]
    yield from zip(tensors, _arrays(specs, style, seed), strict=True)


def _arrays(specs: tuple[Spec, ...], style: str, seed: int) -> list[np.ndarray]:
    return [array(s, style, seed + 101 * i) for i, s in enumerate(specs) if not s.is_static]


def _statics(region: Region, specs: tuple[Spec, ...]) -> dict[str, Any]:
    return {o.name: s.static for o, s in zip(region.operands, specs, strict=True) if s.is_static}


def _run(
    region: Region, arrays: list[np.ndarray], statics: dict[str, Any], gradients: bool
) -> tuple[list[np.ndarray], dict[str, np.ndarray | None]]:
    """Outputs, and the gradients of their weighted sum. Raises whatever TensorFlow raises."""
    import tensorflow as tf

    names = [o.name for o in region.operands if o.name not in statics]
    tensors = {name: tf.constant(a) for name, a in zip(names, arrays, strict=True)}
    floats = [n for n, t in tensors.items() if t.dtype.name in FLOATS] if gradients else []
    scope = {**packages(region.keras), "np": np, "math": math, **tensors, **statics}
    with warnings.catch_warnings(), tf.GradientTape() as tape:
        warnings.simplefilter("ignore")
        for name in floats:
            tape.watch(tensors[name])
        found = leaves(eval(compile(region.body, "<region>", "eval"), scope))
        outputs = [tf.convert_to_tensor(one) for one in found]
        is_tensor = all(isinstance(one, tf.Tensor) for one in found)
        total = weighted(outputs) if floats and is_tensor else None
    values: dict[str, np.ndarray | None] = {}
    if total is not None:
        slopes = tape.gradient(total, [tensors[n] for n in floats])
        for name, slope in zip(floats, slopes, strict=True):
            values[name] = None if slope is None else tf.convert_to_tensor(slope).numpy()
    return [one.numpy() for one in outputs], values


def _equal(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(
        x.shape == y.shape and np.array_equal(x, y, equal_nan=x.dtype.kind in "fc")
        for x, y in zip(a, b, strict=True)
    )


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
