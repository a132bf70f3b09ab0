"""Tensors that a function takes or not: `def up(x, skip=None)`, and `if skip is not None` in it.

Such a parameter stays one. Where the function asks for it, so does its module: the constructor by
the size of the tensor, which is None where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ....ir.nodes import (
    Assign,
    Call,
    Compare,
    Conditional,
    Constant,
    Expression,
    FunctionDef,
    Name,
    Reference,
    walk,
)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Passed:
    """What a call passes: `arguments` by the parameters of `callee`, those left out as their
    defaults."""

    caller: Key
    callee: Key
    arguments: Mapping[str, Expression]


def optional_inputs(
    functions: Mapping[Key, FunctionDef], tensors: Callable[[Key, FunctionDef], set[str]]
) -> dict[Key, set[str]]:
    """By function, the tensor parameters that it asks for, and that some call leaves out."""
    asked = {key: asked_for(node) & tensors(key, node) for key, node in functions.items()}
    calls = [
        passed
        for key, node in functions.items()
        for call in walk(node)
        if isinstance(call, Call) and (passed := _passed(key, call, functions)) is not None
    ]
    while any([_hand_on(passed, asked, functions[passed.caller]) for passed in calls]):
        pass
    found = {key: asked[key] & _by_default(node) for key, node in functions.items()}
    absent = {key: _none_at_times(node) for key, node in functions.items()}
    while any([_leave_out(p, asked, found, absent[p.caller]) for p in calls]):
        pass
    return found


def of_local(node: FunctionDef) -> set[str]:
    """The parameters of a function inside another that it asks for and that may be left out."""
    return asked_for(node) & _by_default(node)


def asked_for(node: FunctionDef) -> set[str]:
    """The parameters that a function compares with None."""
    names = {p.name for p in node.parameters}
    found: set[str] = set()
    for inner in walk(node):
        match inner:
            case Compare(
                left=Name(id=name),
                operators=(("is" | "is not"),),
                comparators=(Constant(value=None),),
            ) if name in names:
                found.add(name)
            case _:
                pass
    return found


def _passed(caller: Key, call: Call, functions: Mapping[Key, FunctionDef]) -> _Passed | None:
    function = call.function
    if not isinstance(function, Reference) or any(a.star for a in call.arguments):
        return None
    callee = function.module, function.name
    if callee not in functions:
        return None
    names = [p.name for p in functions[callee].parameters]
    arguments = {p.name: p.default for p in functions[callee].parameters if p.default is not None}
    for index, argument in enumerate(call.arguments):
        if argument.keyword is not None or index < len(names):
            arguments[argument.keyword or names[index]] = argument.value
    return _Passed(caller, callee, arguments)


def _hand_on(passed: _Passed, asked: dict[Key, set[str]], caller: FunctionDef) -> bool:
    """A function asks for what it passes to one that does. Returns whether that is news."""
    own = {p.name for p in caller.parameters}
    given = (passed.arguments.get(name) for name in asked[passed.callee])
    new = {g.id for g in given if isinstance(g, Name) and g.id in own} - asked[passed.caller]
    asked[passed.caller] |= new
    return bool(new)


def _leave_out(
    passed: _Passed,
    asked: Mapping[Key, set[str]],
    found: dict[Key, set[str]],
    absent: set[str],
) -> bool:
    """Notes what a call may leave out. Returns whether that is news."""
    absent = absent | found[passed.caller]
    new = {
        name
        for name in asked[passed.callee] - found[passed.callee]
        if name in passed.arguments and _may_be_none(passed.arguments[name], absent)
    }
    found[passed.callee] |= new
    return bool(new)


def _may_be_none(code: Expression, absent: set[str]) -> bool:
    match code:
        case Constant(value=None):
            return True
        case Name(id=name):
            return name in absent
        case Conditional(then=then, otherwise=otherwise):
            return _may_be_none(then, absent) or _may_be_none(otherwise, absent)
        case _:
            return False


def _by_default(node: FunctionDef) -> set[str]:
    defaults = {p.name: p.default for p in node.parameters}
    return {n for n, d in defaults.items() if isinstance(d, Constant) and d.value is None}


def _none_at_times(node: FunctionDef) -> set[str]:
    """The variables that a function sets to None somewhere."""
    return {
        target.id
        for inner in walk(node)
        if isinstance(inner, Assign)
        and isinstance(inner.value, Constant)
        and inner.value.value is None
        for target in inner.targets
        if isinstance(target, Name)
    }
