"""Variables that a module has in some configurations only: `self.bias = None` otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeGuard

from ....ir.keys import same
from ....ir.nodes import (
    Boolean,
    Compare,
    Conditional,
    Constant,
    Expression,
    Node,
    Subscript,
    Unary,
    walk,
)
from ....rules.language.records import Rule, variable_name
from ..frame import Frame, Result
from ..values import Weight


def read(frame: Frame, variable: Expression, weight: Weight) -> Expression:
    """What a variable holds; None where it may be missing and no test around says that it is
    there."""
    value = Subscript(variable, Constant(...))
    if not weight.optional or _is_tested(frame, variable):
        return value
    return Conditional(_is_missing(variable), Constant(None), value)


def present(frame: Frame, result: Result) -> Result:
    """What the variable holds, where None would be an error anyway: an operand, say."""
    if not isinstance(result.value, Weight) or not _is_optional(result.dynamic):
        return result
    value, code = replace(result.value, optional=False), result.dynamic.otherwise
    frame.program.facts.record(code, value)
    return Result(value, code, result.static)


def itself(code: Expression) -> Expression:
    """The variable, to be compared with None."""
    code = code.otherwise if _is_optional(code) else code
    return code.value if isinstance(code, Subscript) and _is_whole(code) else code


def missing(result: Result) -> Expression | None:
    """The test for a variable that is not there; None where it always is."""
    if isinstance(result.value, Weight) and _is_optional(result.dynamic):
        return result.dynamic.test
    return None


def takes_none(record: object, name: str) -> bool:
    """Whether None is an argument like others for a parameter of an operation."""
    parameter = record.parameter(name) if isinstance(record, Rule) else None
    if not isinstance(record, Rule) or parameter is None:
        return True
    if isinstance(parameter.default, Constant) and parameter.default.value is None:
        return True
    parts: list[Node] = [c.body for c in record.to]
    parts += [c.guard for c in record.to if c.guard is not None]
    return any(
        isinstance(node, Compare)
        and variable_name(node.left) == name
        and any(isinstance(c, Constant) and c.value is None for c in node.comparators)
        for part in parts
        for node in walk(part)
    )


def _is_optional(code: Expression) -> TypeGuard[Conditional]:
    match code:
        case Conditional(test=test, otherwise=Subscript(value=variable) as value):
            return _is_whole(value) and same(test, _is_missing(variable))
        case _:
            return False


def _is_missing(variable: Expression) -> Compare:
    return Compare(variable, ("is",), (Constant(None),))


def _is_whole(code: Subscript) -> bool:
    return isinstance(code.index, Constant) and code.index.value is ...


def _is_tested(frame: Frame, variable: Expression) -> bool:
    """Whether a test around says that it is there."""
    return any(_says_there(test, variable, True) for test in frame.tests)


def _says_there(test: Expression, variable: Expression, holds: bool) -> bool:
    """Whether a test that holds, or does not, means that the variable is not None."""
    match test:
        case Unary(operator="not", operand=operand):
            return _says_there(operand, variable, not holds)
        case Boolean(operator=operator, operands=operands) if (operator == "and") is holds:
            return any(_says_there(operand, variable, holds) for operand in operands)
        case Compare(left=left, operators=(operator,), comparators=(Constant(value=None),)):
            return operator == ("is not" if holds else "is") and same(left, variable)
        case _:
            return False
