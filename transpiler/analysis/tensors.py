"""What Python syntax does to tensors: attributes, subscripts, operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...ir.dims import Dim
from .broadcasting import matmul
from .broadcasting import whole as made
from .dtypes import STRICT, agree, division, number_dtype
from .machine import Machine
from .results import Site, array_of, elementwise, shape_of
from .templates import compare
from .text import shape_text
from .values import (
    NONE,
    UNKNOWN,
    Api,
    Const,
    Fixed,
    Listing,
    Method,
    Place,
    Real,
    Size,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
    size,
)

TRANSPOSED = frozenset({"T"})
METHODS_THAT_KEEP = frozenset({"numpy", "read_value", "value", "copy", "assign"})


@dataclass(frozen=True, slots=True)
class Cut:
    """A slice with its bounds evaluated."""

    lower: Value
    upper: Value
    step: Value


def attribute(m: Machine, x: Tensor, name: str) -> Value:
    """`x.shape`, `x.dtype`, `x.ndim`; methods are kept for the call."""
    match name:
        case "shape":
            found = shape_of(x)
            return Fixed(found.items) if isinstance(found, Fixed) else UNKNOWN
        case "dtype":
            return Const(x.dtype) if x.dtype is not None else UNKNOWN
        case "ndim":
            return UNKNOWN if x.rank is None else Const(x.rank)
        case "T" if x.dims is not None:
            return Tensor(x.dims[::-1], x.dtype, x.origins[::-1])
        case _:
            return Method(x, name)


def method(m: Machine, x: Tensor, name: str, given: Sequence[Value], place: Place) -> Value:
    match name:
        case "get_shape":
            return attribute(m, x, "shape")
        case "set_shape":
            if given:
                refine(m, x, given[0], place)
            return Const(None)
        case "reshape":
            return UNKNOWN
        case "astype":
            from .dtypes import dtype_of

            kind = dtype_of(given[0]) if given else None
            return Tensor(x.dims, kind, x.origins, x.last)
        case _ if name in METHODS_THAT_KEEP:
            if name == "assign" and given:
                _assigned(m, x, given[0], place)
            return x
        case _:
            return UNKNOWN


def _assigned(m: Machine, x: Tensor, value: Value, place: Place) -> None:
    """A variable keeps its shape."""
    given = value if isinstance(value, Tensor) else None
    if not x.variable or given is None or given.dims is None or x.dims is None:
        return
    if given.rank != x.rank:
        message = f"a variable of shape {shape_text(x.dims)} is assigned {shape_text(given.dims)}"
        m.report("TJ4003", place, message, (made(x), made(given)))
        return
    for axis, (a, b) in enumerate(zip(x.dims, given.dims, strict=True)):
        message = (
            f"a variable of shape {shape_text(x.dims)} is assigned {shape_text(given.dims)}: "
            f"axis {axis} differs"
        )
        notes = ((x.origin(axis), "the variable is made here"), (given.origin(axis), "the value"))
        if not m.require(a, b, place, message, notes):
            return


def refine(m: Machine, x: Tensor, shape: Value, place: Place) -> Tensor:
    """`x.set_shape(s)`, `tf.ensure_shape(x, s)`: x has that shape, or the program is wrong."""
    items = items_of(shape)
    if items is None:
        return x
    if x.dims is None:
        dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in items)
        return Tensor(dims, x.dtype, (place,) * len(dims), None, x.symbolic)
    if len(items) != len(x.dims):
        message = f"{len(items)} axes are stated for a tensor of shape {shape_text(x.dims)}"
        m.report("TJ4003", place, message, (made(x),))
        return Tensor(None, x.dtype)
    for axis, value in enumerate(items):
        stated = dim_of(value)
        if stated is None:
            continue
        message = f"axis {axis} of {shape_text(x.dims)} is stated to be {shape_text([stated])}"
        notes = ((x.origin(axis), "the size is fixed here"),)
        if not m.require(x.dims[axis], stated, place, message, notes):
            return Tensor(None, x.dtype)
    return x


# -- subscripts


def subscript(m: Machine, x: Tensor, index: Sequence[Value | Cut], place: Place) -> Value:
    """`x[i, a:b, None, ...]`."""
    if x.dims is None:
        return Tensor(None, x.dtype, symbolic=x.symbolic)
    parts = list(index)
    used = [p for p in parts if not _is_new_axis(p) and not _is_dots(p)]
    if any(isinstance(p, Tensor) and p.rank != 0 for p in used) or any(
        not isinstance(p, Cut) and not _is_index(p) for p in used
    ):
        return Tensor(None, x.dtype, symbolic=x.symbolic)
    dots = [i for i, p in enumerate(parts) if _is_dots(p)]
    if len(used) > len(x.dims):
        message = f"{len(used)} indices for a tensor of shape {shape_text(x.dims)}"
        m.report("TJ4003", place, message, (made(x),))
        return Tensor(None, x.dtype)
    missing = len(x.dims) - len(used)
    whole = Cut(Const(None), Const(None), Const(None))
    if dots:
        parts[dots[0] : dots[0] + 1] = [whole] * missing
    else:
        parts += [whole] * missing
    dims: list[Dim] = []
    origins: list[Place | None] = []
    axis = 0
    for part in parts:
        if _is_new_axis(part):
            dims.append(Dim.of(1))
            origins.append(place)
            continue
        if isinstance(part, Cut):
            found = cut(m, x.dims[axis], part)
            dims.append(found)
            origins.append(x.origin(axis) if found == x.dims[axis] else place)
        elif not _in_range(m, x, axis, part, place):
            return Tensor(None, x.dtype)
        axis += 1
    return Tensor(tuple(dims), x.dtype, tuple(origins), None, x.symbolic)


def _is_new_axis(part: Value | Cut) -> bool:
    return part == Const(None) or (isinstance(part, Api) and part.symbol.endswith("newaxis"))


def _is_dots(part: Value | Cut) -> bool:
    return isinstance(part, Const) and part.value is Ellipsis


def _is_index(part: Value | Cut) -> bool:
    return (
        isinstance(part, Size)
        or (isinstance(part, Tensor) and part.rank == 0)
        or (
            isinstance(part, Const)
            and isinstance(part.value, int)
            and not isinstance(part.value, bool)
        )
    )


def _in_range(m: Machine, x: Tensor, axis: int, part: Value | Cut, place: Place) -> bool:
    at = integer(part) if isinstance(part, Value) else None
    whole = m.number(x.dims[axis]) if x.dims else None
    if at is None or whole is None or -whole <= at < whole:
        return True
    message = f"index {at} is outside axis {axis} of {shape_text(x.dims)}"
    m.report("TJ4004", place, message, ((x.origin(axis), f"{whole} is fixed here"),))
    return False


def cut(m: Machine, whole: Dim, part: Cut) -> Dim:
    """The length of a slice of an axis. Slices that are empty are not told apart."""
    step = 1 if part.step == NONE else integer(part.step)
    open_lower, open_upper = part.lower == NONE, part.upper == NONE
    lower = Dim.of(0) if open_lower else dim_of(part.lower)
    upper = whole if open_upper else dim_of(part.upper)
    if step is None or lower is None or upper is None or step == 0:
        return m.solver.fresh("?")
    number, a, b = m.number(whole), m.number(lower), m.number(upper)
    if number is not None and a is not None and (b is not None or open_upper):
        bounds = slice(None if open_lower else a, None if open_upper else b, step)
        return Dim.of(len(range(*bounds.indices(number))))
    if step < 0 and not (open_lower and open_upper):
        return m.solver.fresh("?")
    length = whole if step < 0 else _length(m, whole, lower, upper, open_upper)
    return length if abs(step) == 1 else length.ceil_div(Dim.of(abs(step)))


def _length(m: Machine, whole: Dim, lower: Dim, upper: Dim, open_upper: bool) -> Dim:
    """Of a slice in single steps. Negative bounds count from the end."""
    solver = m.solver
    start, end = solver.sign(lower), 1 if open_upper else solver.sign(upper)
    if start < 0 and open_upper:
        # Of an axis that is shorter, the slice begins at its start.
        return Dim.of(1) if m.number(lower) == -1 else solver.least(whole, -lower)
    if start < 0 and end < 0:
        return solver.least(whole + upper, upper - lower)
    if start > 0 and end < 0:
        return whole + upper - lower
    if start > 0 and end > 0:
        return (whole if open_upper else solver.least(whole, upper)) - lower
    first = _counted(whole, lower, start)
    last = whole if open_upper else _counted(whole, upper, end)
    return Dim.extremum("max", Dim.of(0), last - first)


def _counted(whole: Dim, bound: Dim, sign: int) -> Dim:
    """A bound as one that counts from the start."""
    zero, one = Dim.of(0), Dim.of(1)
    if sign == 0:
        negative = Dim.extremum("max", zero, Dim.extremum("min", one, -bound))
        bound = bound + negative * whole
    elif sign < 0:
        bound = bound + whole
    return Dim.extremum("max", zero, Dim.extremum("min", whole, bound))


# -- operators


def binary(m: Machine, symbol: str, left: Value, right: Value, place: Place) -> Value:
    """An operator with a tensor on at least one side."""
    operands = (left, right)
    symbolic = any(isinstance(v, Tensor) and v.symbolic for v in operands)
    if symbol == "@":
        a, b = array_of(left) or Tensor(), array_of(right) or Tensor()
        found = matmul(m, a, b, False, False, place, m.flavour == "keras3" and symbolic)
        dtype = agree(m, operands, place, "a matrix product", False)
        found = found or Tensor()
        return Tensor(found.dims, dtype, found.origins, found.last, symbolic)
    dtype = None
    if symbol in STRICT:
        dtype = agree(m, operands, place, f"`{symbol}`", False)
        if symbol == "/":
            dtype = division(dtype)
    elif symbol == "**":
        dtype = next((v.dtype for v in operands if isinstance(v, Tensor)), None)
    found = elementwise(m, operands, Site(place))
    return Tensor(found.dims, dtype, found.origins, found.last, symbolic)


def comparison(m: Machine, symbol: str, left: Value, right: Value, place: Place) -> Value:
    if symbol in ("is", "is not", "in", "not in"):
        return compare(symbol, left, right)
    if symbol in ("==", "!="):
        with m.mute():
            found = elementwise(m, (left, right), Site(place))
    else:
        found = elementwise(m, (left, right), Site(place))
    return Tensor(found.dims, "bool", found.origins, found.last)


def unary(x: Tensor, symbol: str) -> Value:
    return UNKNOWN if symbol == "not" else Tensor(x.dims, x.dtype, x.origins, x.last, x.symbolic)


def elements(m: Machine, x: Tensor) -> tuple[Value, ...] | None:
    """What iterating gives."""
    count = m.number(x.dims[0]) if x.dims else None
    if count is None or count > 64:
        return None
    return (Tensor((x.dims or ())[1:], x.dtype, x.origins[1:], None, x.symbolic),) * count


def stacked(m: Machine, value: Value) -> Tensor | None:
    """A list of tensors, numbers or sizes as one tensor (`tf.convert_to_tensor`)."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (Const, Real, Size)):
        found = array_of(value)
        return None if found is None else Tensor(found.dims, number_dtype(value))
    items = items_of(value) if isinstance(value, (Fixed, Listing)) else None
    if items is None:
        return None
    inner = [stacked(m, v) for v in items]
    first = inner[0] if inner else None
    if first is None or any(t is None or t.dims != first.dims for t in inner):
        return None
    dtypes = {t.dtype for t in inner if t is not None}
    dtype = (
        dtypes.pop() if len(dtypes) == 1 else "float32" if dtypes <= {"int32", "float32"} else None
    )
    dims = None if first.dims is None else (Dim.of(len(items)), *first.dims)
    return Tensor(dims, dtype)


__all__ = ["Cut", "attribute", "binary", "comparison", "const", "size", "subscript"]
