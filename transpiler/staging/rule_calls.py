"""Calls, methods and layers by their rules, and what is reported of each."""

from __future__ import annotations

from typing import assert_never

from ...ir.nodes import (
    Attribute,
    Call,
    Constant,
    Expression,
    Name,
    OpCall,
    Subscript,
    replace_node,
    walk,
)
from ...ir.span import Span
from ..rewrite.layers import construct_layer
from ..rewrite.model import Dropped, Kept, Outcome, Refused, Rewritten
from .evaluation.expressions import evaluate
from .frame import Frame, Result
from .rules_bridge import Applied
from .sites import LayerTarget, Site
from .slices.shared import share
from .uses.sought_sizes import met_by, note_size
from .values import Static, Tensor, Weight


def rewrite(frame: Frame, op: OpCall) -> Expression:
    """What the rule of a call makes of it."""
    program = frame.program
    code = _reported(frame, op, program.bridge.rewrite(op), op.span)
    return share(code, op.bound.items(), program.facts.is_static)


def method_call(frame: Frame, node: Call, receiver: Result, method: str) -> Result | None:
    """A method of a tensor or variable, by its rule; None where there is none."""
    program = frame.program
    owner = "tf.Variable" if isinstance(receiver.value, Weight) else "tf.Tensor"
    if program.rules.for_member(owner, method) is None:
        return None
    arguments = [(a, evaluate(frame, a.value)) for a in node.arguments]
    assert isinstance(node.function, Attribute)
    subject = receiver.dynamic
    match subject:
        # The rules of variables take the variable itself, not its array.
        case Subscript(value=variable, index=Constant(value=index)) if index is Ellipsis:
            subject = variable if isinstance(receiver.value, Weight) else subject
        case _:
            pass
    call = Call(
        Attribute(subject, method),
        tuple(
            a if a.value is r.dynamic else replace_node(a, value=r.dynamic) for a, r in arguments
        ),
        span=node.span,
    )
    code = _reported(frame, call, program.bridge.rewrite_method(call, owner), node.span)
    code = share(code, [("x", subject)], program.facts.is_static)
    return Result(Tensor() if not isinstance(code, Constant) else Static(), code, None)


def member(frame: Frame, node: Call | Attribute, owner: str, name: str) -> Expression:
    """A method or attribute of an object of API class `owner`, by its rule; as it is where there
    is none."""
    program = frame.program
    if program.rules.for_member(owner, name) is None:
        return node
    if isinstance(node, Call):
        outcome = program.bridge.rewrite_method(node, owner)
    else:
        outcome = program.bridge.rewrite_attribute(node, owner)
    return _reported(frame, node, outcome, node.span)


def apply_layer(
    frame: Frame,
    site: Site,
    target: LayerTarget,
    inputs: list[Result],
    keywords: dict[str, Result],
) -> Applied | None:
    """What a layer of Keras makes of its inputs; None where its rule refuses it."""
    program = frame.program

    def unknown(name: str) -> Expression:
        return program.unknown_size(frame, target.static, target.static.symbol, name)

    if inputs:
        note_size(frame, site, target.static.symbol, "in_features", met_by(inputs[0].value))
    applied = program.bridge.apply(frame, site, target, inputs, keywords, unknown)
    if isinstance(applied, Refused):
        site.details["refused"] = applied
        return None
    if applied.construct is not None and _mentions_rngs(applied.construct):
        program.uses_rngs(frame)
    record = program.bridge.record(target.static)
    if record is not None and record.mode is not None:
        program.has_modes(frame, {record.mode})
    program.translated(frame, site.span, str(site.details.get("rule", target.static.symbol)))
    return applied


def unhandled_call(frame: Frame, op: OpCall, node: Call) -> Expression:
    """The call as it is, marked with why no rule translates it."""
    refused = _refusal(frame, op)
    return frame.program.unhandled(
        frame, node, refused.code, refused.message, refused.hint, op.span
    )


def takes_mask(frame: Frame, op: OpCall) -> bool:
    """Whether the layer's rule has a use for a mask."""
    record = frame.program.bridge.record(op)
    inputs = () if record is None else record.inputs
    parameter = next((p for p in inputs if p.name == "mask"), None)
    return parameter is not None and parameter.type.kind not in ("Fixed", "Ignored")


def _reported(frame: Frame, code: Expression, outcome: Outcome, span: Span | None) -> Expression:
    program = frame.program
    match outcome:
        case Rewritten(expression=expression, notes=notes, rule=rule):
            for note in notes:
                program.note(frame, note.code, note.message, span)
            program.translated(frame, span, rule)
            return expression
        case Dropped(reason=reason, rule=rule):
            program.translated(frame, span, rule, "dropped", reason)
            return Constant(None)
        case Kept(reason=reason, rule=rule):
            program.translated(frame, span, rule, "kept", reason)
            program.kept.add(id(code))
            return code
        case Refused() as refused:
            return program.unhandled(frame, code, refused.code, refused.message, refused.hint, span)
        case _:
            assert_never(outcome)


def _refusal(frame: Frame, op: OpCall) -> Refused:
    """Why a layer is refused: by its constructor, else where it was applied."""
    outcome = construct_layer(op, frame.program.rules, frame.program.facts, {})
    if isinstance(outcome, Refused):
        return outcome
    for site in reversed(frame.sites):
        if isinstance(site.target, LayerTarget) and site.target.static is op:
            found = site.details.get("refused")
            if isinstance(found, Refused):
                return found
    return Refused("TJ2001", f"no rule translates `{op.symbol}`")


def _mentions_rngs(code: Expression) -> bool:
    return any(isinstance(n, Name) and n.id == "rngs" for n in walk(code))
