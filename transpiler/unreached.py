"""Definitions of followed files that only code needed which the translation has dropped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from operator import is_
from typing import TypeVar

from ..ir.nodes import (
    Attribute,
    Call,
    ClassDef,
    Constant,
    FunctionDef,
    If,
    Import,
    Module,
    Name,
    Node,
    Pass,
    Reference,
    Statement,
    Try,
    children,
    replace_node,
    walk,
)
from ..ir.span import Span

T = TypeVar("T")


@dataclass(slots=True)
class _Reach:
    """What is used so far: definitions by module and name, and every attribute name."""

    used: Mapping[str, Set[str]]  # the names that each module uses in its source
    renamed: Mapping[tuple[str, str], str]  # what definitions are called in the target
    names: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    attributes: set[str] = field(default_factory=set[str])
    grown: bool = False

    def use(self, module: str, node: Node) -> None:
        stack = [node]
        while stack:
            current = stack.pop()
            self._note(module, current)
            stack.extend(children(current))

    def _note(self, module: str, node: Node) -> None:
        match node:
            case Reference(module=owner, name=name):
                self._add(self.names, (owner, self.renamed.get((owner, name), name)))
            case Name(id=name):
                self._add(self.names, (module, name))
            case Attribute(attribute=name):
                self._add(self.attributes, name)
            case Import(names=aliases):
                # One that the source uses leads on by its uses; the emitter drops it without any.
                for alias in aliases:
                    if alias.name not in self.used.get(module, ()):
                        self._add(self.attributes, alias.name)
            case Call(function=Name(id="getattr" | "hasattr"), arguments=(_, second, *_)):
                if isinstance(second.value, Constant):
                    self._add(self.attributes, str(second.value.value))
            case _:
                pass

    def _add(self, found: set[T], item: T) -> None:
        if item not in found:
            found.add(item)
            self.grown = True


def without_unreached(
    modules: Mapping[str, Module],
    partial: Set[str],
    sources: Mapping[str, Module],
    renamed: Mapping[tuple[str, str], str],
) -> tuple[dict[str, Module], dict[str, list[Span]]]:
    """The modules, those in `partial` without functions, classes and methods that nothing uses.

    A method stays when its name is read as an attribute anywhere, or when it is called unasked.
    `renamed`: the new names of definitions. With the spans that were left out.
    """
    used = {n: _used(m) for n, m in sources.items() if n in modules and n not in partial}
    reach = _Reach(used, renamed)
    pending: list[tuple[str, str | None, Statement]] = []
    for name, module in modules.items():
        if name not in partial:
            reach.use(name, module)
            continue
        pending += ((name, None, s) for s in _flat(module.body))
    done: set[int] = set()
    reach.grown = True
    while reach.grown:
        reach.grown = False
        rest: list[tuple[str, str | None, Statement]] = []
        for module, owner, statement in pending:
            if not _is_used(reach, module, owner, statement):
                rest.append((module, owner, statement))
                continue
            done.add(id(statement))
            if isinstance(statement, ClassDef):
                for part in (*statement.bases, *statement.decorators):
                    reach.use(module, part)
                for member in statement.body:
                    if isinstance(member, FunctionDef):
                        rest.append((module, statement.name, member))
                    else:
                        reach.use(module, member)
                reach.grown = True
            else:
                reach.use(module, statement)
        pending = rest
    gone: dict[str, list[Span]] = {}
    for module, _, statement in pending:
        if isinstance(statement, FunctionDef | ClassDef) and statement.span is not None:
            gone.setdefault(module, []).append(statement.span)
    kept = {
        name: _kept(module, done) if name in partial else module for name, module in modules.items()
    }
    return kept, gone


def _used(module: Module) -> set[str]:
    found = (n for n in walk(module) if isinstance(n, Name | Reference))
    return {n.id if isinstance(n, Name) else n.name for n in found}


def _flat(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """Statements, those inside `if` and `try` one by one."""
    for statement in body:
        match statement:
            case If(then=then, otherwise=otherwise):
                yield from _flat(then)
                yield from _flat(otherwise)
            case Try(body=tried, handlers=handlers, otherwise=otherwise, final=final):
                for block in (tried, *(h.body for h in handlers), otherwise, final):
                    yield from _flat(block)
            case _:
                yield statement


def _is_used(reach: _Reach, module: str, owner: str | None, statement: Statement) -> bool:
    match statement:
        case FunctionDef(name=name) | ClassDef(name=name):
            if owner is not None and (name == "call" or name[:2] == name[-2:] == "__"):
                return True
            return name in reach.attributes or (owner is None and (module, name) in reach.names)
        case Import():
            return False  # what it binds is used by name; the emitter prunes the rest
        case _:
            return True


def _kept(module: Module, done: Set[int]) -> Module:
    def body(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return tuple(kept for s in statements if (kept := one(s)) is not None)

    def one(statement: Statement) -> Statement | None:
        match statement:
            case FunctionDef():
                return statement if id(statement) in done else None
            case ClassDef() if id(statement) not in done:
                return None
            case ClassDef(body=members):
                left = body(members)
                if len(left) == len(members):
                    return statement
                return replace_node(statement, body=left or (Pass(),))
            case If(then=then, otherwise=otherwise):
                new_then, new_otherwise = body(then), body(otherwise)
                if len(new_then) == len(then) and len(new_otherwise) == len(otherwise):
                    return statement
                if not new_then and not new_otherwise:
                    return None
                return replace_node(statement, then=new_then or (Pass(),), otherwise=new_otherwise)
            case _:
                return statement

    left = body(module.body)
    same = len(left) == len(module.body) and all(map(is_, left, module.body))
    return module if same else replace_node(module, body=left)
