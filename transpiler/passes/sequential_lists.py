"""`Sequential` of layers that a comprehension makes: in a function, the layers are added in a loop.

    return Sequential([Dense(n) for n in sizes])      model = Sequential()
                                                      for n in sizes:
                                                          model.add(Dense(n))
                                                      return model

It runs on the source, before staging, which knows models that are filled in loops.
"""

from __future__ import annotations

from ...ir.names import bound_names
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Binary,
    Body,
    Call,
    Comprehension,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    List,
    Module,
    Name,
    Node,
    OpCall,
    Return,
    Starred,
    Statement,
    map_children,
    replace_node,
    walk,
)

SEQUENTIAL = "keras.Sequential"


def with_added_layers(tree: Module) -> Module:
    """The module with such models filled in loops; the same object if it has none."""
    if not any(isinstance(n, OpCall) and _loops(n) is not None for n in walk(tree)):
        return tree

    def visit(node: Node) -> Node:
        if isinstance(node, FunctionDef):
            names = {n.id for n in walk(node) if isinstance(n, Name)} | bound_names(node.body)
            body = tuple(new for s in node.body for new in _statements(s, names))
            if len(body) != len(node.body):
                node = replace_node(node, body=body)
        return map_children(node, visit)

    result = visit(tree)
    assert isinstance(result, Module)
    return result


def _statements(statement: Statement, names: set[str]) -> Body:
    match statement:
        case Return(value=OpCall() as made) if (parts := _loops(made)) is not None:
            name = "model"
            while name in names:
                name += "_"
            names.add(name)
            added = filled(Name(name), made, parts)
            return (*added, replace_node(statement, value=Name(name)))
        case Assign(targets=(Name() as target,), value=OpCall() as made) if (
            parts := _loops(made)
        ) is not None:
            first, *rest = filled(target, made, parts)
            first.comments = statement.comments
            return (first, *rest)
        case _:
            return (statement,)


def _loops(made: OpCall) -> list[Expression] | None:
    """The layers of a model of which some are made in comprehensions; None for any other."""
    if made.symbol != SEQUENTIAL or "layers" not in made.bound:
        return None
    parts = parts_of(made.bound["layers"])
    return parts if parts and any(isinstance(p, Comprehension) for p in parts) else None


def parts_of(code: Expression) -> list[Expression] | None:
    """The layers of a list one by one, and comprehensions for those that one makes."""
    match code:
        case Comprehension(kind="list" | "generator"):
            return [code]
        case List(elements=elements):
            found: list[Expression] = []
            for element in elements:
                inner = parts_of(element.value) if isinstance(element, Starred) else [element]
                if inner is None:
                    return None
                found += inner
            return found
        case Binary(operator="+", left=left, right=right):
            first, second = parts_of(left), parts_of(right)
            return None if first is None or second is None else [*first, *second]
        case _:
            return None


def filled(target: Name, made: OpCall | None, parts: list[Expression]) -> list[Statement]:
    """Statements that add layers to a model, which they make first where `made` says how."""
    result: list[Statement] = []
    if made is not None:
        bound = {n: v for n, v in made.bound.items() if n != "layers"}
        result.append(Assign((target,), replace_node(made, bound=bound)))
    for part in parts:
        if not isinstance(part, Comprehension):
            result.append(_added(target, part))
            continue
        body: Body = (_added(target, part.element),)
        for generator in reversed(part.generators):
            for condition in reversed(generator.conditions):
                body = (If(condition, body, ()),)
            body = (For(generator.target, generator.iterable, body, ()),)
        result += body
    return result


def _added(target: Name, layer: Expression) -> Statement:
    call = Call(Attribute(Name(target.id), "add"), (Argument(layer),), span=layer.span)
    return ExpressionStatement(call)
