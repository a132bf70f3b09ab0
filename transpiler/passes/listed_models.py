"""Lists of layers that a function makes a `Sequential` of are that model from the start.

    steps = [Dense(8), Scale()]           model = Sequential()
    if norm:                              model.add(Dense(8))
        steps.append(Normalize())         model.add(Scale())
    return Sequential(steps)              if norm:
                                              model.add(Normalize())
                                          return model

It runs on the source, before staging, which knows models that functions fill under loops and
tests; of methods it knows lists.
"""

from __future__ import annotations

from ...ir.names import bound_names
from ...ir.nodes import (
    Assign,
    Body,
    ClassDef,
    Expression,
    For,
    FunctionDef,
    If,
    Module,
    Name,
    Node,
    OpCall,
    Return,
    Statement,
    map_children,
    replace_node,
    walk,
)
from .fills import MODEL, added_to
from .sequential_lists import SEQUENTIAL, filled, parts_of


def with_listed_models(tree: Module) -> Module:
    """The module with such models; the same object if it has none."""
    if not any(_list_in(n) is not None for n in walk(tree)):
        return tree

    methods = {id(m) for n in walk(tree) if isinstance(n, ClassDef) for m in n.body}

    def visit(node: Node) -> Node:
        is_method = id(node) in methods
        node = map_children(node, visit)
        if isinstance(node, FunctionDef) and not is_method:
            body = _without_list(node)
            node = node if body is None else replace_node(node, body=body)
        return node

    result = visit(tree)
    assert isinstance(result, Module)
    return result


def _list_in(code: Node) -> str | None:
    """The variable whose list a model is made of."""
    match code:
        case OpCall(symbol=symbol, bound={"layers": Name(id=name)}, extra=()):
            return name if symbol == SEQUENTIAL and set(code.bound) <= {"layers", "name"} else None
        case _:
            return None


def _without_list(function: FunctionDef) -> Body | None:
    names = {n.id for n in walk(function) if isinstance(n, Name)} | bound_names(function.body)
    if MODEL in names | {p.name for p in function.parameters}:
        return None
    for end, statement in enumerate(function.body):
        match statement:
            case Return(value=OpCall() as made) | Assign(targets=(Name(),), value=OpCall() as made):
                name = _list_in(made)
            case _:
                continue
        if name is not None and (new := _model(function.body, end, name, made)) is not None:
            whole = replace_node(statement, value=Name(MODEL))
            return (*new, whole, *function.body[end + 1 :])
    return None


def _model(body: Body, end: int, name: str, made: OpCall) -> list[Statement] | None:
    """The statements before a model, with a model in place of its list."""
    target, result, begun, unlisted = Name(name), list[Statement](), False, False
    for statement in body[:end]:
        start = _begins(statement, name)
        if start is not None and not begun:
            begun = True
            empty = replace_node(made, bound={n: v for n, v in made.bound.items() if n == "name"})
            first = filled(Name(MODEL), empty, start)
            first[0].comments = statement.comments
            result += first
            continue
        added = added_to(statement, target) if begun else None
        if added is None and _mentions(statement, name):
            return None
        result += [statement] if added is None else added
        unlisted = unlisted or (added is not None and isinstance(statement, For | If))
    later = any(_mentions(s, name) for s in body[end + 1 :])
    return result if begun and unlisted and not later else None


def _begins(statement: Statement, name: str) -> list[Expression] | None:
    match statement:
        case Assign(targets=(Name(id=stored),), value=value) if stored == name:
            return parts_of(value)
        case _:
            return None


def _mentions(statement: Statement, name: str) -> bool:
    return any(isinstance(n, Name) and n.id == name for n in walk(statement))
