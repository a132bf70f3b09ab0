"""Lambdas that build layers and apply them: each becomes a local function.

    f = lambda t: Dense(4)(t)          def f(t):
    y = f(f(x))                            return Dense(4)(t)
                                       y = f(f(x))

Every call of one builds layers of its own, in a module class that is made once for each call. Local
functions become such classes; an expression has no place for one. Lambdas with a name that only
make a layer (`make = lambda n: Dense(n)`) become functions, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from ....ir.nodes import (
    Assign,
    Body,
    ClassDef,
    Comprehension,
    Expression,
    For,
    FunctionDef,
    If,
    Lambda,
    Module,
    Name,
    Node,
    OpCall,
    Parameter,
    Return,
    Statement,
    Try,
    While,
    With,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput
from ..sites import unique_name

Applies = Callable[[FunctionDef], bool]
Makes = Callable[[Expression], bool]
N = TypeVar("N", Statement, Expression)
NAME = "apply"


def with_named_lambdas(
    modules: Mapping[str, ModuleInput], applies: Applies, makes: Makes
) -> Mapping[str, ModuleInput]:
    """The modules, those without such a lambda unchanged. `applies`: whether a function builds
    layers and applies them to what it is given; `makes`: whether an expression makes a layer."""
    return {name: _module(module, applies, makes) for name, module in modules.items()}


def _module(module: ModuleInput, applies: Applies, makes: Makes) -> ModuleInput:
    def visit(node: Node) -> Node:
        match node:
            case FunctionDef() if any(isinstance(n, Lambda) for n in walk(node)):
                return _Names(applies, makes, _names(node)).function(node)
            case FunctionDef() | Expression():
                return node
            case _:
                return map_children(node, visit)

    tree = visit(module.tree)
    assert isinstance(tree, Module)
    return module if tree is module.tree else replace(module, tree=tree)


@dataclass(slots=True)
class _Names:
    """One function: the names taken in it, and the functions to define before a statement."""

    applies: Applies
    makes: Makes
    taken: set[str]
    pending: list[FunctionDef] = field(default_factory=list[FunctionDef])

    def function(self, node: FunctionDef) -> FunctionDef:
        body = self._body(node.body)
        return node if body is node.body else replace_node(node, body=body)

    def _body(self, body: Body) -> Body:
        made: list[Statement] = []
        for statement in body:
            new = self._statement(statement)
            made += [*self.pending, new]
            self.pending = []
        same = len(made) == len(body) and all(a is b for a, b in zip(made, body, strict=True))
        return body if same else tuple(made)

    def _statement(self, statement: Statement) -> Statement:
        match statement:
            case Assign(targets=(Name(id=name),), value=Lambda() as value):
                function = self._as_function(value, name, statement)
                return statement if function is None else function
            case FunctionDef():
                taken = self.taken | _names(statement)
                return _Names(self.applies, self.makes, taken).function(statement)
            case For() | While() | If() | With() | Try():
                return self._compound(statement)
            case ClassDef():
                return statement
            case _:
                return self._without_lambdas(statement)

    def _compound(self, statement: Statement) -> Statement:
        """Blocks hold their own functions; those of the list of a loop stand before it."""
        new = statement
        if isinstance(statement, For):
            iterable = self._without_lambdas(statement.iterable)
            new = (
                statement
                if iterable is statement.iterable
                else replace_node(statement, iterable=iterable)
            )
        before, self.pending = self.pending, []
        for name in ("then", "body", "otherwise", "final"):
            body = getattr(new, name, None)
            if body:
                inner = self._body(body)
                new = new if inner is body else replace_node(new, **{name: inner})
        self.pending = before
        return new

    def _without_lambdas(self, code: N) -> N:
        def visit(node: Node) -> Node:
            match node:
                case Comprehension():  # with variables of its own
                    return node
                case OpCall():
                    # A function that is given to the API is called there.
                    return map_children(node, lambda n: n if isinstance(n, Lambda) else visit(n))
                case Lambda():
                    name = unique_name(NAME, self.taken)
                    function = self._as_function(node, name, None)
                    if function is None:
                        return node
                    self.pending.append(function)
                    return Name(name)
                case _:
                    return map_children(node, visit)

        new = visit(code)
        return cast("N", new)

    def _as_function(
        self, node: Lambda, name: str, statement: Statement | None
    ) -> FunctionDef | None:
        span = node.span if statement is None else statement.span
        body = (Return(node.body, span=node.body.span),)
        function = FunctionDef(name, node.parameters, body, span=span)
        if not self.applies(function) and (statement is None or not self.makes(node.body)):
            return None
        self.taken.add(name)
        return function


def _names(function: FunctionDef) -> set[str]:
    """All names that occur in a function."""
    found = {n.name for n in walk(function) if isinstance(n, (Parameter, FunctionDef))}
    return found | {n.id for n in walk(function) if isinstance(n, Name)}
