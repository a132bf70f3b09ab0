"""What Python syntax does to JAX arrays: operators, attributes, methods, subscripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ....ir.dims import Dim
from ..broadcasting import broadcast
from ..machine import Machine
from ..tensors import Cut, subscript
from ..text import shape_text
from ..values import (
    NONE,
    UNKNOWN,
    Arguments,
    Const,
    Fixed,
    Method,
    Place,
    Size,
    Tensor,
    Value,
    size,
)
from .dtypes import category, inexact
from .elementwise import elementwise
from .products import matrix_product
from .rearranging import reshaped, transposed
from .sizes import product
from .use import Use, array, named_dtype

BITWISE = frozenset({"&", "|", "^", "<<", ">>"})


def binary(m: Machine, symbol: str, left: Value, right: Value, place: Place) -> Value:
    if symbol == "@":
        return matrix_product(m, left, right, place)
    if symbol == "/":
        return elementwise(m, (left, right), place, "float")
    found = elementwise(m, (left, right), place)
    if symbol in ("**", "//", "%") and found.dtype == "bool":
        return replace(found, dtype="int32")
    return found


def comparison(m: Machine, symbol: str, left: Value, right: Value, place: Place) -> Value:
    return elementwise(m, (left, right), place, "bool")


def unary(x: Tensor, symbol: str) -> Value:
    return UNKNOWN if symbol == "not" else x


def attribute(m: Machine, x: Tensor, name: str) -> Value:
    match name:
        case "size":
            return UNKNOWN if x.dims is None else size(product(x.dims))
        case "T":
            return Tensor(None if x.dims is None else x.dims[::-1], x.dtype, weak=x.weak)
        case "mT" if x.dims is not None and len(x.dims) > 1:
            return Tensor((*x.dims[:-2], x.dims[-1], x.dims[-2]), x.dtype)
        case "real" | "imag":
            return replace(x, dtype="float32" if x.dtype == "complex64" else x.dtype)
        case "value":
            return x
        case _:
            return UNKNOWN


def updated(x: Tensor, name: str) -> Value:
    """`x.at[i].set(v)` and the like have the shape and dtype of x."""
    return Tensor(None, x.dtype) if name == "get" else replace(x, variable=False)


Called = Callable[[str, Arguments, Place], Value]


def method(m: Machine, x: Tensor, name: str, given: Arguments, place: Place, call: Called) -> Value:
    """Methods are the functions of `jax.numpy` but for how shapes may be given."""
    spread = Arguments((x, *given.positional), given.keywords, given.complete)
    use = Use(m, f"x.{name}", {}, (), {}, place)
    match name:
        case "reshape":
            shape = given.keywords.get("shape", _one_or_all(given.positional))
            return reshaped(use, x, shape)
        case "transpose":
            axes = _one_or_all(given.positional) if given.positional else NONE
            return transposed(use, x, axes)
        case "astype" | "view":
            kind = given.positional[0] if given.positional else given.keywords.get("dtype", UNKNOWN)
            return replace(x, dtype=named_dtype(kind), weak=False, variable=False)
        case "flatten":
            return call("jax.numpy.ravel", spread, place)
        case "item" | "tolist":
            return UNKNOWN
        case "copy" | "block_until_ready":
            return x
        case _:
            return call(f"jax.numpy.{name}", spread, place)


def _one_or_all(values: Sequence[Value]) -> Value:
    """`x.reshape((2, 3))` and `x.reshape(2, 3)`."""
    if len(values) == 1:
        return values[0]
    return Fixed(tuple(values))


def index(m: Machine, x: Tensor, parts: Sequence[Value | Cut], place: Place) -> Value:
    """Subscripts, those with arrays of integers among them."""
    arrays = [i for i, p in enumerate(parts) if isinstance(p, Tensor) and p.rank != 0]
    if x.dims is None:
        return Tensor(None, x.dtype, weak=x.weak)
    if not arrays:
        found = subscript(m, x, parts, place)
        return replace(found, weak=x.weak) if isinstance(found, Tensor) else found
    indices = [p for p in parts if isinstance(p, Tensor)]
    if any(p.dtype is None or category(p.dtype) != 1 or p.dims is None for p in indices):
        return Tensor(None, x.dtype)
    chosen = broadcast(m, indices, place)
    if chosen is None or chosen.dims is None:
        return Tensor(None, x.dtype)
    at = [i for i, p in enumerate(parts) if isinstance(p, Tensor) or _is_number(p)]
    # Python integers among arrays count as arrays; apart from each other they go to the front.
    rest = subscript(m, x, [Const(0) if i in at else p for i, p in enumerate(parts)], place)
    if not isinstance(rest, Tensor) or rest.dims is None:
        return Tensor(None, x.dtype)
    adjacent = at == list(range(at[0], at[-1] + 1))
    if any(isinstance(p, Const) and p.value is Ellipsis for p in parts[: at[-1]]):
        lead = len(x.dims) - sum(1 for p in parts if p != NONE and not _is_dots(p))
        before = lead + sum(1 for p in parts[: at[0]] if not _is_dots(p))
    else:
        before = at[0]
    before = before if adjacent else 0
    dims = (*rest.dims[:before], *chosen.dims, *rest.dims[before:])
    return Tensor(dims, x.dtype, weak=x.weak)


def _is_number(part: Value | Cut) -> bool:
    return isinstance(part, Size) or (
        isinstance(part, Const) and isinstance(part.value, int) and not isinstance(part.value, bool)
    )


def _is_dots(part: Value | Cut) -> bool:
    return isinstance(part, Const) and part.value is Ellipsis


__all__ = [
    "Dim",
    "Method",
    "array",
    "attribute",
    "binary",
    "comparison",
    "index",
    "inexact",
    "method",
    "shape_text",
    "unary",
    "updated",
]
