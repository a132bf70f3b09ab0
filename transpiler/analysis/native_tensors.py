"""Operations on tensors that no `gives` clause can describe."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir.dims import Dim
from ...rules.language.records import Rule
from . import size_vectors
from .broadcasting import broadcast, sizes_agree
from .broadcasting import whole as made
from .dtypes import dtype_of, number_dtype
from .machine import Machine
from .native_arrays import places
from .requests import Request
from .results import Site, elementwise
from .tensors import stacked
from .text import shape_text
from .values import (
    NONE,
    UNKNOWN,
    Const,
    Place,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
)


def filled(m: Machine, r: Request) -> Value:
    items = items_of(r.get("dims", r.get("shape")))
    dtype = number_dtype(r.get("value")) if not isinstance(r.get("value"), Tensor) else None
    if isinstance(value := r.get("value"), Tensor):
        dtype = value.dtype
    if items is None:
        return Tensor(None, dtype)
    dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in items)
    return Tensor(dims, dtype, (r.place,) * len(dims))


def sliced(m: Machine, r: Request) -> Value:
    """-1 takes all that is left."""
    if (sizes := size_vectors.result("tf.slice", r.bound)) is not None:
        return sizes
    x, begin, count = r.get("input_"), items_of(r.get("begin")), items_of(r.get("size"))
    if not isinstance(x, Tensor) or x.dims is None or begin is None or count is None:
        return Tensor(None, x.dtype if isinstance(x, Tensor) else None)
    if len(begin) != len(x.dims) or len(count) != len(x.dims):
        message = f"a slice with {len(begin)} starts and {len(count)} sizes of {shape_text(x.dims)}"
        m.report("TJ4003", r.place, message, (made(x),))
        return Tensor(None, x.dtype)
    dims: list[Dim] = []
    for whole, first, number in zip(x.dims, begin, count, strict=True):
        start, taken = dim_of(first), dim_of(number)
        if taken == Dim.of(-1):
            taken = None if start is None else whole - start
        dims.append(m.solver.fresh("?") if taken is None else taken)
        here, there = m.number(whole), m.number(dims[-1])
        at = None if start is None else m.number(start)
        if here is not None and there is not None and at is not None and at + there > here:
            message = f"a slice of {there} from {at} on does not fit into {shape_text(x.dims)}"
            m.report("TJ4004", r.place, message, (made(x),))
            return Tensor(None, x.dtype)
    return Tensor(tuple(dims), x.dtype, (r.place,) * len(dims), None, x.symbolic)


def sequence_mask(m: Machine, r: Request) -> Value:
    lengths, longest = stacked(m, r.get("lengths")), dim_of(r.get("maxlen"))
    kind = r.get("dtype")
    dtype = "bool" if kind == NONE else dtype_of(kind)
    if lengths is None or lengths.dims is None:
        return Tensor(None, dtype)
    last = m.solver.fresh("?") if longest is None else longest
    return Tensor((*lengths.dims, last), dtype, (*lengths.origins, r.place))


def tensordot(m: Machine, r: Request) -> Value:
    a, b = r.get("a"), r.get("b")
    axes = r.get("axes", Const(2))
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return Tensor()
    if a.dims is None or b.dims is None:
        return Tensor()
    number, listed = integer(axes), items_of(axes)
    if number is not None:
        first, second = list(range(len(a.dims) - number, len(a.dims))), list(range(number))
    elif listed is not None and len(listed) == 2:
        sides = [items_of(v) or (v,) for v in listed]
        numbers = [[integer(v) for v in side] for side in sides]
        if any(n is None for side in numbers for n in side):
            return Tensor()
        first, second = ([n for n in side if n is not None] for side in numbers)
    else:
        return Tensor()
    for axis, x in [*((i, a) for i in first), *((i, b) for i in second)]:
        if x.rank is not None and not -x.rank <= axis < x.rank:
            m.report("TJ4004", r.place, f"axis {axis} of a tensor of rank {x.rank}", (made(x),))
            return Tensor()
    for one, other in zip(first, second, strict=False):
        if not sizes_agree(m, a, b, one, other, r.place, "tensordot"):
            return Tensor()
    left = [i for i in range(len(a.dims)) if i not in {f % len(a.dims) for f in first}]
    right = [i for i in range(len(b.dims)) if i not in {s % len(b.dims) for s in second}]
    dims = (*(a.dims[i] for i in left), *(b.dims[i] for i in right))
    origins = (*(a.origin(i) for i in left), *(b.origin(i) for i in right))
    return Tensor(dims, a.dtype, origins)


def matvec(m: Machine, r: Request) -> Value:
    a, b = r.get("a"), r.get("b")
    if not isinstance(a, Tensor) or not isinstance(b, Tensor) or not a.dims or not b.dims:
        return Tensor()
    flag = const(r.get("transpose_a", Const(False)))
    if len(a.dims) < 2 or not isinstance(flag, bool):
        return Tensor()
    inner, outer = (-2, -1) if flag else (-1, -2)
    if not sizes_agree(m, a, b, inner, -1, r.place, "the product of matrix and vector"):
        return Tensor()
    if len(a.dims) != 2 or len(b.dims) != 1:
        return Tensor(None, a.dtype, last=a.dims[outer])
    return Tensor((a.dims[outer],), a.dtype, (a.origin(outer),))


def bias_add(m: Machine, r: Request) -> Value:
    x, bias = r.get("value", r.get("x")), r.get("bias")
    word = const(r.get("data_format"))
    if not isinstance(x, Tensor):
        return Tensor()
    last = word is None or (isinstance(word, str) and not word.startswith(("NC", "channels_first")))
    if not last or not isinstance(bias, Tensor) or bias.rank != 1 or not x.dims:
        return x
    if not sizes_agree(m, x, bias, -1, -1, r.place, "bias_add"):
        return Tensor()
    return x


def chosen(m: Machine, r: Request) -> Value:
    parts = [r.get(name) for name in ("condition", "x", "y")]
    if parts[1] == NONE and parts[2] == NONE and not r.hidden:
        return places(m, parts[0])
    if NONE in parts:
        return Tensor()
    found = elementwise(m, parts, Site(r.place))
    dtypes = {v.dtype for v in parts[1:] if isinstance(v, Tensor)}
    dtype = dtypes.pop() if len(dtypes) == 1 else None
    return Tensor(found.dims, dtype, found.origins, found.last)


def broadcast_to(m: Machine, r: Request) -> Value:
    x, items = r.get("input", r.get("x")), items_of(r.get("shape"))
    if items is None:
        return Tensor()
    dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in items)
    target = Tensor(dims, None, (r.place,) * len(dims))
    if isinstance(x, Tensor) and x.dims is not None:
        if broadcast(m, (x, target), r.place, "broadcast to each other") is None:
            return Tensor()
        return Tensor(dims, x.dtype, target.origins)
    return target


def precheck(m: Machine, rule: Rule, binding: Mapping[str, Value], place: Place) -> None:
    """Kernels given as tensors must have the channels of the input."""
    if not rule.symbol.startswith("tf.nn.") or "conv" not in rule.name or "transpose" in rule.name:
        return
    x = binding.get("input", binding.get("value", UNKNOWN))
    kernel = binding.get("filters", binding.get("filter", UNKNOWN))
    if not isinstance(x, Tensor) or not isinstance(kernel, Tensor) or not x.dims or not kernel.dims:
        return
    if len(x.dims) != len(kernel.dims) or len(kernel.dims) < 3:
        return
    channels, wanted = m.number(x.dims[-1]), m.number(kernel.dims[-2])
    depthwise = rule.name.startswith(("depthwise", "separable"))
    # Grouped convolutions have kernels with a part of the channels.
    if channels is None or not wanted or (channels % wanted == 0 and not depthwise):
        return
    sizes_agree(m, x, kernel, -1, -2, place, "a convolution")


def image_resize(m: Machine, r: Request) -> Value:
    x, sizes = r.get("images"), items_of(r.get("size"))
    if not isinstance(x, Tensor) or x.dims is None or sizes is None or len(sizes) != 2:
        return Tensor()
    if (
        len(x.dims) not in (3, 4)
        or const(r.get("preserve_aspect_ratio", Const(False))) is not False
    ):
        return Tensor()
    new = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in sizes)
    dims = (*x.dims[:-3], *new, x.dims[-1])
    origins = (*(x.origin(i) for i in range(len(x.dims) - 3)), r.place, r.place, x.origin(-1))
    return Tensor(dims, None, origins, None, x.symbolic)
