"""What statements do: assignments, branches, loops.

A statement ends in one of a few ways: "next" (the one after it runs), "return", "break",
"continue", "raise". A branch whose test is not known is followed both ways, and what they leave
behind is joined; what must hold for the program to run on, in one way only, is not kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from ...ir.nodes import (
    AnnotatedAssign,
    Assert,
    Assign,
    Attribute,
    AugmentedAssign,
    Binary,
    Body,
    Boolean,
    Break,
    Call,
    ClassDef,
    Compare,
    Continue,
    Delete,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    Import,
    Name,
    OpaqueStatement,
    Raise,
    Return,
    Statement,
    Try,
    Unary,
    While,
    With,
)
from . import stated
from .annotations import annotated
from .assignment import assign
from .definitions import function_value, make_class
from .expressions import binary, evaluate, flag_of
from .flow import Flow, Raised, exits, fork
from .loops import follow_for, follow_while
from .machine import Machine
from .pythonic import iterate
from .values import (
    UNKNOWN,
    Const,
    External,
    Frame,
    Listing,
    Mapped,
    Tensor,
    Value,
    items_of,
)

LONGEST_LOOP = 256
QUIET = frozenset(
    {"raises", "assertRaises", "assertRaisesRegex", "suppress", "assertRaisesWithPredicateMatch"}
)
IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})


def run(m: Machine, body: Body, frame: Frame) -> Flow:
    for statement in body:
        flow = execute(m, statement, frame)
        if flow != "next":
            return flow
    return "next"


def execute(m: Machine, s: Statement, frame: Frame) -> Flow:
    m.step()
    if id(s) in m.gaps:
        m.log.gaps.append(m.place(s, frame))
    match s:
        case Assign(targets=targets, value=value):
            for target in targets:
                stated.unpacked(m, target, value, frame)
            found = evaluate(m, value, frame)
            for target in targets:
                assign(m, target, found, frame)
        case AnnotatedAssign(target=target, annotation=annotation, value=value):
            if value is not None:
                found = evaluate(m, value, frame)
                assign(m, target, annotated(m, annotation, found, frame), frame)
        case AugmentedAssign():
            _augmented(m, s, frame)
        case ExpressionStatement(value=value):
            _expression(m, value, frame)
        case Return(value=value):
            found = Const(None) if value is None else evaluate(m, value, frame)
            if value is not None and not m.muted:
                m.log.see(m.place(s, frame), "return", found)
            exits(frame).append((found, {}))
            return "return"
        case If(test=test, then=then, otherwise=otherwise):
            return _if(m, test, then, otherwise, frame)
        case For():
            return follow_for(m, s, frame, run)
        case While():
            return follow_while(m, s, frame, run)
        case With():
            return _with(m, s, frame)
        case Try():
            return _try(m, s, frame)
        case FunctionDef():
            m.write(frame.variables, s.name, function_value(m, s, frame))
        case ClassDef():
            m.write(frame.variables, s.name, make_class(m, s, frame))
        case Import():
            _import(m, s, frame)
        case Raise():
            raise Raised
        case Assert(test=test):
            flag = flag_of(evaluate(m, test, frame))
            if flag is False:
                raise Raised
            stated.assume(m, test, True, frame)
        case Delete(targets=targets):
            for target in targets:
                if isinstance(target, Name):
                    m.write(frame.variables, target.id, UNKNOWN)
        case Break():
            return "break"
        case Continue():
            return "continue"
        case OpaqueStatement(inner=inner):
            for part in inner:
                evaluate(m, part, frame)
        case _:
            pass
    return "next"


def _expression(m: Machine, value: Expression, frame: Frame) -> None:
    evaluate(m, value, frame)
    if isinstance(value, Call):
        stated.method(m, value, frame)


def _augmented(m: Machine, s: AugmentedAssign, frame: Frame) -> None:
    before, value = evaluate(m, s.target, frame), evaluate(m, s.value, frame)
    if isinstance(before, Listing) and s.operator == "+":
        items, more = items_of(before), iterate(m, value)
        m.write(before.cell, "items", None if items is None or more is None else items + more)
        return
    assign(m, s.target, binary(m, s.operator, before, value, frame, s.value), frame)


def _import(m: Machine, s: Import, frame: Frame) -> None:
    for alias in s.names:
        if s.level or alias.name == "*":
            continue
        if s.module:
            dotted, name = f"{s.module}.{alias.name}", alias.alias or alias.name
        else:
            dotted = alias.name if alias.alias else alias.name.partition(".")[0]
            name = alias.alias or dotted
        m.write(frame.variables, name, External(dotted))


# -- branches


def _if(m: Machine, test: Expression, then: Body, otherwise: Body, frame: Frame) -> Flow:
    value = evaluate(m, test, frame)
    flag = flag_of(value)
    if flag is not None:
        return run(m, then if flag else otherwise, frame)

    def branch(body: Body, holds: bool) -> Callable[[], Flow]:
        def follow() -> Flow:
            stated.assume(m, test, holds, frame)
            return run(m, body, frame)

        return follow

    certain = decidable(m, test, frame, value)
    return fork(m, [branch(then, True), branch(otherwise, False)], frame, certain)


def decidable(m: Machine, test: Expression, frame: Frame, value: Value | None = None) -> bool:
    """Whether a test is open because of what the caller may pass, not because the analysis lost
    track: only then both branches are known to be possible. `value`: that of the test, if it is
    at hand."""
    match test:
        case Boolean(operands=operands):
            return all(decidable(m, o, frame) for o in operands)
        case Unary(operand=operand):
            return decidable(m, operand, frame)
        case Compare(left=left, comparators=comparators):
            return all(decidable(m, e, frame) for e in (left, *comparators))
        case Binary(left=left, right=right):
            return decidable(m, left, frame) and decidable(m, right, frame)
        case _:
            if value is None:
                with m.mute():
                    value = evaluate(m, test, frame)
            lost = isinstance(value, (Listing, Mapped)) and value.cell.get("items") is None
            return type(value) is not Value and not lost


# -- with, try


def _with(m: Machine, s: With, frame: Frame) -> Flow:
    quiet = False
    for item in s.items:
        found = evaluate(m, item.context, frame)
        quiet = quiet or _expects_errors(item.context)
        if item.target is not None:
            assign(m, item.target, UNKNOWN if isinstance(found, Tensor) else found, frame)
    if quiet:
        with m.mute(), contextlib.suppress(Raised):
            run(m, s.body, frame)
        return "next"
    return run(m, s.body, frame)


def _expects_errors(context: Expression) -> bool:
    match context:
        case Call(function=Attribute(attribute=name)) | Call(function=Name(id=name)):
            return name in QUIET
        case _:
            return False


def _try(m: Machine, s: Try, frame: Frame) -> Flow:
    imports = all(_only_imports(h.type) for h in s.handlers)

    def body() -> Flow:
        flow = run(m, s.body, frame)
        return flow if flow != "next" else run(m, s.otherwise, frame)

    def handler(index: int) -> Callable[[], Flow]:
        def follow() -> Flow:
            chosen = s.handlers[index]
            if chosen.name is not None:
                m.write(frame.variables, chosen.name, UNKNOWN)
            return run(m, chosen.body, frame)

        return follow

    if not s.handlers:
        flow = body()
    else:
        handlers = [handler(i) for i in range(len(s.handlers))]
        flow = fork(m, [body, *handlers], frame, certain=imports)
    last = run(m, s.final, frame)
    return last if last != "next" else flow


def _only_imports(kind: Expression | None) -> bool:
    match kind:
        case Name(id=name):
            return name in IMPORT_ERRORS
        case _:
            return False
