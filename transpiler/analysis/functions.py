"""Following the body of a function with given arguments."""

from __future__ import annotations

from ...ir.nodes import Expression, Lambda, Parameter
from .annotations import annotated
from .joins import mutable_cells
from .machine import MAX_DEPTH, Machine
from .values import (
    NONE,
    UNKNOWN,
    Arguments,
    Fixed,
    Frame,
    Function,
    Mapped,
    Place,
    Value,
)


def forget(m: Machine, given: Arguments) -> None:
    """Unknown code may have changed what it was given."""
    for value in (*given.positional, *given.keywords.values()):
        for cell in mutable_cells(value):
            m.write(cell, "items", None)


def call_function(m: Machine, function: Function, given: Arguments, place: Place) -> Value:
    """What the function gives for these arguments."""
    if m.watch is None:
        return _called(m, function, given, place)
    note = m.watch.called(function, given)
    found = _called(m, function, given, place)
    m.watch.gave(note, found)
    return found


def _called(m: Machine, function: Function, given: Arguments, place: Place) -> Value:
    same = sum(1 for f in m.running if f is function.node)
    cut = m.depth >= MAX_DEPTH or same >= 3
    if cut or not given.complete or m.tables.bodies.of(function.node).yields:
        m.cuts += cut
        forget(m, given)
        return UNKNOWN
    if m.summaries is None:
        return _followed(m, function, given, place)
    return m.summaries.call(function, given, place, lambda: _followed(m, function, given, place))


def _followed(m: Machine, function: Function, given: Arguments, place: Place) -> Value:
    from .flow import Raised, exits
    from .statements import run

    frame = Frame(function.frame.module, {}, function.frame, function.cls, function.owner)
    if not bind(m, function, given, frame):
        return UNKNOWN
    body = function.node.body
    muted = m.muted
    m.depth += 1
    m.calls.append(place)
    m.running.append(function.node)
    try:
        if isinstance(body, Expression):
            return m.evaluate(body, frame)
        try:
            flow = run(m, body, frame)
        except Raised:
            if not exits(frame):
                raise
            flow = "return"
        found = exits(frame)
        if flow != "return":
            found.append((NONE, {}))
        value = found[0][0]
        for other, _ in found[1:]:
            value = m.join(value, other)
        for _, changes in found:
            if changes:
                m.trail.merge([{}, changes], m.join_cells)
        return value
    finally:
        m.depth -= 1
        m.muted = max(muted, m.switched_off)
        m.calls.pop()
        m.running.pop()


def bind(m: Machine, function: Function, given: Arguments, frame: Frame) -> bool:
    """Puts arguments into the variables of `frame`; False when the call does not fit."""
    positional = list(given.positional)
    if function.owner is not None and not isinstance(function.node, Lambda):
        positional.insert(0, function.owner)
    keywords = dict(given.keywords)
    for parameter in function.node.parameters:
        value = _argument(parameter, positional, keywords, function)
        if value is None:
            return False
        m.write(frame.variables, parameter.name, annotated(m, parameter.annotation, value, frame))
    return not positional and not keywords


def _argument(
    parameter: Parameter,
    positional: list[Value],
    keywords: dict[str, Value],
    function: Function,
) -> Value | None:
    match parameter.kind:
        case "varargs":
            rest = Fixed(tuple(positional))
            positional.clear()
            return rest
        case "kwargs":
            rest = Mapped({"items": dict(keywords)})
            keywords.clear()
            return rest
        case kind:
            if positional and kind != "keyword_only":
                return positional.pop(0)
            if parameter.name in keywords:
                return keywords.pop(parameter.name)
            return function.defaults.get(parameter.name)
