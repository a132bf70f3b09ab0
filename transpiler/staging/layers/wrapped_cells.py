"""Cells in `RNN`: stacks of them, and the sizes of their states."""

from __future__ import annotations

from ....ir.dims import Dim, from_expression
from ....ir.nodes import Argument, Call, Symbol
from ...shapes.shapes import UNKNOWN, Shape
from ..class_definitions.class_state import ClassState
from ..frame import Frame, Result
from ..sites import LayerTarget, PlanTarget, Site
from ..uses import applied_plans
from ..values import Sequence, Static, Tensor, Value
from . import stacked_cells
from .inner_layers import apply_inner, over_time, sites_in


def apply_looped_cells(
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
    made = list(sites_in(frame, code))
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
    apply_inner(frame, made[0], [step, Sequence("list", None, Tensor())], site)
    value = Tensor(Shape((batch, found.last)))
    alike = Shape(None, found.last) if found.size == found.last else UNKNOWN
    states = Sequence("list", None, Tensor(alike))
    return (
        over_time(target, shape, value, states)
        if name == "RNN"
        else Sequence("tuple", (value, states))
    )


def apply_cells(frame: Frame, cells: list[Site], shape: Shape, outer: Site) -> tuple[Value, Value]:
    """Cells one after the other: the output of the last, and the states of all."""
    value: Value = Tensor(shape)
    states: list[Value] = []
    for cell in cells:
        if isinstance(cell.target, LayerTarget) and "units" in cell.target.static.bound:
            apply_inner(frame, cell, [value, Sequence("list", None, Tensor())], outer)
            value = Tensor(Shape((shape.size(0), _units(frame, cell.target))))
            pair = cell.target.static.symbol.endswith("LSTMCell")
            states.append(Sequence("list", (value, value) if pair else (value,)))
            continue
        given = Sequence("list", None, Tensor())
        match apply_inner(frame, cell, [value, given], outer):
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
    from ..class_definitions.attribute_definitions import at_construction

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
    found = frame.program.bridge.shapes.argument(target.static.bound["units"], {})
    return Dim.of(found) if isinstance(found, int) else found if isinstance(found, Dim) else None
