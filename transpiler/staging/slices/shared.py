"""What the target uses twice is computed once: `self.conv(x)` in `y.reshape(y.shape[0], -1)`.

Rules put an argument wherever their template mentions it. `share` marks one that costs something
and occurs more than once; `with_names`, when all is staged, makes a variable of it before the
statement, or the parameter of a lambda where no statement can stand.
"""

from __future__ import annotations

import builtins
import keyword
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from ....ir.nodes import (
    Argument,
    Assign,
    AugmentedAssign,
    Body,
    Boolean,
    Call,
    ClassDef,
    Comprehension,
    Conditional,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    Handler,
    If,
    Lambda,
    List,
    Module,
    Name,
    Node,
    Parameter,
    Return,
    Starred,
    Statement,
    Tuple,
    map_children,
    replace_node,
    walk,
)
from ....rules.language.facts import is_simple
from ....rules.language.namespaces import TARGETS


@dataclass(slots=True, eq=False)
class Shared(Expression):
    """`body`, in which `SharedRead(names[i])` stands for `values[i]`."""

    names: tuple[str, ...]
    values: tuple[Expression, ...]
    body: Expression


@dataclass(slots=True, eq=False)
class SharedRead(Expression):
    """A value of the innermost `Shared` around it that has this name."""

    name: str


def share(
    code: Expression,
    arguments: Iterable[tuple[str, Expression]],
    is_static: Callable[[Expression], bool],
) -> Expression:
    """`code` with those of the arguments marked that it holds more than once, by identity."""
    parts = {id(part): (name, part) for name, value in arguments for part in _parts(value)}
    counts = Counter(id(node) for node in walk(code) if id(node) in parts)
    found: dict[int, tuple[str, Expression]] = {}
    for number, count in counts.items():
        name, value = parts[number]
        if count > 1 and not is_simple(value) and not is_static(value) and value is not code:
            found[number] = (_unique(name, {n for n, _ in found.values()}), value)
    if not found:
        return code

    def visit(node: Node) -> Node:
        if id(node) in found:
            return SharedRead(found[id(node)][0])
        return map_children(node, visit)

    names, values = zip(*found.values(), strict=True)
    return Shared(names, values, cast(Expression, visit(code)))


def _parts(value: Expression) -> Iterator[Expression]:
    """The value, and the elements of a display: templates take them apart."""
    yield value
    if isinstance(value, Tuple | List):
        for element in value.elements:
            if not isinstance(element, Starred):
                yield from _parts(element)


def with_names(module: Module) -> Module:
    """The module without `Shared`; the same object where there was none."""
    if not any(isinstance(node, Shared) for node in walk(module)):
        return module
    return replace_node(module, body=_body(module.body, _Scope(_names(module))))


@dataclass(slots=True)
class _Scope:
    """The names that a function uses, so that new ones are new."""

    taken: set[str]
    captured: frozenset[str] = frozenset()
    is_function: bool = False
    before: list[Statement] = field(default_factory=list[Statement])

    def variable(self, hint: str) -> str:
        name = _unique(hint, self.taken)
        self.taken.add(name)
        return name


def _names(node: Node) -> set[str]:
    found: set[str] = set()
    for inner in walk(node):
        match inner:
            case (
                Name(id=name) | FunctionDef(name=name) | ClassDef(name=name) | Parameter(name=name)
            ):
                found.add(name)
            case _:
                pass
    return found


RESERVED = frozenset((*TARGETS, "self", "rngs", *dir(builtins), *keyword.kwlist))


def _unique(hint: str, taken: set[str]) -> str:
    hint = "value" if hint in RESERVED else hint
    name, number = hint, 1
    while name in taken:
        number += 1
        name = f"{hint}{number}"
    return name


def _body(body: Body, scope: _Scope) -> Body:
    result: list[Statement] = []
    for statement in body:
        new = _statement(statement, scope)
        result += [*scope.before, new]
        scope.before.clear()
    return tuple(result)


def _statement(node: Statement, scope: _Scope) -> Statement:
    """The statement without `Shared`; what is to stand before it is put into the scope."""
    if not any(isinstance(inner, Shared) for inner in walk(node)):
        return node
    match node:
        case FunctionDef():
            inner = _Scope(_names(node), _captured(node), is_function=True)
            named = cast(FunctionDef, _map(node, lambda e: _expression(e, scope, True)))
            return replace_node(named, body=_body(node.body, inner))
        case ClassDef():
            named = cast(ClassDef, _map(node, lambda e: _expression(e, scope, True)))
            return replace_node(named, body=_body(node.body, _Scope(set(scope.taken))))
        case Return(value=Shared() as value):
            return replace_node(node, value=_returned(value, scope))
        case Assign(targets=(Name(id=target),), value=Shared() as value):
            return replace_node(node, value=_assigned(value, target, scope))
        case Assign() | AugmentedAssign() | Return() | ExpressionStatement():
            return cast(Statement, _map(node, lambda e: _expression(e, scope, False)))
        case If(then=then, otherwise=otherwise):
            test = _expression(node.test, scope, False)
            before, scope.before = scope.before, []
            node = replace_node(
                node, test=test, then=_body(then, scope), otherwise=_body(otherwise, scope)
            )
            scope.before = before
            return node
        case For(body=body, otherwise=otherwise):
            iterable = _expression(node.iterable, scope, False)
            before, scope.before = scope.before, []
            node = replace_node(
                node, iterable=iterable, body=_body(body, scope), otherwise=_body(otherwise, scope)
            )
            scope.before = before
            return node
        case _:
            return cast(Statement, _map_blocks(node, scope))


