"""Input specs: `float32[B, 224, 224, 3]`, `f32[2,8]`, `i32[2,12]<100`, `u[...]`, `ones_i32[...]`.

Anything else is a Python expression, which the oracle evaluates with `tf` and `np` in scope.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

Fill = Literal["normal", "uniform", "integer", "bool", "ones", "zeros"]

_SHORT: dict[str, tuple[Fill, str]] = {
    "f16": ("normal", "float16"),
    "f32": ("normal", "float32"),
    "f64": ("normal", "float64"),
    "u": ("uniform", "float32"),
    "i32": ("integer", "int32"),
    "i64": ("integer", "int64"),
    "bool": ("bool", "bool"),
    "ones": ("ones", "float32"),
    "zeros": ("zeros", "float32"),
    "ones_i32": ("ones", "int32"),
    "zeros_i32": ("zeros", "int32"),
}
_LONG = re.compile(r"(float|bfloat|int|uint)(8|16|32|64)")
_SPEC = re.compile(r"\s*([A-Za-z_]\w*)\s*\[([\w\s,]*)\]\s*(?:<\s*(\d+))?\s*")
_BATCH_SIZES, _OTHER_SIZES = (2, 3, 1), (8, 12, 7)


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """A sampled array: what fills it, dtype, dims (numbers or names), integers below `high`."""

    fill: Fill
    dtype: str
    dims: tuple[int | str, ...]
    high: int = 2

    @property
    def is_sampled_float(self) -> bool:
        return self.fill in ("normal", "uniform")

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(d if isinstance(d, int) else sizes[d] for d in self.dims)


def parse_spec(text: str) -> ArraySpec | None:
    """The array spec, or None where the text is an expression."""
    match = _SPEC.fullmatch(text)
    if not match:
        return None
    kind, dims_text, high = match.groups()
    if kind in _SHORT:
        fill, dtype = _SHORT[kind]
    elif long := _LONG.fullmatch(kind):
        fill, dtype = ("normal" if "float" in long.group(1) else "integer"), kind
    else:
        return None
    parts = [d.strip() for d in dims_text.split(",") if d.strip()]
    dims = tuple(int(d) if d.isdigit() else d for d in parts)
    if not all(isinstance(d, int) or d.isidentifier() for d in dims):
        return None
    return ArraySpec(fill, dtype, dims, int(high) if high else 2)


def array_specs(tree: Any) -> list[ArraySpec]:
    """Every array spec of an input tree, in order."""
    match tree:
        case str():
            spec = parse_spec(tree)
            return [spec] if spec else []
        case list() | tuple():
            return [s for t in cast("list[Any]", tree) for s in array_specs(t)]
        case dict():
            return [s for t in cast("dict[str, Any]", tree).values() for s in array_specs(t)]
        case _:
            return []


def runs_of(
    inputs: Mapping[str, Any], sizes: Mapping[str, tuple[int, ...]]
) -> list[dict[str, int]]:
    """The sizes of the named dims in each run; one run with no sizes where no dim has a name.

    A leading dim takes 2, 3, 1 and any other 8, 12, 7 unless `sizes` says otherwise; a list that is
    shorter than the longest repeats its last value.
    """
    chosen: dict[str, tuple[int, ...]] = {}
    for spec in array_specs(dict(inputs)):
        for axis, dim in enumerate(spec.dims):
            if isinstance(dim, str) and dim not in chosen:
                default = _BATCH_SIZES if axis == 0 else _OTHER_SIZES
                chosen[dim] = sizes.get(dim) or default
    count = max((len(v) for v in chosen.values()), default=1)
    return [{d: v[min(i, len(v) - 1)] for d, v in chosen.items()} for i in range(count)]
