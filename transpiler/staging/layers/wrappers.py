"""Layers that take other layers: cells in `RNN`, what `Bidirectional` runs both ways, and
`TimeDistributed`.

The layer inside is a site of its own. It is built inline in the constructor of the wrapper; what
the wrapper shows it of the input (one time step, for a cell) tells its sizes.
"""

from __future__ import annotations

from ....ir.nodes import Argument, Call, Expression, List, OpCall, Symbol, walk
from ...shapes.shapes import UNKNOWN
from ..frame import Frame, Result
from ..nodes import Pending
from ..sites import LayerTarget, Site
from ..values import Instance, Sequence, Tensor, Value
from .inner_layers import apply_inner, over_time, sites_in, without_axis
from .wrapped_cells import apply_cells, apply_looped_cells

# What a wrapper takes, by the parameter that takes it.
INSIDE = {
    "keras.layers.RNN": ("cell",),
    "keras.layers.StackedRNNCells": ("cells",),
    "keras.layers.Bidirectional": ("layer", "backward_layer"),
}


STACKED = Symbol("tf_compat.StackedRNNCells")


def inside(frame: Frame, node: OpCall, parameter: str, result: Result) -> Expression | None:
    """Code for a layer that a wrapper takes; None if it is no layer, or the rule of the wrapper
    builds it."""
    if parameter not in INSIDE.get(node.symbol, ()):
        return None
    match result.value:
        case Instance(site=site):
            if node.symbol.endswith("Bidirectional") and _is_plain(site, result):
                return None
            return _own(frame, site, result.static)
        case Sequence(items=items) if items and all(isinstance(v, Instance) for v in items):
            sites = [v.site for v in items if isinstance(v, Instance)]
            codes = _elements(result.static, len(sites))
            listed: Expression = List(
                tuple(_own(frame, s, c) for s, c in zip(sites, codes, strict=True))
            )
            if codes and codes[0] is None and frame.kind == "init" and result.static is not None:
                listed = result.static
            if node.symbol.endswith("StackedRNNCells"):
                return listed
            return Call(STACKED, (Argument(listed),))
        case Sequence(item=Instance(site=site)) if result.static is not None:
            # All made in one loop: each is fed by the one before.
            site.stored = True
            if node.symbol.endswith("StackedRNNCells"):
                return result.static
            return Call(STACKED, (Argument(result.static),))
        case _:
            return None


def _is_plain(site: Site, result: Result) -> bool:
    """A layer of Keras that is written inside the wrapper, and holds no other."""
    inline = isinstance(result.static, Pending)
    return inline and isinstance(site.target, LayerTarget) and not _inner_sites(site)


def _elements(code: Expression | None, count: int) -> list[Expression | None]:
    if isinstance(code, List) and len(code.elements) == count:
        return list(code.elements)
    return [None] * count


def _own(frame: Frame, site: Site, code: Expression | None) -> Expression:
    """The layer as a variable or attribute of `__init__`, or built where it is needed."""
    if frame.kind == "init" and code is not None and not isinstance(code, Pending):
        return code
    site.stored = True
    return Pending(site)


def copy_for_backward(target: LayerTarget) -> None:
    """`Bidirectional` runs two layers of one configuration."""
    layer = target.static.bound.get("layer")
    if isinstance(layer, (OpCall, type(None))) or "backward_layer" in target.static.bound:
        return
    site = _site_of(layer)
    copied = layer if site is None else Pending(_copied(site))
    for call in (target.static, target.dynamic):
        assert isinstance(call.bound, dict)
        call.bound["backward_layer"] = copied


def _site_of(code: Expression) -> Site | None:
    return code.site if isinstance(code, Pending) else None


def _copied(site: Site) -> Site:
    new = Site(site.target, site.span, site.hint, site.loop, stored=True)
    new.details |= {k: v for k, v in site.details.items() if k not in ("construct", "sized")}
    if isinstance(site.target, LayerTarget):
        bound = {
            name: Pending(_copied(code.site)) if isinstance(code, Pending) else code
            for name, code in site.target.static.bound.items()
        }
        op = site.target.static
        call = OpCall(op.symbol, bound, op.extra, op.function, span=op.span)
        new.target = LayerTarget(call, call)
    return new


def _inner_sites(site: Site) -> list[Site]:
    if not isinstance(site.target, LayerTarget):
        return []
    names = INSIDE.get(site.target.static.symbol, ())
    codes = [site.target.static.bound.get(n) for n in names]
    return [n.site for c in codes if c is not None for n in walk(c) if isinstance(n, Pending)]


def apply_inside(
    frame: Frame, site: Site, target: LayerTarget, inputs: list[Result]
) -> Value | None:
    """Shows the layers inside what they will get, and tells what the wrapper gives; None if it
    holds none."""
    names = INSIDE.get(target.static.symbol, ())
    found: dict[str, list[Site]] = {
        name: list(sites_in(frame, target.static.bound[name]))
        for name in names
        if name in target.static.bound
    }
    if not inputs or not any(found.values()):
        return None
    shape = inputs[0].value.shape if isinstance(inputs[0].value, Tensor) else UNKNOWN
    stack = apply_looped_cells(frame, site, target, shape, inputs)
    if stack is not None:
        return stack
    match target.static.symbol.rsplit(".", 1)[-1]:
        case "RNN":
            step, states = apply_cells(frame, found["cell"], without_axis(shape, 1), site)
            return over_time(target, shape, step, states)
        case "StackedRNNCells":
            step, states = apply_cells(frame, found["cells"], shape, site)
            return Sequence("tuple", (step, states))
        case _:
            both = [apply_inner(frame, s, [Tensor(shape)], site) for v in found.values() for s in v]
            return _both_ways(target, both)


def _both_ways(target: LayerTarget, results: list[Value]) -> Value:
    outputs = [_first(r) for r in results]
    size = outputs[0].shape.size(-1) if outputs else None
    mode = target.static.bound.get("merge_mode")
    merged = "concat" if mode is None else getattr(mode, "value", None)
    other = outputs[-1].shape.size(-1) if outputs else None
    value: Value = Tensor(UNKNOWN)
    if outputs and merged is not None:
        if merged == "concat":
            size = size + other if size is not None and other is not None else None
        value = Tensor(outputs[0].shape.with_last(size), outputs[0].dtype)
    if merged is None:
        return Sequence("list", tuple(outputs))
    states = [s for r in results for s in _rest(r)]
    return Sequence("tuple", (value, *states)) if states else value


def _first(value: Value) -> Tensor:
    match value:
        case Tensor():
            return value
        case Sequence(items=(Tensor() as first, *_)):
            return first
        case _:
            return Tensor()


def _rest(value: Value) -> tuple[Value, ...]:
    match value:
        case Sequence(items=(_, *rest)):
            return tuple(rest)
        case _:
            return ()
