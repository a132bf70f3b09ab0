"""Dtypes as JAX has them: a lattice of promotion, weak types for Python numbers, 32 bits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..values import Tensor

NARROW: Mapping[str, str] = {
    "int64": "int32",
    "uint64": "uint32",
    "float64": "float32",
    "complex128": "complex64",
}
"""What 64-bit types become without `jax_enable_x64`."""
DEFAULTS = ("bool", "int32", "float32", "complex64")
BITS = {"8": 8, "16": 16, "32": 32, "64": 64}


def canonical(dtype: str | None) -> str | None:
    return None if dtype is None else NARROW.get(dtype, dtype)


def category(dtype: str) -> int:
    """0 bool, 1 integers, 2 floats, 3 complex numbers."""
    if dtype == "bool":
        return 0
    return 1 if "int" in dtype else 3 if dtype.startswith("complex") else 2


def promote(operands: Iterable[Tensor]) -> tuple[str | None, bool]:
    """The dtype of an operation on these, and whether it is weak; None when one is not known."""
    tensors = list(operands)
    strong: str | None = None
    weakest = -1
    for x in tensors:
        if x.dtype is None or x.dtype == "string":
            return None, False
        if x.weak:
            weakest = max(weakest, category(x.dtype))
        else:
            strong = x.dtype if strong is None else join(strong, x.dtype)
    if strong is not None and weakest <= category(strong):
        return strong, False
    return (DEFAULTS[weakest], True) if weakest >= 0 else (None, False)


def join(left: str, right: str) -> str:
    """The least dtype above two strong ones."""
    if left == right:
        return left
    a, b = category(left), category(right)
    if a != b:
        high, low = (left, right) if a > b else (right, left)
        if max(a, b) == 3:
            return high if high == "complex128" or low != "float64" else "complex128"
        return high
    if a == 1:
        return _integers(left, right)
    if {left, right} == {"float16", "bfloat16"}:
        return "float32"
    return left if _bits(left) > _bits(right) else right


def _bits(dtype: str) -> int:
    return int("".join(c for c in dtype.removeprefix("bfloat") if c.isdigit()))


def _integers(left: str, right: str) -> str:
    signed = [d for d in (left, right) if not d.startswith("u")]
    if len(signed) != 1:
        return left if _bits(left) > _bits(right) else right
    unsigned = right if signed[0] == left else left
    if _bits(signed[0]) > _bits(unsigned):
        return signed[0]
    wider = {8: "int16", 16: "int32"}.get(_bits(unsigned))
    return wider or "int32"


def inexact(dtype: str | None) -> str | None:
    """What functions with real results make of integers."""
    if dtype is None:
        return None
    return dtype if category(dtype) >= 2 else "float32"
