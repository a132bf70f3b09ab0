"""Variables of a function: what code reads, what it assigns, and what is read after it.

The state of a module is a variable, too: `self.count[...]` goes by the key "self.count".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...ir.names import bound_names, target_names
from ...ir.nodes import (
    AnnotatedAssign,
    Assign,
    Attribute,
    AugmentedAssign,
    Body,
    Break,
    Call,
    Comprehension,
    Constant,
    Continue,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    Lambda,
    Name,
    Node,
    Raise,
    Return,
    Statement,
    Subscript,
    Try,
    While,
    With,
    children,
)

Names = frozenset[str]
SETTER = "set_value"


def path_of(code: Expression) -> str | None:
    """`self.a.b` as text; None for what is no plain path below a name."""
    match code:
        case Attribute(value=Name(id=name), attribute=attribute):
            return f"{name}.{attribute}"
        case Attribute(value=value, attribute=attribute):
            inner = path_of(value)
            return None if inner is None else f"{inner}.{attribute}"
        case _:
            return None


def cell_of(code: Expression) -> str | None:
    """The key of a variable of a module that is read whole: `self.count[...]`."""
    match code:
        case Subscript(value=Attribute() as variable, index=Constant(value=index)) if (
            index is Ellipsis
        ):
            return path_of(variable)
        case _:
            return None


def set_cell(statement: Statement) -> tuple[str, Expression, Expression] | None:
    """(key, variable, value) of `self.count.set_value(value)` or `self.count[...] = value`."""
    match statement:
        case ExpressionStatement(
            value=Call(
                function=Attribute(value=Attribute() as variable, attribute=attribute),
                arguments=(argument,),
            )
        ) if attribute == SETTER and argument.keyword is None:
            key = path_of(variable)
            return None if key is None else (key, variable, argument.value)
        case Assign(targets=(Subscript(value=variable) as target,), value=value):
            key = cell_of(target)
            return None if key is None else (key, variable, value)
        case _:
            return None


def reads(node: Node) -> set[str]:
    """Names and cells that evaluating the node reads; those of functions inside, less their own."""
    found: set[str] = set()
    _read(node, found, frozenset())
    return found


def _read(node: Node, found: set[str], own: Names) -> None:
    match node:
        case Name(id=name):
            if name not in own:
                found.add(name)
            return
        case Subscript() if (key := cell_of(node)) is not None:
            found.add(key)
        case FunctionDef(parameters=parameters, body=body):
            own = own | bound_names(body) | {p.name for p in parameters}
        case Lambda(parameters=parameters):
            own = own | {p.name for p in parameters}
        case Comprehension(generators=generators):
            own = own | {n for g in generators for n in target_names(g.target)}
        case Assign(targets=targets, value=value):
            _read(value, found, own)
            for target in targets:
                _read_target(target, found, own)
            return
        case AnnotatedAssign(target=target, value=value):
            if value is not None:
                _read(value, found, own)
            _read_target(target, found, own)
            return
        case For(target=target, iterable=iterable, body=body, otherwise=otherwise):
            _read_target(target, found, own)
            for part in (iterable, *body, *otherwise):
                _read(part, found, own)
            return
        case _:
            pass
    for child in children(node):
        _read(child, found, own)


def _read_target(target: Expression, found: set[str], own: Names) -> None:
    match target:
        case Name():
            return
        case Subscript() if cell_of(target) is not None:
            return
        case _ if (names := list(target_names(target))) and len(names) == len(
            list(children(target))
        ):
            return
        case _:
            for child in children(target):
                _read(child, found, own)


def assigned(body: Iterable[Statement]) -> list[str]:
    """Names and cells that a body assigns in its own scope, in order."""
    found: dict[str, None] = {}
    for statement in body:
        for name in _assigns(statement):
            found.setdefault(name)
    return list(found)


def _assigns(statement: Statement) -> Iterator[str]:
    cell = set_cell(statement)
    if cell is not None:
        yield cell[0]
        return
    match statement:
        case Assign(targets=targets):
            for target in targets:
                yield from _targets(target)
        case AnnotatedAssign(target=target) | AugmentedAssign(target=target):
            yield from _targets(target)
        case For(target=target, body=body, otherwise=otherwise):
            yield from target_names(target)
            yield from assigned((*body, *otherwise))
        case If(then=then, otherwise=otherwise):
            yield from assigned((*then, *otherwise))
        case While(body=body, otherwise=otherwise):
            yield from assigned((*body, *otherwise))
        case With(items=items, body=body):
            for item in items:
                yield from target_names(item.target) if item.target is not None else ()
            yield from assigned(body)
        case Try(body=body, handlers=handlers, otherwise=otherwise, final=final):
            for block in (body, *(h.body for h in handlers), otherwise, final):
                yield from assigned(block)
        case FunctionDef(name=name):
            yield name
        case _:
            pass


def _targets(target: Expression) -> Iterator[str]:
    key = cell_of(target)
    if key is not None:
        yield key
        return
    yield from target_names(target)
    for child in children(target):
        if isinstance(child, Subscript) and (key := cell_of(child)) is not None:
            yield key


def always_leaves(body: Body) -> bool:
    """Whether control never reaches the end of a body."""
    for statement in body:
        match statement:
            case Return() | Raise() | Break() | Continue():
                return True
            case If(then=then, otherwise=otherwise) if always_leaves(then) and always_leaves(
                otherwise
            ):
                return True
            case _:
                pass
    return False


def live_before(body: Body, after: Names, leave: Names = frozenset()) -> Names:
    """What may be read from here on, before it is assigned; `leave`: what is read where a loop
    around goes on or ends."""
    live = after
    for statement in reversed(body):
        live = _before(statement, live, leave)
    return live


def _before(statement: Statement, live: Names, leave: Names) -> Names:
    match statement:
        case Return(value=value):
            return frozenset(reads(value)) if value is not None else frozenset()
        case Raise():
            return frozenset(reads(statement))
        case Break() | Continue():
            return leave
        case If(test=test, then=then, otherwise=otherwise):
            inner = live_before(then, live, leave) | live_before(otherwise, live, leave)
            return inner | reads(test)
        case For(target=target, iterable=iterable, body=body, otherwise=otherwise):
            live = live_before(otherwise, live, leave)
            at_head = live
            for _ in range(2):
                at_head = live | (live_before(body, at_head, at_head) - {*target_names(target)})
            return at_head | reads(iterable)
        case While(test=test, body=body, otherwise=otherwise):
            live = live_before(otherwise, live, leave)
            at_head = live | reads(test)
            for _ in range(2):
                at_head = live | reads(test) | live_before(body, at_head, at_head)
            return at_head
        case Assign() | AnnotatedAssign():
            return (live - {*_assigns(statement)}) | reads(statement)
        case AugmentedAssign():
            return live | reads(statement)
        case With(items=items, body=body):
            inner = live_before(body, live, leave)
            return inner.union(*(reads(i.context) for i in items))
        case ExpressionStatement():
            return (live - {*_assigns(statement)}) | reads(statement)
        case FunctionDef(name=name):
            return (live - {name}) | reads(statement)
        case _:
            return live | reads(statement)