def _map(node: Node, function: Callable[[Expression], Expression]) -> Node:
    """The node with its expressions replaced, those of parameters and the like included;
    statements below it stay."""

    def visit(child: Node) -> Node:
        match child:
            case Expression():
                return function(child)
            case Statement():
                return child
            case _:
                return map_children(child, visit)

    return map_children(node, visit)


def _map_blocks(node: Statement, scope: _Scope) -> Node:
    """`while`, `with`, `try` ...: blocks of statements by field, expressions where they are."""
    changes: dict[str, object] = {}
    for name in ("body", "otherwise", "final"):
        block = getattr(node, name, ())
        if block:
            changes[name] = _body(block, scope)
    handlers: tuple[Handler, ...] = getattr(node, "handlers", ())
    if handlers:
        changes["handlers"] = tuple(replace_node(h, body=_body(h.body, scope)) for h in handlers)
    mapped = _map(node, lambda e: _expression(e, scope, True))
    return replace_node(mapped, **changes)


def _returned(shared: Shared, scope: _Scope) -> Expression:
    """`return` may give its value to a variable that nothing reads any more."""
    values, body = _visited(shared, scope)
    name = shared.names[0]
    reuse = scope.is_function and name in scope.taken and name not in scope.captured
    free = _names(body)
    if len(values) == 1 and reuse and name not in RESERVED and name not in free:
        return _bind(values, shared.names, (name,), body, scope)
    return _bind(values, shared.names, None, body, scope)


def _assigned(shared: Shared, target: str, scope: _Scope) -> Expression:
    """`y = f(g(x))` may be `y = g(x)`, `y = f(y)`."""
    values, body = _visited(shared, scope)
    reuse = scope.is_function and target not in _names(body) and target not in scope.captured
    if len(values) == 1 and reuse:
        return _bind(values, shared.names, (target,), body, scope)
    return _bind(values, shared.names, None, body, scope)


def _visited(shared: Shared, scope: _Scope) -> tuple[tuple[Expression, ...], Expression]:
    values = tuple(_expression(value, scope, False) for value in shared.values)
    return values, _expression(shared.body, scope, False)


def _bind(
    values: tuple[Expression, ...],
    names: tuple[str, ...],
    variables: tuple[str, ...] | None,
    body: Expression,
    scope: _Scope,
) -> Expression:
    """Assignments before the statement, and the body that reads them."""
    chosen = variables or tuple(scope.variable(name) for name in names)
    for variable, value in zip(chosen, values, strict=True):
        scope.before.append(Assign((Name(variable),), value))
    return _reading(body, dict(zip(names, chosen, strict=True)))


def _reading(body: Expression, names: dict[str, str]) -> Expression:
    def visit(node: Node) -> Node:
        match node:
            case SharedRead(name=name) if name in names:
                return Name(names[name])
            case _:
                return map_children(node, visit)

    return cast(Expression, visit(body))


def _expression(node: Expression, scope: _Scope, conditional: bool) -> Expression:
    """The expression without `Shared`. `conditional`: it may run never, or many times, so that
    nothing can be taken out of it."""
    if not any(isinstance(inner, Shared) for inner in walk(node)):
        return node
    match node:
        case Shared(names=names) if not conditional:
            values, body = _visited(node, scope)
            return _bind(values, names, None, body, scope)
        case Shared(names=names):
            values = tuple(_expression(value, scope, True) for value in node.values)
            body = _expression(node.body, scope, True)
            free = _names(body)
            chosen = {name: _unique(name, free) for name in names}
            function = Lambda(tuple(Parameter(chosen[n]) for n in names), _reading(body, chosen))
            return Call(function, tuple(Argument(value) for value in values))
        case Conditional(test=test, then=then, otherwise=otherwise):
            return replace_node(
                node,
                test=_expression(test, scope, conditional),
                then=_expression(then, scope, True),
                otherwise=_expression(otherwise, scope, True),
            )
        case Boolean(operands=(first, *others)):
            rest = (_expression(e, scope, True) for e in others)
            return replace_node(node, operands=(_expression(first, scope, conditional), *rest))
        case Lambda() | Comprehension():
            return cast(Expression, _map(node, lambda e: _expression(e, scope, True)))
        case _:
            return cast(Expression, _map(node, lambda e: _expression(e, scope, conditional)))


def _captured(function: FunctionDef) -> frozenset[str]:
    """The names that functions inside this one read: their values must not change."""
    found: set[str] = set()
    for node in walk(function):
        if node is not function and isinstance(node, FunctionDef | Lambda | Comprehension):
            found |= _names(node)
    return frozenset(found)
