"""Layers of `flax.nnx`: the sizes that they were made for, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ....ir.dims import Dim
from ..machine import Machine
from ..text import dim_text, shape_text
from ..values import (
    NONE,
    UNKNOWN,
    Arguments,
    Const,
    Fixed,
    Layer,
    Listing,
    Mapped,
    Place,
    Tensor,
    Value,
    const,
    dim_of,
    entries_of,
    integer,
    items_of,
)
from .dtypes import category, promote
from .products import matrix_product
from .use import Use, array, axes_of, bound_use, dims_of, filled
from .windows import Pads, pads_of, slide, transposed_size

NNX = "flax.nnx."
ONE = Dim.of(1)


def make(m: Machine, name: str, given: Arguments, place: Place) -> Value | None:
    """What the constructor of a class of nnx gives; None for classes that are not known."""
    leaf = name.removeprefix(NNX)
    first = given.positional[0] if given.positional else None
    if leaf == "List":
        items = () if first is None else items_of(first)
        return Listing({"items": items})
    if leaf == "Dict":
        entries = entries_of(first) if first is not None else {}
        return Mapped({"items": None if entries is None else {**entries, **given.keywords}})
    if leaf in ("Param", "Variable", "BatchStat", "Cache", "Intermediate"):
        value = given.keywords.get("value", UNKNOWN) if first is None else first
        if isinstance(value, (Const, Fixed, Listing)) and value != NONE:
            value = array(m, value)
        return replace(value, variable=True) if isinstance(value, Tensor) else value
    if leaf in ("data", "static"):
        return UNKNOWN if first is None else first
    if leaf == "Sequential":
        return Layer(name, {"layers": Fixed(given.positional)}, place)
    if leaf not in CALLS:
        return None
    use = bound_use(m, name, given, place)
    return UNKNOWN if use is None else Layer(name, use.bound, place)


def apply(m: Machine, layer: Layer, given: Arguments, place: Place) -> Value:
    leaf = layer.symbol.removeprefix(NNX)
    if leaf == "Sequential":
        found: Value = given.positional[0] if given.positional else UNKNOWN
        for inner in items_of(layer.arguments["layers"]) or ():
            found = m.invoke(inner, Arguments((found,)), place)
        return found
    call = bound_use(m, f"{layer.symbol}.__call__", given, place)
    if call is None:
        return UNKNOWN
    x = array(m, next(iter(call.bound.values()), UNKNOWN))
    own = Use(m, layer.symbol, layer.arguments, (), {}, place)
    result = CALLS[leaf](own, x, call)
    return result


def _computed(own: Use, x: Tensor) -> str | None:
    """Layers compute in `dtype`, or in what the input and the parameters promote to."""
    if own.get("dtype") != NONE:
        return own.dtype()
    kind = own.dtype("param_dtype", "float32")
    return promote((x, Tensor((), kind)))[0]


def _fits(own: Use, x: Tensor, axis: int, name: str) -> bool:
    """The size of an axis is what the layer was made for."""
    wanted = dim_of(own.get(name))
    if wanted is None or x.dims is None:
        return True
    leaf = own.name.rpartition(".")[2]
    if not -len(x.dims) <= axis < len(x.dims):
        own.report("TJ4004", f"`{leaf}` over axis {axis} of {shape_text(x.dims)}")
        return False
    if wanted == x.dims[axis]:
        return True
    message = (
        f"`{leaf}` is made for a size of {dim_text(wanted)} along axis {axis}, and is given "
        f"{shape_text(x.dims)}"
    )
    return own.m.require(wanted, x.dims[axis], own.place, message, code="TJ4006")


def _linear(own: Use, x: Tensor, call: Use) -> Value:
    dtype, units = _computed(own, x), dim_of(own.get("out_features"))
    if not _fits(own, x, -1, "in_features") or x.dims is None:
        return Tensor(None, dtype)
    return Tensor((*x.dims[:-1], *filled(own.m, (units,))), dtype)


def _linear_general(own: Use, x: Tensor, call: Use) -> Value:
    dtype = _computed(own, x)
    wanted, result = _several(own.get("in_features")), _several(own.get("out_features"))
    axes = axes_of(own.get("axis"), x.rank or 0)
    if x.dims is None or wanted is None or result is None or axes is None:
        return Tensor(None, dtype)
    if entries_of(own.get("batch_axis")) not in ({}, None):
        return Tensor(None, dtype)
    for axis, size in zip(axes, wanted, strict=False):
        message = f"`LinearGeneral` is made for {dim_text(size)}, and is given {shape_text(x.dims)}"
        if not own.m.require(size, x.dims[axis], own.place, message, code="TJ4006"):
            return Tensor(None, dtype)
    rest = [d for i, d in enumerate(x.dims) if i not in axes]
    return Tensor((*rest, *result), dtype)


def _several(value: Value) -> tuple[Dim, ...] | None:
    items = items_of(value)
    return dims_of(value, 1 if items is None else len(items))


def _einsum(own: Use, x: Tensor, call: Use) -> Value:
    from ..einsums import einsum

    equation, kernel = const(own.get("einsum_str")), _several(own.get("kernel_shape"))
    dtype = _computed(own, x)
    if not isinstance(equation, str) or kernel is None:
        return Tensor(None, dtype)
    found = einsum(own.m, equation, (x, Tensor(kernel)), own.place) or Tensor()
    return Tensor(found.dims, dtype)


def _spatial(own: Use, x: Tensor) -> tuple[int, tuple[Dim, ...]] | None:
    """How many axes the kernel has, and its sizes."""
    kernel = own.get("kernel_size")
    items = items_of(kernel)
    count = 1 if items is None else len(items)
    sizes = dims_of(kernel, count)
    if sizes is None:
        if items is None:
            return None
        sizes = filled(own.m, [dim_of(v) for v in items])
    return count, sizes


def _conv(own: Use, x: Tensor, call: Use) -> Value:
    return _convolved(own, x, _conv_sizes)


def _conv_transpose(own: Use, x: Tensor, call: Use) -> Value:
    return _convolved(own, x, _conv_transpose_sizes)


Sizes = Callable[[Use, Sequence[Dim], Sequence[Dim], Sequence[Dim], Pads], tuple[Dim, ...] | None]


def _convolved(own: Use, x: Tensor, sizes: Sizes) -> Value:
    dtype, features = _computed(own, x), dim_of(own.get("out_features"))
    shape = _spatial(own, x)
    if x.dims is None or shape is None:
        return Tensor(None, dtype)
    count, kernel = shape
    if len(x.dims) < count + 1:
        return own.report(
            "TJ4003", f"a convolution over {count} axes of a tensor of shape {shape_text(x.dims)}"
        )
    if not _fits(own, x, -1, "in_features") or not _groups_fit(own):
        return Tensor(None, dtype)
    steps = own.get("strides")
    strides = (ONE,) * count if steps == NONE else dims_of(steps, count)
    inner = x.dims[-count - 1 : -1]
    pads = pads_of(own.get("padding"), count)
    if strides is None:
        found: tuple[Dim, ...] | None = filled(own.m, (None,) * count)
    else:
        found = sizes(own, inner, kernel, strides, pads)
    if found is None:
        return Tensor(None, dtype)
    return Tensor((*x.dims[: -count - 1], *found, *filled(own.m, (features,))), dtype)


def _groups_fit(own: Use) -> bool:
    """Groups divide both the channels that go in and those that come out."""
    groups = integer(own.get("feature_group_count", Const(1)))
    if groups is None or groups == 1:
        return True
    for name in ("in_features", "out_features"):
        size = dim_of(own.get(name))
        number = None if size is None else own.m.number(size)
        if number is not None and groups and number % groups:
            own.report("TJ4005", f"{groups} groups do not divide `{name}` = {number}")
            return False
    return True


def _conv_sizes(
    own: Use, inner: Sequence[Dim], kernel: Sequence[Dim], strides: Sequence[Dim], pads: Pads
) -> tuple[Dim, ...] | None:
    count = len(inner)
    holes = dims_of(own.get("kernel_dilation", Const(1)), count)
    gaps = dims_of(own.get("input_dilation", Const(1)), count)
    if holes is None or gaps is None:
        return filled(own.m, (None,) * count)
    spread = [(n - ONE) * g + ONE for n, g in zip(inner, gaps, strict=True)]
    return slide(own, spread, kernel, strides, pads, holes)


def _conv_transpose_sizes(
    own: Use, inner: Sequence[Dim], kernel: Sequence[Dim], strides: Sequence[Dim], pads: Pads
) -> tuple[Dim, ...] | None:
    given = own.get("kernel_dilation")
    holes = (ONE,) * len(inner) if given == NONE else dims_of(given, len(inner))
    if holes is None:
        return filled(own.m, (None,) * len(inner))
    wide = [(k - ONE) * h + ONE for k, h in zip(kernel, holes, strict=True)]
    triples = enumerate(zip(inner, wide, strides, strict=True))
    return filled(own.m, [transposed_size(n, k, s, pads, i) for i, (n, k, s) in triples])


def _batch_norm(own: Use, x: Tensor, call: Use) -> Value:
    axis = integer(own.get("axis", Const(-1)))
    if axis is not None and not _fits(own, x, axis, "num_features"):
        return Tensor(None, _computed(own, x))
    return Tensor(x.dims, _computed(own, x))


def _last_norm(own: Use, x: Tensor, call: Use) -> Value:
    """Layer and group normalisation: parameters along `feature_axes`, which is the last one."""
    axes = own.get("feature_axes", Const(-1))
    if integer(axes) == -1 and not _fits(own, x, -1, "num_features"):
        return Tensor(None, _computed(own, x))
    return Tensor(x.dims, _computed(own, x))


def _embed(own: Use, x: Tensor, call: Use) -> Value:
    features = dim_of(own.get("features"))
    dtype = own.dtype("dtype", own.dtype("param_dtype", "float32"))
    if x.dtype is not None and category(x.dtype) > 1:
        return Tensor()
    if x.dims is None:
        return Tensor(None, dtype)
    return Tensor((*x.dims, *filled(own.m, (features,))), dtype)


def _kept(own: Use, x: Tensor, call: Use) -> Value:
    return x


def _attention(own: Use, x: Tensor, call: Use) -> Value:
    dtype = _computed(own, x)
    if not _fits(own, x, -1, "in_features") or x.dims is None:
        return Tensor(None, dtype)
    keys = call.get("inputs_k")
    other = keys if isinstance(keys, Tensor) else x
    name = "in_features" if own.get("in_kv_features") == NONE else "in_kv_features"
    if not _fits(own, other, -1, name):
        return Tensor(None, dtype)
    out = own.get("out_features")
    size = x.dims[-1] if out == NONE else dim_of(out)
    return Tensor((*x.dims[:-1], *filled(own.m, (size,))), dtype)


def _cell(own: Use, x: Tensor, call: Use) -> Value:
    """Recurrent cells: carry and input to carry and output."""
    carry, inputs = call.get("carry"), call.tensor("inputs")
    units = dim_of(own.get("hidden_features"))
    dtype = _computed(own, inputs)
    if not _fits(own, inputs, -1, "in_features") or inputs.dims is None or units is None:
        return UNKNOWN
    out = Tensor((*inputs.dims[:-1], units), dtype)
    for state in items_of(carry) or (carry,):
        if isinstance(state, Tensor) and state.dims:
            message = f"a cell of {dim_text(units)} units is given a state {shape_text(state.dims)}"
            if not own.m.require(state.dims[-1], units, own.place, message):
                return UNKNOWN
    several = items_of(carry) is not None
    return Fixed((Fixed((out, out)) if several else out, out))


Call = Callable[[Use, Tensor, Use], Value]
CALLS: Mapping[str, Call] = {
    "Linear": _linear,
    "LinearGeneral": _linear_general,
    "Einsum": _einsum,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "BatchNorm": _batch_norm,
    "LayerNorm": _last_norm,
    "RMSNorm": _last_norm,
    "GroupNorm": _last_norm,
    "InstanceNorm": _last_norm,
    "Embed": _embed,
    "Dropout": _kept,
    "MultiHeadAttention": _attention,
    "LSTMCell": _cell,
    "OptimizedLSTMCell": _cell,
    "GRUCell": _cell,
    "SimpleCell": _cell,
}


def attribute(m: Machine, layer: Layer, name: str) -> Value:
    """Parameters and configuration of a layer."""
    own = Use(m, layer.symbol, layer.arguments, (), {}, layer.place)
    leaf = layer.symbol.removeprefix(NNX)
    kind = own.dtype("param_dtype", "float32")
    match leaf, name:
        case "Linear", "kernel":
            sizes: list[Value] = [own.get("in_features"), own.get("out_features")]
        case (("Linear" | "Conv" | "ConvTranspose"), "bias"):
            if own.flag("use_bias") is False:
                return NONE
            sizes = [own.get("out_features")]
        case "Conv", "kernel":
            shape = _spatial(own, Tensor())
            if shape is None or integer(own.get("feature_group_count")) != 1:
                return Tensor(None, kind, variable=True)
            inner = filled(own.m, [dim_of(own.get(n)) for n in ("in_features", "out_features")])
            return Tensor((*shape[1], *inner), kind, variable=True)
        case "Embed", "embedding":
            sizes = [own.get("num_embeddings"), own.get("features")]
        case (("BatchNorm" | "LayerNorm"), ("scale" | "bias" | "mean" | "var")):
            sizes = [own.get("num_features")]
        case _:
            return layer.arguments.get(name, UNKNOWN)
    return Tensor(filled(own.m, [dim_of(v) for v in sizes]), kind, variable=True)


def attend(m: Machine, layer: Layer, given: Arguments, place: Place) -> Value:
    """`nnx.Embed.attend(query)`: the product with the transposed table."""
    from .sizes import typed

    query = given.positional[0] if given.positional else UNKNOWN
    table = attribute(m, layer, "embedding")
    if not isinstance(table, Tensor) or table.dims is None:
        return UNKNOWN
    return matrix_product(m, query, typed(table, table.dims[::-1]), place)
