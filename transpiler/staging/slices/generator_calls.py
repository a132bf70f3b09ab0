"""Calls of what needs a generator pass one."""

from __future__ import annotations

from dataclasses import dataclass

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Expression,
    FunctionDef,
    Lambda,
    Name,
    Node,
    Parameter,
    Reference,
    Statement,
    Symbol,
    Unhandled,
    map_children,
    replace_node,
)
from .generator_scope import RNGS, ClassScope, Key, ProjectScope, binds, is_parent_call, method_key

PARTIAL = "functools.partial"


@dataclass(slots=True, eq=False)
class CallRewriter:
    """Puts `generator` where code draws, and passes it where code calls what draws."""

    project: ProjectScope
    module: str
    owner: ClassScope | None
    generator: Expression
    function: FunctionDef | None = None
    used: bool = False

    def visit(self, node: Node) -> Node:
        match node:
            case Unhandled():
                return node
            case FunctionDef():
                if binds(node):
                    return node
                body = tuple(self._statement(s) for s in node.body)
                same = all(a is b for a, b in zip(body, node.body, strict=True))
                return node if same else replace_node(node, body=body)
            case Lambda() if binds(node):
                return node
            case Parameter():
                return node
            case Name() if id(node) in self.project.free:
                self.used = True
                return node if isinstance(self.generator, Name) else self.generator
            case Call():
                return self._call(node)
            case Reference() if self._target(node) in self.project.needing:
                self.used = True
                return Call(Symbol(PARTIAL), (Argument(node), Argument(self.generator, RNGS)))
            case _:
                return map_children(node, self.visit)

    def _statement(self, statement: Statement) -> Statement:
        new = self.visit(statement)
        assert isinstance(new, Statement)
        return new

    def _target(self, code: Expression) -> Key | None:
        if isinstance(code, Attribute):
            return self._method(code)
        found = self.project.resolve(self.module, code)
        own = self.function.parameters if self.function is not None else ()
        hidden = isinstance(code, Name) and any(p.name == code.id for p in own)
        return None if hidden else found

    def _method(self, code: Attribute) -> Key | None:
        """A method that is called without an object, or whose object does not matter."""
        match code.value:
            case Name(id="self" | "cls") if self.owner is not None:
                owner: ClassScope | None = self.owner
            case value:
                key = self.project.resolve(self.module, value)
                owner = self.project.classes.get(key) if key is not None else None
        if owner is None or code.attribute not in owner.methods:
            return None
        return method_key(owner, code.attribute)

    def _wants(self, callee: Expression) -> bool:
        key = self._target(callee)
        if key is None:
            return False
        found = self.project.classes.get(key)
        return found.constructor if found is not None else key in self.project.needing

    def _call(self, node: Call) -> Node:
        wants = self._wants(node.function)
        match node.function, node.arguments:
            case Symbol(path="functools.partial"), (first, *_):
                wants = self._wants(first.value)
            case _:
                wants = wants or (is_parent_call(node) and self._parent_wants())
        passed = any(a.keyword == RNGS for a in node.arguments)
        arguments: list[Argument] = []
        for index, argument in enumerate(node.arguments):
            named = wants and index == 0 and isinstance(node.function, Symbol)
            new = argument if named else map_children(argument, self.visit)
            arguments.append(new)
        function = node.function
        if not wants:
            function = self.visit(function)
        elif not passed:
            self.used = True
            last = [a for a in arguments if a.star == "**"]
            arguments = [a for a in arguments if a.star != "**"]
            arguments += [Argument(self.generator, RNGS), *last]
        same = len(arguments) == len(node.arguments) and function is node.function
        if same and all(a is b for a, b in zip(arguments, node.arguments, strict=True)):
            return node
        return replace_node(node, function=function, arguments=tuple(arguments))

    def _parent_wants(self) -> bool:
        owner = self.owner
        return owner is not None and any(self.project.classes[b].constructor for b in owner.bases)
