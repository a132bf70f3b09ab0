"""Models and lists of layers that a class fills in loops become models of functions of their own.

    self.net = Sequential()                     def mlp_net(sizes):
    for n in sizes:                                 model = Sequential()
        self.net.add(Dense(n))                      for n in sizes:
        self.net.add(LayerNormalization())              model.add(Dense(n))
    ...                                                 model.add(LayerNormalization())
    for layer in self.net:                          return model
        x = layer(x)
                                                self.net = mlp_net(sizes)
                                                ...
                                                x = self.net(x)

Only such are taken that are applied whole and in turn, wherever the class reads them. A list of
layers that one expression makes stays a list. It runs on the source, before staging, which makes a
module of such a function: each layer gets the size that the one before gives, and its activation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...ir.names import bound_names
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    Module,
    Name,
    Node,
    Parameter,
    Reference,
    Return,
    Statement,
    map_children,
    replace_node,
    walk,
)
from .classes_of import Project, defined_names, unused_name
from .fills import MODEL, Fill, fill_of, snake_case
from .layers_in_turn import applied, is_applied_in_turn


@dataclass(frozen=True, slots=True)
class _Outlined:
    """An attribute, the method that fills it, the function that does so from now on, and the
    statement that calls it."""

    attribute: str
    method: FunctionDef
    gone: frozenset[int]
    last: int
    call: Assign
    function: FunctionDef


def with_models_of_their_own(tree: Module, module: str, project: Project) -> Module:
    """The module with such functions before its classes; the same object if it has none."""
    names = defined_names(tree)
    body: list[Statement] = []
    for statement in tree.body:
        while isinstance(statement, ClassDef):
            found = next(_outlined(statement, project, module, names), None)
            if found is None:
                break
            names.add(found.function.name)
            body.append(found.function)
            statement = _without(statement, found)
        body.append(statement)
    return tree if len(body) == len(tree.body) else replace_node(tree, body=tuple(body))


def _outlined(
    node: ClassDef, project: Project, module: str, names: set[str]
) -> Iterator[_Outlined]:
    methods = [m for m in node.body if isinstance(m, FunctionDef)]
    if not any(m.name in ("call", "__call__") for m in methods):
        return
    heirs = list(project.heirs(node))
    for method in methods:
        for fill in _fills(method):
            outside = [n for n in walk(node) if id(n) not in fill.nodes]
            others = [n for heir in heirs for n in walk(heir)]
            if not is_applied_in_turn(fill.attribute, outside, others):
                continue
            name = unused_name(f"{snake_case(node.name)}_{fill.attribute.strip('_')}", names)
            made = _made(fill, method, module, name)
            if made is not None:
                yield made


def _fills(method: FunctionDef) -> Iterator[Fill]:
    if not method.parameters:
        return
    own = method.parameters[0].name
    for index in range(len(method.body)):
        fill = fill_of(method.body, index, own)
        if fill is not None and fill.is_unlike:
            yield fill


def _made(fill: Fill, method: FunctionDef, module: str, name: str) -> _Outlined | None:
    """The function, with a parameter for each variable and attribute that the layers are made of;
    None where they are made of what no parameter can be."""
    own = method.parameters[0].name
    inside = bound_names(fill.body)
    known = {p.name for p in method.parameters} | bound_names(method.body)
    given: dict[str, Expression] = {}

    def visit(node: Node) -> Node:
        match node:
            case Attribute(value=Name(id=value), attribute=attribute) if value == own:
                parameter = attribute.strip("_")
                taken = parameter in known or parameter in inside
                parameter = f"own_{parameter}" if taken else parameter
                given[parameter] = node
                return Name(parameter, span=node.span)
            case Name(id=read) if read in known and read not in inside:
                given[read] = Name(read)
                return node
            case _:
                return map_children(node, visit)

    body = tuple(s for s in map(visit, fill.body) if isinstance(s, Statement))
    if own in given or MODEL in known or _is_called(body, given):
        return None
    function = FunctionDef(
        name,
        tuple(Parameter(p) for p in given),
        (*body, Return(Name(MODEL))),
        span=fill.first.span,
    )
    arguments = tuple(Argument(code) for code in given.values())
    call = Call(Reference(module, name), arguments, span=fill.first.span)
    target = Attribute(Name(own), fill.attribute)
    made = Assign((target,), call, span=fill.first.span)
    made.comments = fill.first.comments
    gone = frozenset(id(s) for s in fill.statements)
    return _Outlined(fill.attribute, method, gone, id(fill.statements[-1]), made, function)


def _is_called(body: Body, given: Mapping[str, Expression]) -> bool:
    """Whether a parameter is called: a method or a local function would be handed over."""
    return any(
        isinstance(n, Call) and isinstance(n.function, Name) and n.function.id in given
        for s in body
        for n in walk(s)
    )


def _without(node: ClassDef, found: _Outlined) -> ClassDef:
    """The class with the function called in place of the statements, and its model applied."""

    def method(member: Statement) -> Statement:
        if member is found.method:
            body = tuple(
                found.call if id(s) == found.last else s
                for s in found.method.body
                if id(s) not in found.gone or id(s) == found.last
            )
            member = replace_node(found.method, body=body)
        if isinstance(member, FunctionDef):
            return applied(member, found.attribute)
        return member

    return replace_node(node, body=tuple(map(method, node.body)))
