"""What an expression stands for."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from ...ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Dict,
    Expression,
    FormattedString,
    Generator,
    Lambda,
    List,
    Name,
    NamedExpression,
    OpaqueExpression,
    OpCall,
    Reference,
    Set,
    Starred,
    Subscript,
    Symbol,
    Tuple,
    Unary,
)
from . import stated, tensors
from .assignment import assign
from .attributes import attribute
from .calls import call_api
from .definitions import module_frame, plain_function
from .flow import Raised
from .machine import Machine
from .operators import UNROLL, binary, joined_text, negated
from .pythonic import iterate
from .subscripts import subscript
from .templates import compare, truth
from .tracked import Tracked
from .values import (
    UNKNOWN,
    Api,
    Arguments,
    Const,
    External,
    Fixed,
    Frame,
    Function,
    Listing,
    Mapped,
    Tensor,
    Value,
    const,
    dim_of,
    entries_of,
    items_of,
)


def evaluate(m: Machine, e: Expression, frame: Frame) -> Value:
    m.step()
    kind = type(e)
    handler = HANDLERS.get(kind)
    found = UNKNOWN if handler is None else handler(m, e, frame)
    if type(found) is Tensor and found.made is None and kind is not Name and kind is not Attribute:
        return found.made_at(m.place(e, frame))
    return found


def _constant(m: Machine, e: Constant, frame: Frame) -> Value:
    value = e.value
    return Tracked(value, m.trail.clock) if isinstance(value, (str, float)) else Const(value)


def _attribute(m: Machine, e: Attribute, frame: Frame) -> Value:
    return attribute(m, evaluate(m, e.value, frame), e.attribute, m.place(e, frame))


def _subscript(m: Machine, e: Subscript, frame: Frame) -> Value:
    return subscript(m, evaluate(m, e.value, frame), e.index, frame, e)


def _binary(m: Machine, e: Binary, frame: Frame) -> Value:
    a, b = evaluate(m, e.left, frame), evaluate(m, e.right, frame)
    return binary(m, e.operator, a, b, frame, e)


def _unary(m: Machine, e: Unary, frame: Frame) -> Value:
    found = evaluate(m, e.operand, frame)
    if isinstance(found, Tensor) and m.library is not None:
        return UNKNOWN if e.operator == "not" else found
    return negated(e.operator, found)


def _tuple(m: Machine, e: Tuple, frame: Frame) -> Value:
    items = _elements(m, e.elements, frame)
    return UNKNOWN if items is None else Fixed(items)


def _set(m: Machine, e: Set, frame: Frame) -> Value:
    _elements(m, e.elements, frame)
    return UNKNOWN


def _named(m: Machine, e: NamedExpression, frame: Frame) -> Value:
    found = evaluate(m, e.value, frame)
    assign(m, e.target, found, frame)
    return found


def _opaque(m: Machine, e: OpaqueExpression, frame: Frame) -> Value:
    for part in e.inner:
        evaluate(m, part, frame)
    return UNKNOWN


def lookup(frame: Frame, name: str) -> Value:
    scope: Frame | None = frame
    while scope is not None:
        if name in scope.variables:
            return scope.variables[name]
        scope = scope.parent
    return External(f"builtins.{name}") if hasattr(builtins, name) else UNKNOWN


def _reference(m: Machine, e: Reference, frame: Frame) -> Value:
    found = module_frame(m, e.module)
    return UNKNOWN if found is None else found.variables.get(e.name, UNKNOWN)


# -- calls


def _op_call(m: Machine, e: OpCall, frame: Frame) -> Value:
    bound = {name: evaluate(m, value, frame) for name, value in e.bound.items()}
    extra = arguments_of(m, e.extra, frame)
    stated.operation(m, e, bound, frame)
    return call_api(m, e.symbol, bound, extra, m.place(e, frame))


def _call(m: Machine, e: Call, frame: Frame) -> Value:
    function = e.function
    if isinstance(function, Name) and function.id == "super":
        found = lookup(frame, "super")
        if isinstance(found, External):
            return _super(m, frame)
    called = evaluate(m, function, frame)
    return m.invoke(called, arguments_of(m, e.arguments, frame), m.place(e, frame))


def _super(m: Machine, frame: Frame) -> Value:
    from .values import Super

    scope: Frame | None = frame
    while scope is not None and (scope.cls is None or scope.owner is None):
        scope = scope.parent
    if scope is None or scope.cls is None or scope.owner is None:
        return UNKNOWN
    return Super(scope.cls, scope.owner)


def arguments_of(m: Machine, arguments: tuple[Argument, ...], frame: Frame) -> Arguments:
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    complete = True
    for argument in arguments:
        value = evaluate(m, argument.value, frame)
        if argument.star == "*":
            items = iterate(m, value)
            complete = complete and items is not None
            positional += items or ()
        elif argument.star == "**":
            entries = entries_of(value)
            if entries is None:
                complete = False
            keywords |= {k: v for k, v in (entries or {}).items() if isinstance(k, str)}
        elif argument.keyword is not None:
            keywords[argument.keyword] = value
        else:
            positional.append(value)
    return Arguments(tuple(positional), keywords, complete)


# -- displays


def _elements(
    m: Machine, elements: tuple[Expression, ...], frame: Frame
) -> tuple[Value, ...] | None:
    items: list[Value] = []
    complete = True
    for element in elements:
        value = evaluate(m, element, frame)
        if isinstance(element, Starred):
            inner = iterate(m, value)
            complete = complete and inner is not None
            items += inner or ()
        else:
            items.append(value)
    return tuple(items) if complete else None


def _dict(m: Machine, e: Dict, frame: Frame) -> Value:
    items: dict[object, Value] | None = {}
    for key, value in zip(e.keys, e.values, strict=True):
        found = evaluate(m, value, frame)
        if key is None:
            entries = entries_of(found)
            items = None if items is None or entries is None else items | entries
            continue
        name = const(evaluate(m, key, frame))
        if name is ... or items is None:
            items = None
        else:
            items[name] = found
    return Mapped({"items": items})


def _comprehension(m: Machine, e: Comprehension, frame: Frame) -> Value:
    inner = Frame(frame.module, {}, frame, frame.cls, frame.owner)
    found: list[tuple[Value, Value]] = []
    if not _generate(m, e, e.generators, inner, found):
        return Listing({"items": None}) if e.kind == "list" else UNKNOWN
    if e.kind == "dict":
        names = [const(k) for k, _ in found]
        known = None if ... in names else {n: v for n, (_, v) in zip(names, found, strict=True)}
        return Mapped({"items": known})
    values = tuple(v for v, _ in found)
    return Listing({"items": values}) if e.kind == "list" else Fixed(values)


def _generate(
    m: Machine,
    e: Comprehension,
    generators: tuple[Generator, ...],
    frame: Frame,
    found: list[tuple[Value, Value]],
) -> bool:
    """Appends what the comprehension gives; False when that is not known."""
    if not generators:
        element = evaluate(m, e.element, frame)
        found.append((element, UNKNOWN if e.value is None else evaluate(m, e.value, frame)))
        return True
    first, *rest = generators
    items = iterate(m, evaluate(m, first.iterable, frame))
    if items is None or len(items) > UNROLL:
        with m.mute():
            assign(m, first.target, UNKNOWN, frame)
            _generate(m, e, tuple(rest), frame, [])
        return False
    for item in items:
        assign(m, first.target, item, frame)
        flags = [truth(evaluate(m, c, frame)) for c in first.conditions]
        if None in flags:
            return False
        if all(flags) and not _generate(m, e, tuple(rest), frame, found):
            return False
    return True


# -- subscripts


# -- operators


def _boolean(m: Machine, e: Boolean, frame: Frame) -> Value:
    symbol, operands = e.operator, e.operands
    last: Value = UNKNOWN
    for operand in operands:
        last = evaluate(m, operand, frame)
        flag = flag_of(last)
        if flag is None:
            for other in operands[operands.index(operand) + 1 :]:
                flag = _flag_if_run(m, other, frame)
                if flag == (symbol == "or"):
                    return Const(flag) if symbol == "and" else UNKNOWN
            return UNKNOWN
        if flag == (symbol == "or"):
            return last
    return last


def _flag_if_run(m: Machine, operand: Expression, frame: Frame) -> bool | None:
    """Of an operand that may not run: where it raises, the program goes on only without it."""
    mark = m.trail.mark()
    try:
        return flag_of(evaluate(m, operand, frame))
    except Raised:
        m.trail.undo(mark)
        return None


def flag_of(value: Value) -> bool | None:
    """Whether a test on the value passes."""
    flag = truth(value)
    if flag is not None:
        return flag
    items = items_of(value)
    if items is not None:
        return bool(items)
    entries = entries_of(value)
    if entries is not None:
        return bool(entries)
    return True if isinstance(value, (Function, Api)) else None


def _compare(m: Machine, e: Compare, frame: Frame) -> Value:
    left = evaluate(m, e.left, frame)
    result: Value = Const(True)
    for symbol, comparator in zip(e.operators, e.comparators, strict=True):
        right = evaluate(m, comparator, frame)
        result = _compared(m, symbol, left, right, frame, e)
        if const(result) is False:
            return result
        if const(result) is ...:
            return result if len(e.operators) == 1 else UNKNOWN
        left = right
    return result


def _compared(
    m: Machine, symbol: str, left: Value, right: Value, frame: Frame, e: Compare
) -> Value:
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        if m.library is not None and symbol not in ("is", "is not", "in", "not in"):
            return m.library.comparison(m, symbol, left, right, m.place(e, frame))
        return tensors.comparison(m, symbol, left, right, m.place(e, frame))
    a, b = dim_of(left), dim_of(right)
    if a is not None and b is not None and (a.constant is None or b.constant is None):
        if symbol in ("==", "!="):
            sure = getattr(left, "sure", True) and getattr(right, "sure", True)
            answer = m.equal(a, b)
            if answer == "yes":
                return Const(symbol == "==")
            if answer == "no" and sure:
                return Const(symbol == "!=")
        one, other = m.number(a), m.number(b)
        if one is not None and other is not None:
            return compare(symbol, Const(one), Const(other))
        return UNKNOWN
    if symbol in ("in", "not in") and (entries := entries_of(right)) is not None:
        name = const(left)
        return UNKNOWN if name is ... else Const((name in entries) == (symbol == "in"))
    return compare(symbol, left, right)


def _conditional(m: Machine, e: Conditional, frame: Frame) -> Value:
    flag = flag_of(evaluate(m, e.test, frame))
    if flag is not None:
        return evaluate(m, e.then if flag else e.otherwise, frame)
    mark = m.trail.mark()
    with m.mute():
        first = evaluate(m, e.then, frame)
        changes = m.trail.undo(mark)
        second = evaluate(m, e.otherwise, frame)
        others = m.trail.undo(mark)
    m.trail.merge([changes, others], m.join_cells)
    return m.join(first, second)


HANDLERS: dict[type, Callable[[Machine, Any, Frame], Value]] = {
    Constant: _constant,
    Name: lambda m, e, frame: lookup(frame, e.id),
    Symbol: lambda m, e, frame: Api(e.path),
    Reference: _reference,
    Attribute: _attribute,
    Subscript: _subscript,
    OpCall: _op_call,
    Call: _call,
    Binary: _binary,
    Unary: _unary,
    Boolean: _boolean,
    Compare: _compare,
    Conditional: _conditional,
    Tuple: _tuple,
    List: lambda m, e, frame: Listing({"items": _elements(m, e.elements, frame)}),
    Set: _set,
    Dict: _dict,
    Lambda: lambda m, e, frame: plain_function(m, e, frame, frame.cls),
    Comprehension: _comprehension,
    FormattedString: lambda m, e, frame: joined_text(m, [evaluate(m, p, frame) for p in e.parts]),
    NamedExpression: _named,
    Starred: lambda m, e, frame: evaluate(m, e.value, frame),
    OpaqueExpression: _opaque,
}
"""By the kind of the expression; the others are unknown."""
