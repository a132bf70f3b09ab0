"""Operations that pick and rearrange elements, which no `gives` clause describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...ir.dims import Dim
from .broadcasting import sizes_agree
from .broadcasting import whole as made
from .dtypes import dtype_of
from .machine import Machine
from .requests import Native, Request
from .tensors import stacked
from .text import shape_text
from .values import (
    NONE,
    UNKNOWN,
    Const,
    Fixed,
    Real,
    RecordType,
    Size,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
)

TOP_K = RecordType("TopKV2", ("values", "indices"), {})


def _array(r: Request, *names: str) -> Tensor | None:
    """The first argument that is there, if it is a tensor of known rank."""
    found = next((v for n in names if (v := r.get(n)) != NONE), UNKNOWN)
    return found if isinstance(found, Tensor) and found.dims is not None and not r.hidden else None


def _like(x: Tensor, order: list[int]) -> Tensor:
    """The axes of x in this order."""
    dims = x.dims or ()
    return replace(
        x,
        dims=tuple(dims[i] for i in order),
        origins=tuple(x.origin(i) for i in order),
        variable=False,
        made=None,
    )


def _made(r: Request, x: Tensor, dims: tuple[Dim, ...], dtype: str | None) -> Tensor:
    """A result of these sizes; those of x keep where they come from."""
    old = x.dims or ()
    origins = tuple(x.origin(old.index(d)) if d in old else r.place for d in dims)
    return Tensor(dims, dtype, origins, None, x.symbolic)


def matrix_transpose(m: Machine, r: Request) -> Value:
    x = _array(r, "a", "x")
    if x is None or x.rank is None:
        return Tensor()
    if x.rank < 2:
        m.report("TJ4003", r.place, f"no matrix in a tensor of shape {shape_text(x.dims)}")
        return Tensor(None, x.dtype)
    return _like(x, [*range(x.rank - 2), x.rank - 1, x.rank - 2])


def swapped(m: Machine, r: Request) -> Value:
    x, one, other = _array(r, "x"), integer(r.get("axis1")), integer(r.get("axis2"))
    if x is None or x.rank is None or not _fit(x.rank, one, other):
        return Tensor()
    order = list(range(x.rank))
    a, b = (one or 0) % x.rank, (other or 0) % x.rank
    order[a], order[b] = b, a
    return _like(x, order)


def moved(m: Machine, r: Request) -> Value:
    x = _array(r, "x")
    source, target = integer(r.get("source")), integer(r.get("destination"))
    if x is None or x.rank is None or not _fit(x.rank, source, target):
        return Tensor()
    order = list(range(x.rank))
    order.insert((target or 0) % x.rank, order.pop((source or 0) % x.rank))
    return _like(x, order)


def _fit(rank: int, *axes: int | None) -> bool:
    return all(a is not None and -rank <= a < rank for a in axes)


def gather_nd(m: Machine, r: Request) -> Value:
    x, at, batch = _array(r, "params"), _array(r, "indices"), integer(r.get("batch_dims", Const(0)))
    depth = None if at is None or not at.dims else m.number(at.dims[-1])
    if x is None or x.dims is None or at is None or not at.dims or depth is None or batch is None:
        return Tensor(None, x.dtype if x is not None else None)
    if batch + depth > len(x.dims):
        text = f"indices of {depth} numbers into {shape_text(x.dims[batch:])}"
        m.report("TJ4003", r.place, text, (made(x), made(at)))
        return Tensor(None, x.dtype)
    for axis in range(batch):
        if not sizes_agree(m, x, at, axis, axis, r.place, "gather_nd by batches"):
            return Tensor(None, x.dtype)
    return _made(r, x, (*at.dims[:-1], *x.dims[batch + depth :]), x.dtype)


def take(m: Machine, r: Request) -> Value:
    """Without an axis, of all elements in a row."""
    x, at, axis = _array(r, "x"), stacked(m, r.get("indices")), integer(r.get("axis"))
    if x is None or x.dims is None or at is None or at.dims is None:
        return Tensor()
    if r.get("axis") == NONE:
        return Tensor(at.dims, x.dtype, at.origins)
    if not _fit(len(x.dims), axis):
        return Tensor()
    where = (axis or 0) % len(x.dims)
    return _made(r, x, (*x.dims[:where], *at.dims, *x.dims[where + 1 :]), x.dtype)


def boolean_mask(m: Machine, r: Request) -> Value:
    x, mask = _array(r, "tensor"), _array(r, "mask")
    first = 0 if r.get("axis") == NONE else integer(r.get("axis"))
    if x is None or x.dims is None or mask is None or not mask.dims or first is None:
        return Tensor(None, x.dtype if x is not None else None)
    first %= len(x.dims) or 1
    last = first + len(mask.dims)
    if last > len(x.dims):
        text = f"a mask of shape {shape_text(mask.dims)} for {shape_text(x.dims)}"
        m.report("TJ4003", r.place, text, (made(x), made(mask)))
        return Tensor(None, x.dtype)
    for axis in range(len(mask.dims)):
        if not sizes_agree(m, x, mask, first + axis, axis, r.place, "boolean_mask"):
            return Tensor(None, x.dtype)
    return _made(r, x, (*x.dims[:first], m.solver.fresh("?"), *x.dims[last:]), x.dtype)


def top_k(m: Machine, r: Request) -> Value:
    x, k = _array(r, "input", "x"), dim_of(r.get("k", Const(1)))
    if x is None or not x.dims or k is None:
        return Fixed((Tensor(), Tensor(None, "int32")), of=TOP_K)
    number, last = m.number(k), m.number(x.dims[-1])
    if number is not None and last is not None and number > last:
        text = f"the {number} largest of {last} (axis -1 of {shape_text(x.dims)})"
        m.report("TJ4004", r.place, text, ((x.origin(-1), f"{last} is fixed here"),))
        return UNKNOWN
    dims = (*x.dims[:-1], k)
    return Fixed((_made(r, x, dims, x.dtype), _made(r, x, dims, "int32")), of=TOP_K)


def eye(m: Machine, r: Request) -> Value:
    rows = dim_of(r.get("num_rows"))
    columns = rows if r.get("num_columns") == NONE else dim_of(r.get("num_columns"))
    batch = () if r.get("batch_shape") == NONE else items_of(r.get("batch_shape"))
    dtype = dtype_of(r.get("dtype", Const("float32")))
    if rows is None or columns is None or batch is None or r.hidden:
        return Tensor(None, dtype)
    dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in batch)
    whole = (*dims, rows, columns)
    return Tensor(whole, dtype, (r.place,) * len(whole))


def linspace(m: Machine, r: Request) -> Value:
    start, stop, number = r.get("start"), r.get("stop"), dim_of(r.get("num"))
    plain = (Const, Real, Size)
    if number is None or not isinstance(start, plain) or not isinstance(stop, plain):
        return Tensor()
    floats = all(isinstance(v, Real) or isinstance(const(v), float) for v in (start, stop))
    return Tensor((number,), "float32" if floats else None, (r.place,))


def diagonal(m: Machine, r: Request) -> Value:
    x = _array(r, "diagonal")
    if x is None or not x.dims or r.get("num_rows") != NONE:
        return Tensor()
    return _made(r, x, (*x.dims, x.dims[-1]), x.dtype)


def diagonal_part(m: Machine, r: Request) -> Value:
    x = _array(r, "input")
    if x is None or not x.dims or len(x.dims) < 2 or r.get("k", Const(0)) != Const(0):
        return Tensor()
    return _made(r, x, (*x.dims[:-2], m.solver.least(x.dims[-2], x.dims[-1])), x.dtype)


def trace(m: Machine, r: Request) -> Value:
    x = _array(r, "x")
    if x is None or not x.dims or len(x.dims) < 2:
        return Tensor()
    return _made(r, x, x.dims[:-2], x.dtype)


def places(m: Machine, condition: Value) -> Value:
    """`tf.where(condition)`: a row of indices for each element that is true."""
    if not isinstance(condition, Tensor) or condition.rank is None:
        return Tensor(None, "int64")
    return Tensor((m.solver.fresh("?"), Dim.of(condition.rank)), "int64")


def unique(m: Machine, r: Request) -> Value:
    x = _array(r, "x")
    if x is None or x.dims is None or len(x.dims) != 1:
        return Fixed((Tensor(), Tensor()))
    return Fixed((_made(r, x, (m.solver.fresh("?"),), x.dtype), _made(r, x, x.dims, None)))


def conv_transpose(m: Machine, r: Request) -> Value:
    """The shape of the result is an argument."""
    items = items_of(r.get("output_shape"))
    x = _array(r, "input")
    dtype = x.dtype if x is not None else None
    if items is None or x is None or x.rank != len(items):
        return Tensor(None, dtype)
    dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in items)
    return Tensor(dims, dtype, (r.place,) * len(dims), None, x.symbolic)


ARRAYS: Mapping[str, Native] = {
    "tf.linalg.matrix_transpose": matrix_transpose,
    "keras.ops.swapaxes": swapped,
    "keras.ops.moveaxis": moved,
    "keras.ops.take": take,
    "tf.gather_nd": gather_nd,
    "tf.boolean_mask": boolean_mask,
    "tf.math.top_k": top_k,
    "tf.nn.top_k": top_k,
    "tf.eye": eye,
    "tf.linspace": linspace,
    "tf.linalg.diag": diagonal,
    "tf.linalg.diag_part": diagonal_part,
    "tf.linalg.trace": trace,
    "tf.unique": unique,
    "tf.nn.conv1d_transpose": conv_transpose,
    "tf.nn.conv2d_transpose": conv_transpose,
    "tf.nn.conv3d_transpose": conv_transpose,
}
