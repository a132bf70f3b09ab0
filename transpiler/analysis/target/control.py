"""Functions that call functions: loops, branches, mapping, and wrappers that change no shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ....ir.dims import Dim
from ..values import (
    NONE,
    UNKNOWN,
    Arguments,
    Const,
    External,
    Fixed,
    Listing,
    Mapped,
    Partial,
    Tensor,
    Value,
    entries_of,
    integer,
    items_of,
)
from .use import Semantics, Use

TRANSPARENT = frozenset(
    {
        *("jax.jit", "jax.checkpoint", "jax.remat", "flax.nnx.jit", "flax.nnx.remat"),
        *("jax.named_call", "jax.custom_gradient", "functools.wraps"),
    }
)
MAPPED = "jax.vmap.<made>"


def on_leaves(function: Callable[[Tensor], Value], tree: Value) -> Value:
    """The tree with a function applied to its arrays."""
    match tree:
        case Tensor():
            return function(tree)
        case Fixed(items=items):
            return replace(tree, items=tuple(on_leaves(function, v) for v in items))
        case Listing():
            items = items_of(tree)
            if items is None:
                return UNKNOWN
            return Listing({"items": tuple(on_leaves(function, v) for v in items)})
        case Mapped():
            entries = entries_of(tree)
            if entries is None:
                return UNKNOWN
            return Mapped({"items": {k: on_leaves(function, v) for k, v in entries.items()}})
        case Const(None):
            return tree
        case _:
            return UNKNOWN


def leaves(tree: Value) -> list[Tensor]:
    if isinstance(tree, Tensor):
        return [tree]
    inner = items_of(tree) or tuple((entries_of(tree) or {}).values())
    return [t for v in inner for t in leaves(v)]


def _first_axis(x: Tensor) -> Value:
    if not x.dims:
        return Tensor(None, x.dtype)
    return Tensor(x.dims[1:], x.dtype, x.origins[1:])


def _length(xs: Value) -> Dim | None:
    return next((x.dims[0] for x in leaves(xs) if x.dims), None)


def _stacked(y: Value, length: Dim | None) -> Value:
    def on(x: Tensor) -> Value:
        if x.dims is None or length is None:
            return Tensor(None, x.dtype)
        return Tensor((length, *x.dims), x.dtype)

    return on_leaves(on, y)


def _scan(use: Use) -> Value:
    f, init, xs = use.get("f"), use.get("init"), use.get("xs")
    element = on_leaves(_first_axis, xs)
    found = use.m.invoke(f, Arguments((init, element)), use.place)
    pair = items_of(found)
    if pair is None or len(pair) != 2:
        return UNKNOWN
    from ..values import dim_of

    length = _length(xs) if xs != NONE else dim_of(use.get("length"))
    return Fixed((use.m.join(init, pair[0]), _stacked(pair[1], length)))


def _cond(use: Use) -> Value:
    operands = use.rest if use.rest else ()
    one = use.m.invoke(use.get("true_fun"), Arguments(operands), use.place)
    other = use.m.invoke(use.get("false_fun"), Arguments(operands), use.place)
    return use.m.join(one, other)


def _switch(use: Use) -> Value:
    branches = items_of(use.get("branches"))
    if not branches:
        return UNKNOWN
    found = [use.m.invoke(b, Arguments(use.rest), use.place) for b in branches]
    value = found[0]
    for other in found[1:]:
        value = use.m.join(value, other)
    return value


def _fori(use: Use) -> Value:
    init = use.get("init_val")
    index = Tensor((), "int32")
    found = use.m.invoke(use.get("body_fun"), Arguments((index, init)), use.place)
    return use.m.join(init, found)


def _while(use: Use) -> Value:
    init = use.get("init_val")
    return use.m.join(init, use.m.invoke(use.get("body_fun"), Arguments((init,)), use.place))


def _map(use: Use) -> Value:
    xs = use.get("xs")
    found = use.m.invoke(use.get("f"), Arguments((on_leaves(_first_axis, xs),)), use.place)
    return _stacked(found, _length(xs))


def _vmap(use: Use) -> Value:
    if integer(use.get("in_axes")) != 0 or integer(use.get("out_axes")) != 0:
        return UNKNOWN
    return Partial(External(MAPPED), Arguments((use.get("fun"),)))


def mapped(use: Use) -> Value:
    """A call of what `vmap` gave: the function over the first axes."""
    function, *given = use.rest
    elements = tuple(on_leaves(_first_axis, v) for v in given)
    found = use.m.invoke(function, Arguments(elements), use.place)
    return _stacked(found, next((n for v in given if (n := _length(v)) is not None), None))


def _tree_map(use: Use) -> Value:
    trees = (use.get("tree"), *use.rest)
    return _trees(use, use.get("f"), trees)


def _trees(use: Use, f: Value, trees: tuple[Value, ...]) -> Value:
    first = trees[0]
    if isinstance(first, Tensor):
        return use.m.invoke(f, Arguments(trees), use.place)
    columns = [items_of(t) for t in trees]
    known = [c for c in columns if c is not None]
    if len(known) < len(columns) or len({len(c) for c in known}) > 1:
        return first if first == NONE else UNKNOWN
    inner = tuple(_trees(use, f, row) for row in zip(*known, strict=True))
    return Listing({"items": inner}) if isinstance(first, Listing) else Fixed(inner)


def _tree_leaves(use: Use) -> Value:
    return Listing({"items": tuple(leaves(use.get("tree")))})


FAMILY: Mapping[str, Semantics] = {
    "jax.lax.scan": _scan,
    "jax.lax.cond": _cond,
    "jax.lax.switch": _switch,
    "jax.lax.fori_loop": _fori,
    "jax.lax.while_loop": _while,
    "jax.lax.map": _map,
    "jax.vmap": _vmap,
    "jax.tree.map": _tree_map,
    "jax.tree.leaves": _tree_leaves,
}
