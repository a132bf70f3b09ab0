"""Results that depend on a flag: `return (x, extra) if return_extra else x`.

The value keeps both forms, so that a caller who asks for the flag again (`if return_extra: x, extra
= x`) finds the one that holds. Anything else sees the form without the flag set: sizes are those of
the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ....ir.keys import same
from ....ir.nodes import Argument, Constant, Expression, FunctionDef, Name, Unary
from ..values import Flagged, Mapped, Sequence, Static, Tensor, Value, is_dynamic

if TYPE_CHECKING:
    from ..frame import Frame, Result


def flagged(frame: Frame, test: Expression, then: Value, otherwise: Value) -> Value | None:
    """Both forms of a value, by a flag of the method; None if they are of one kind."""
    name = _flag(test)
    if frame.kind != "call" or name is None or _kind(then) == _kind(otherwise):
        return None
    if not (is_dynamic(then) or is_dynamic(otherwise)):
        return None
    value = frame.environment.get(name)
    if not isinstance(value, Static) or value.constant is not None:
        return None
    return Flagged(test, then, otherwise, _default(frame, name))


def _kind(value: Value) -> object:
    match value:
        case Sequence() | Mapped():
            return type(value)
        case Flagged():
            return value
        case _:
            return Tensor


def _flag(test: Expression) -> str | None:
    """The variable that a test asks."""
    match test:
        case Name(id=name) | Unary(operator="not", operand=Name(id=name)):
            return name
        case _:
            return None


def _default(frame: Frame, name: str) -> bool | None:
    parameters = frame.method.parameters if frame.method is not None else ()
    for parameter in parameters:
        match parameter.name == name, parameter.default:
            case True, Constant(value=bool() as value):
                return value
            case _:
                pass
    return None


def settled(value: Value) -> Value:
    """The form of a value where nobody asks for the flag."""
    match value:
        case Flagged(test=test, then=then, otherwise=otherwise, default=default):
            given = default is True
            return settled(then if given != isinstance(test, Unary) else otherwise)
        case _:
            return value


def under(environment: Mapping[str, Value], test: Expression, outcome: bool) -> dict[str, Value]:
    """The variables where a test came out one way."""
    return {name: _chosen(value, test, outcome) for name, value in environment.items()}


def _chosen(value: Value, test: Expression, outcome: bool) -> Value:
    match value:
        case Flagged(then=then, otherwise=otherwise) if same(value.test, test):
            return then if outcome else otherwise
        case Flagged(then=then, otherwise=otherwise) if (
            same(_inner(value.test), _inner(test)) and value.test != test
        ):
            return otherwise if outcome else then
        case _:
            return value


def _inner(test: Expression) -> Expression:
    return test.operand if isinstance(test, Unary) else test


def at_call(
    value: Value, method: FunctionDef, arguments: list[tuple[Argument, Result]], skip: int = 1
) -> Value:
    """A callee's result in terms of a call's arguments; `skip` parameters are not among them. The
    training flag is not one either."""
    if not isinstance(value, Flagged):
        return value
    names = [p.name for p in method.parameters[skip:] if p.name != "training"]
    given: dict[str, Expression] = {p.name: p.default for p in method.parameters if p.default}
    for index, (argument, result) in enumerate(arguments):
        name = argument.keyword or (names[index] if index < len(names) else "")
        given[name] = result.dynamic
    flag = _flag(value.test)
    code = given.get(flag or "")
    match code:
        case Constant(value=constant):
            outcome = bool(constant) != isinstance(value.test, Unary)
            return value.then if outcome else value.otherwise
        case Name():
            test = Unary("not", code) if isinstance(value.test, Unary) else code
            return Flagged(test, value.then, value.otherwise, value.default)
        case _:
            return settled(value)


def returned(frame: Frame) -> Value | None:
    """All that a method returns; early returns under a flag are told apart."""
    from ..joined_values import join_values

    result: Value | None = None
    for index in reversed(range(len(frame.returns))):
        value, test = frame.returns[index], frame.return_tests.get(index)
        if result is None:
            result = value
            continue
        either = None if test is None else flagged(frame, test, value, result)
        result = either if either is not None else join_values(value, result)
    return result
