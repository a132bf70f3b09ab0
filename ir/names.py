"""Names in the IR: what a scope binds, and which names nothing binds."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator

from .nodes import (
    AnnotatedAssign,
    Assign,
    AugmentedAssign,
    ClassDef,
    Comprehension,
    Expression,
    For,
    FunctionDef,
    Generator,
    Handler,
    Import,
    Lambda,
    List,
    Module,
    Name,
    NamedExpression,
    Node,
    OpaqueExpression,
    OpaqueStatement,
    Scope,
    Starred,
    Tuple,
    Unhandled,
    With,
    children,
)

PREDEFINED = frozenset(dir(builtins)) | {
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__class__",
    "__file__",
    "__loader__",
    "__module__",
    "__name__",
    "__package__",
    "__path__",
    "__qualname__",
    "__spec__",
}


def target_names(target: Expression) -> Iterator[str]:
    """The names that assigning to `target` binds."""
    match target:
        case Name(id=id):
            yield id
        case Tuple(elements=elements) | List(elements=elements):
            for element in elements:
                yield from target_names(element)
        case Starred(value=value):
            yield from target_names(value)
        case _:
            pass


def bound_names(body: Iterable[Node]) -> set[str]:
    """The names that a body binds in its own scope; functions and classes inside bind theirs."""
    found: set[str] = set()
    stack: list[Node] = list(body)
    while stack:
        node = stack.pop()
        match node:
            case FunctionDef(name=name):
                found.add(name)
                stack.extend((*node.decorators, *node.parameters))
                continue
            case ClassDef(name=name):
                found.add(name)
                stack.extend((*node.decorators, *node.bases))
                continue
            case Lambda():
                continue
            case Generator():  # its target is the comprehension's own
                stack.extend((node.iterable, *node.conditions))
                continue
            case Assign(targets=targets):
                for target in targets:
                    found.update(target_names(target))
            case (
                AnnotatedAssign(target=target)
                | AugmentedAssign(target=target)
                | For(target=target)
                | NamedExpression(target=target)
            ):
                found.update(target_names(target))
            case With(items=items):
                for item in items:
                    found.update(target_names(item.target) if item.target else ())
            case Handler(name=str() as name):
                found.add(name)
            case Import(names=names):
                found.update(alias.alias or alias.name.partition(".")[0] for alias in names)
            case OpaqueStatement(inner=inner):  # `match` binds names that the IR does not show
                found.update(one.id for one in inner if isinstance(one, Name))
            case _:
                pass
        stack.extend(children(node))
    return found


def undefined_names(module: Module) -> Iterator[Name]:
    """Names that no scope around them binds, in no particular order.

    A module with `import *`, or with code that the IR does not look into, has none: anything could
    be bound.
    """
    hidden: set[str] = set()
    for node in _all(module):
        match node:
            case Import(names=names) if any(alias.name == "*" for alias in names):
                return
            case OpaqueStatement():
                return
            case Scope(kind="global", names=names):
                hidden.update(names)
            case _:
                pass
    top = bound_names(module.body) | hidden | PREDEFINED
    yield from _undefined(module.body, top, top)


def _all(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(children(current))


def _undefined(
    nodes: Iterable[Node], names: set[str] | frozenset[str], outer: set[str] | frozenset[str]
) -> Iterator[Name]:
    """`outer` is what functions defined here see: the names without those of a class body."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        match node:
            case Name(id=id):
                if id not in names:
                    yield node
            case FunctionDef():
                stack.extend(node.decorators)
                stack.extend(_signature(node.parameters, node.returns))
                inner = outer | bound_names(node.body) | {p.name for p in node.parameters}
                yield from _undefined(node.body, inner, inner)
            case Lambda():
                stack.extend(_signature(node.parameters, None))
                inner = outer | {parameter.name for parameter in node.parameters}
                yield from _undefined([node.body], inner, inner)
            case ClassDef():
                stack.extend((*node.decorators, *node.bases))
                yield from _undefined(node.body, names | bound_names(node.body), outer)
            case Comprehension():
                targets = {n for one in node.generators for n in target_names(one.target)}
                # The first iterable is evaluated outside; allowing its names is close enough.
                yield from _undefined(children(node), names | targets, outer | targets)
            case OpaqueExpression(text=text) if " for " in text:
                pass  # an asynchronous comprehension binds names that the IR does not show
            case Unhandled():
                pass  # what it stands for is quoted, not run
            case _:
                stack.extend(children(node))


def _signature(parameters: Iterable[Node], returns: Expression | None) -> Iterator[Node]:
    for parameter in parameters:
        yield from children(parameter)
    if returns is not None:
        yield returns
