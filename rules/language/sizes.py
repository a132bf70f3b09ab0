"""Compile-time functions of ranks, shapes and axes."""

from __future__ import annotations

from ...ir.nodes import Attribute, Binary, Constant, Expression, Name, Subscript
from .context import Arguments, Context, Table, nothing
from .facts import Known, literal

SIZES = Table()


def _rank(context: Context, arguments: Arguments) -> Known | None:
    supplied = context.size(f"rank({_plain(arguments[0])})")
    if supplied is not None:
        return literal(supplied)
    source = context.source(arguments[0])
    rank = None if source is None else context.facts.rank(source)
    return None if rank is None else Known(rank)


def _plain(e: Expression) -> str:
    return e.id.lstrip("$") if isinstance(e, Name) else "?"


def _build_rank(context: Context, arguments: Arguments) -> Expression:
    known = _rank(context, arguments)
    return Constant(known.value) if known else Attribute(context.build(arguments[0]), "ndim")


def _build_shape(context: Context, arguments: Arguments) -> Expression:
    return Attribute(context.build(arguments[0]), "shape")


def dim_name(context: Context, arguments: Arguments) -> str:
    """The name under which a caller supplies this size."""
    index = context.known(arguments[1])
    return f"dim({_plain(arguments[0])}, {index.value if index else '?'})"


def _supplied_dim(context: Context, arguments: Arguments) -> Expression | None:
    return context.size(dim_name(context, arguments))


def _dim(context: Context, arguments: Arguments) -> Known | None:
    supplied = _supplied_dim(context, arguments)
    if supplied is not None:
        return literal(supplied)
    source, index = context.source(arguments[0]), context.known(arguments[1])
    shape = None if source is None else context.facts.shape(source)
    if shape is None or index is None or not isinstance(index.value, int):
        return None
    if not -len(shape) <= index.value < len(shape):
        raise context.refuse("TJ4004", f"axis {index.value} of a tensor of rank {len(shape)}")
    size = shape[index.value]
    value = size if isinstance(size, int) else getattr(size, "constant", None)
    return Known(value) if isinstance(value, int) else None


def _build_dim(context: Context, arguments: Arguments) -> Expression:
    supplied = _supplied_dim(context, arguments)
    if supplied is not None:
        return supplied
    return Subscript(_build_shape(context, arguments[:1]), context.build(arguments[1]))


def _positive_axis(context: Context, arguments: Arguments) -> Known | None:
    axis, rank = context.known(arguments[0]), _rank(context, arguments[1:])
    if axis is None or not isinstance(axis.value, int):
        return None
    if axis.value >= 0:
        return axis
    if rank is None or not isinstance(rank.value, int):
        return None
    return Known(axis.value + rank.value)


def _build_positive_axis(context: Context, arguments: Arguments) -> Expression:
    known = _positive_axis(context, arguments)
    if known is not None:
        return Constant(known.value)
    axis = context.build(arguments[0])
    return Binary("%", axis, _build_rank(context, arguments[1:]))


SIZES.define(
    "rank", (1, 1), "the number of axes of a tensor: a number, or `x.ndim`", _rank, _build_rank
)
SIZES.define("shape", (1, 1), "`x.shape`", nothing, _build_shape)
SIZES.define(
    "dim", (2, 2), "`x.shape[i]`; in a layer's `to`, a size the caller supplies", _dim, _build_dim
)
SIZES.define(
    "positive_axis",
    (2, 2),
    "`positive_axis(axis, x)`: the axis counted from 0",
    _positive_axis,
    _build_positive_axis,
)
