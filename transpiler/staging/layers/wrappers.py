"""Layers that take other layers: cells in `RNN`, what `Bidirectional` runs both ways, and
`TimeDistributed`.

The layer inside is a site of its own. It is built inline in the constructor of the wrapper; what
the wrapper shows it of the input (one time step, for a cell) tells its sizes.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.dims import Dim, from_expression
from ....ir.nodes import Argument, Call, Expression, List, Name, OpCall, Symbol, walk
from ...shapes.shapes import UNKNOWN, Shape
from ..chosen_layers.layer_tables import as_callable
from ..class_definitions.class_state import ClassState
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..nodes import Pending
from ..sites import DistributedTarget, LayerTarget, PlanTarget, Site, attribute_hint
from ..uses import applied_plans
from ..values import Instance, Sequence, Static, Tensor, Value
from . import applying, masks, stacked_cells

# What a wrapper takes, by the parameter that takes it.
INSIDE = {
    "keras.layers.RNN": ("cell",),
    "keras.layers.StackedRNNCells": ("cells",),
    "keras.layers.Bidirectional": ("layer", "backward_layer"),
}
STACKED = Symbol("tf_compat.StackedRNNCells")
TIME_DISTRIBUTED = Symbol("tf_compat.time_distributed")


# ------------------------------------------------------------------------------------------- inside


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


# ---------------------------------------------------------------------------------------- sizes


def apply_inside(
    frame: Frame, site: Site, target: LayerTarget, inputs: list[Result]
) -> Value | None:
    """Shows the layers inside what they will get, and tells what the wrapper gives; None if it
    holds none."""
    names = INSIDE.get(target.static.symbol, ())
    found: dict[str, list[Site]] = {
        name: list(_sites_in(frame, target.static.bound[name]))
        for name in names
        if name in target.static.bound
    }
    if not inputs or not any(found.values()):
        return None
    shape = inputs[0].value.shape if isinstance(inputs[0].value, Tensor) else UNKNOWN
    stack = _looped_cells(frame, site, target, shape, inputs)
    if stack is not None:
        return stack
    match target.static.symbol.rsplit(".", 1)[-1]:
        case "RNN":
            step, states = _cells(frame, found["cell"], _without_axis(shape, 1), site)
            return _over_time(target, shape, step, states)
        case "StackedRNNCells":
            step, states = _cells(frame, found["cells"], shape, site)
            return Sequence("tuple", (step, states))
        case _:
            both = [_applied(frame, s, [Tensor(shape)], site) for v in found.values() for s in v]
            return _both_ways(target, both)


def _looped_cells(
    frame: Frame, site: Site, target: LayerTarget, shape: Shape, inputs: list[Result]
) -> Value | None:
    """What a stack of cells gives that are made in a loop; None for any other layer."""
    name = target.static.symbol.rsplit(".", 1)[-1]
    parameter = {"RNN": "cell", "StackedRNNCells": "cells"}.get(name)
    if parameter is None:
        return None
    code = target.static.bound[parameter]
    match code:
        case Call(function=Symbol() as function, arguments=(Argument(value=only),)):
            code = only
        case _:
            function = None
    made = list(_sites_in(frame, code))
    known = code if stacked_cells.is_loop(code) else frame.program.facts.value(code)
    if not made or not (
        stacked_cells.is_loop(code) or (isinstance(known, Sequence) and known.item is not None)
    ):
        return None
    found = stacked_cells.looped(code, made[0], shape.size(-1), [*frame.environment])
    if found is None:
        message = "the cells of this stack need sizes that their loop does not tell"
        hint = "make the cells in a comprehension inside the wrapper, or one by one"
        new = frame.program.unhandled(frame, code, "TJ4001", message, hint, site.span)
    elif function is None:
        new = found.code
    else:
        new = Call(function, (Argument(found.code),))
    for call in (target.static, target.dynamic):
        assert isinstance(call.bound, dict)
        call.bound[parameter] = new
    if found is None:
        return Tensor(UNKNOWN)
    batch = shape.size(0)
    step = Tensor(Shape((batch, found.size)))
    _applied(frame, made[0], [step, Sequence("list", None, Tensor())], site)
    value = Tensor(Shape((batch, found.last)))
    alike = Shape(None, found.last) if found.size == found.last else UNKNOWN
    states = Sequence("list", None, Tensor(alike))
    return (
        _over_time(target, shape, value, states)
        if name == "RNN"
        else Sequence("tuple", (value, states))
    )


def _sites_in(frame: Frame, code: Expression) -> Iterator[Site]:
    """The layers that code of `__init__` holds, in order."""
    match code:
        case Pending(site=site):
            yield site
        case List(elements=elements):
            for element in elements:
                yield from _sites_in(frame, element)
        case Call(function=Symbol(), arguments=(Argument(value=only),)):
            yield from _sites_in(frame, only)
        case OpCall():
            return
        case _:
            match frame.program.facts.value(code):
                case Instance(site=site):
                    yield site
                case Sequence(items=items, item=item):
                    for value in (*(items or ()), item):
                        if isinstance(value, Instance):
                            yield value.site
                case _:
                    return


def _applied(frame: Frame, site: Site, values: list[Value], outer: Site) -> Value:
    """What a layer gives for values of these shapes; tells it its sizes."""
    was_stored, site.stored = site.stored, True
    reader = Pending(site)
    arguments: list[tuple[Argument, Result]] = []
    for name, value in zip(("x", "states"), values, strict=False):
        code = Name(name)
        frame.program.facts.record(code, value)
        size = value.shape.size(-1) if isinstance(value, Tensor) else None
        static = size.to_expression() if size is not None else None
        arguments.append((Argument(code), Result(value, code, static)))
    call = Call(reader, tuple(a for a, _ in arguments), span=outer.span)
    callee = Result(Instance(site), reader, None)
    result = applying.apply_evaluated(frame, site, call, callee, arguments)
    site.stored = was_stored
    return result.value


def _cells(frame: Frame, cells: list[Site], shape: Shape, outer: Site) -> tuple[Value, Value]:
    """Cells one after the other: the output of the last, and the states of all."""
    value: Value = Tensor(shape)
    states: list[Value] = []
    for cell in cells:
        if isinstance(cell.target, LayerTarget) and "units" in cell.target.static.bound:
            _applied(frame, cell, [value, Sequence("list", None, Tensor())], outer)
            value = Tensor(Shape((shape.size(0), _units(frame, cell.target))))
            pair = cell.target.static.symbol.endswith("LSTMCell")
            states.append(Sequence("list", (value, value) if pair else (value,)))
            continue
        given = Sequence("list", None, Tensor())
        match _applied(frame, cell, [value, given], outer):
            case Sequence(items=(output, new, *_)):
                value = output
                states.append(new)
            case _:
                value = Tensor()
                states.append(Sequence("list", None, Tensor()))
        if not isinstance(value, Tensor) or value.shape.size(-1) is None:
            value = Tensor(Shape((shape.size(0), _state_size(frame, cell))))
    if len(cells) == 1:
        return value, states[0]
    return value, Sequence("list", tuple(_single(s) for s in states))


def _single(states: Value) -> Value:
    """The state of a cell in a stack: a list of one state is given without the list."""
    match states:
        case Sequence(items=(only,)):
            return only
        case _:
            return states


def _state_size(frame: Frame, cell: Site) -> Dim | None:
    """The size that a cell of the project states, where its code does not show it."""
    from ..class_definitions.class_attributes import at_construction

    if not isinstance(cell.target, PlanTarget):
        return None
    state = cell.target.plan.details.get("class_state")
    if not isinstance(state, ClassState):
        return None
    stated = state.attributes.get("output_size", state.attributes.get("state_size"))
    if isinstance(stated, Sequence) and stated.items:
        stated = stated.items[0]
    if not isinstance(stated, Static) or stated.size is None:
        return None
    code = at_construction(state, stated.size.to_expression(), ())
    size = from_expression(code) if code is not None else None
    if size is None:
        return None
    outcome = Tensor(Shape((None, size)))
    value = applied_plans.plan_result(frame, cell, cell.target, {}, {}, outcome)
    return value.shape.size(-1) if isinstance(value, Tensor) else None


def _units(frame: Frame, target: LayerTarget) -> Dim | None:
    found = frame.program.bridge.argument(target.static.bound["units"], {})
    return Dim.of(found) if isinstance(found, int) else found if isinstance(found, Dim) else None


def _without_axis(shape: Shape, axis: int) -> Shape:
    if shape.dims is None or len(shape.dims) <= axis:
        return Shape(None, shape.size(-1))
    return Shape(shape.dims[:axis] + shape.dims[axis + 1 :])


def _flag(target: LayerTarget, name: str) -> bool:
    match target.static.bound.get(name):
        case None:
            return False
        case code:
            value = getattr(code, "value", None)
            return value is True


def _over_time(target: LayerTarget, shape: Shape, step: Value, states: Value) -> Value:
    """What `RNN` gives, by what its cell gives."""
    out = step.shape if isinstance(step, Tensor) else UNKNOWN
    if _flag(target, "return_sequences"):
        time = shape.size(1) if shape.dims is not None else None
        dims = None if out.dims is None else (shape.size(0), time, *out.dims[1:])
        out = Shape(dims) if dims is not None else Shape(None, out.size(-1))
    value = Tensor(out, step.dtype if isinstance(step, Tensor) else None)
    if not _flag(target, "return_state"):
        return value
    match states:
        case Sequence(items=items) if items is not None:
            return Sequence("tuple", (value, *items))
        case Tensor():
            return Sequence("tuple", (value, states))
        case Sequence(item=Tensor() as state):
            # As many as there are cells: of the output, only what it shares with the states.
            return Sequence("tuple", None, state)
        case _:
            return Sequence("tuple", None, Tensor())


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


# --------------------------------------------------------------------------------- TimeDistributed


def time_distributed(frame: Frame, node: OpCall) -> Result | None:
    """`TimeDistributed(layer)`: what applies the layer to each time step."""
    given = node.bound.get("layer")
    if given is None:
        return None
    inner = evaluate(frame, given)
    if not isinstance(inner.value, Instance):
        return None
    name = node.bound.get("name")
    hint = attribute_hint(node.symbol, name) if name is not None else inner.value.site.hint
    target = DistributedTarget(inner.value.site, inner.dynamic)
    if frame.kind == "init" and not isinstance(inner.static, Pending):
        target.stored = inner.static
    site = Site(target, node.span, hint, loop=frame.loop)
    result = applying.created(frame, site, node)
    if target.stored is not None:
        site.details["construct"] = target.stored
    return result


def apply_distributed(
    frame: Frame,
    site: Site,
    target: DistributedTarget,
    node: Call,
    callee: Result,
    arguments: applying.Evaluated,
) -> Result:
    """Layers that work on the last axis take the input as it is; for others the axes of batch and
    time are merged."""
    inner = target.inner
    own = frame.kind != "split" or site.stored
    reader = applying.module_read(frame, site, callee.dynamic) if own else _read(frame, target)
    was_stored = inner.stored
    if own:
        inner.stored = True
    (first, x), *rest = arguments
    if _on_last_axis(frame, inner):
        result = applying.apply_evaluated(
            frame, inner, node, Result(Instance(inner), reader, None), arguments
        )
    else:
        shape = x.value.shape if isinstance(x.value, Tensor) else UNKNOWN
        step = Tensor(
            _without_axis(shape, 1), x.value.dtype if isinstance(x.value, Tensor) else None
        )
        code = Name("x")
        frame.program.facts.record(code, step)
        one = applying.apply_evaluated(
            frame,
            inner,
            node,
            Result(Instance(inner), reader, None),
            [(Argument(code, first.keyword), Result(step, code, x.static)), *_flags(rest)],
        )
        call = Call(TIME_DISTRIBUTED, (Argument(as_callable(one.dynamic)), Argument(x.dynamic)))
        value = _with_time(one.value, shape)
        size = value.shape.size(-1) if isinstance(value, Tensor) else None
        result = Result(value, call, size.to_expression() if size is not None else None)
    result = Result(
        masks.with_mask(result.value, masks.mask_of(x.value)), result.dynamic, result.static
    )
    construct = inner.details.get("construct")
    if own:
        inner.stored = was_stored
        if target.stored is None and isinstance(construct, Expression):
            applying.ensure_built(frame, site, construct)
    return result


def _flags(arguments: applying.Evaluated) -> applying.Evaluated:
    return [(a, r) for a, r in arguments if a.keyword == "training"]


def _read(frame: Frame, target: DistributedTarget) -> Expression:
    return applying.module_read(frame, target.inner, target.code)


def _on_last_axis(frame: Frame, site: Site) -> bool:
    """Whether a layer treats each position of the leading axes alike."""
    if not isinstance(site.target, LayerTarget):
        return False
    return frame.program.bridge.works_on_last_axis(site.target.static)


def _with_time(value: Value, shape: Shape) -> Value:
    match value:
        case Tensor():
            time = shape.size(1) if shape.dims is not None else None
            dims = value.shape.dims
            if dims is None:
                return Tensor(Shape(None, value.shape.size(-1)), value.dtype)
            return Tensor(Shape((shape.size(0), time, *dims[1:])), value.dtype)
        case Sequence(items=items) if items is not None:
            return Sequence(value.kind, tuple(_with_time(v, shape) for v in items))
        case _:
            return value
