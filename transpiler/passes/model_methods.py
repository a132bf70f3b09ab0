"""Methods that put a model together in loops, from their arguments alone, become functions.

    class Net(Model):                             def make_layer(width, count):
        def __init__(self):                           model = Sequential()
            self.a = self.make_layer(8, 2)            ...
                                                      return model
        def make_layer(self, width, count):
            model = Sequential()                  class Net(Model):
            for _ in range(count):                    def __init__(self):
                model.add(Block(width))                   self.a = make_layer(8, 2)
            return model

It runs on the source, before staging, which makes a module of such a function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...ir.names import bound_names
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Comprehension,
    Expression,
    For,
    FunctionDef,
    Module,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Return,
    Statement,
    map_children,
    replace_node,
    walk,
)
from .classes_of import Project, defined_names, unused_name
from .fills import snake_case
from .sequential_lists import SEQUENTIAL

_KEPT = frozenset({"__init__", "build", "call", "__call__", "get_config"})


@dataclass(frozen=True, slots=True)
class _Moved:
    """A method, the function that it becomes, and the attributes that the function is given."""

    method: FunctionDef
    function: FunctionDef
    given: dict[str, str]


def with_model_functions(tree: Module, module: str, project: Project) -> Module:
    """The module with functions in place of such methods; the same object if it has none."""
    names = defined_names(tree)
    body: list[Statement] = []
    for statement in tree.body:
        if isinstance(statement, ClassDef):
            for method in _methods(statement, project):
                name = method.name.strip("_")
                if name in names:
                    name = unused_name(f"{snake_case(statement.name)}_{name}", names)
                moved = _moved(method, name)
                if moved is not None:
                    names.add(name)
                    body.append(moved.function)
                    statement = _without(statement, moved, module)
        body.append(statement)
    return tree if len(body) == len(tree.body) else replace_node(tree, body=tuple(body))


def _methods(node: ClassDef, project: Project) -> Iterator[FunctionDef]:
    """The methods that do nothing but make a model, and that only the class itself calls."""
    heirs = [n for heir in project.heirs(node) for n in walk(heir)]
    nodes = list(walk(node))
    for method in node.body:
        if not isinstance(method, FunctionDef) or method.name in _KEPT or method.decorators:
            continue
        plain = all(p.kind == "positional" for p in method.parameters)
        if not method.parameters or not plain or method.name in project.read:
            continue
        if not _makes_model(method):
            continue
        reads = sum(_names(n, method.name) for n in nodes)
        calls = sum(isinstance(n, Call) and _is_own(n.function, method.name) for n in nodes)
        if reads == calls and not any(_names(n, method.name) for n in heirs):
            yield method


def _makes_model(method: FunctionDef) -> bool:
    """Whether the only result is a `Sequential` whose layers a loop makes."""
    returns = [n for n in walk(method) if isinstance(n, Return)]
    if len(returns) != 1 or not method.body or returns[0] is not method.body[-1]:
        return False
    match returns[0].value:
        case OpCall(symbol=symbol):
            model = symbol == SEQUENTIAL
        case Name(id=name):
            made = [
                n.value
                for n in walk(method)
                if isinstance(n, Assign)
                and any(isinstance(t, Name) and t.id == name for t in n.targets)
            ]
            model = len(made) == 1 and isinstance(made[0], OpCall) and made[0].symbol == SEQUENTIAL
        case _:
            model = False
    return model and any(isinstance(n, For | Comprehension) for n in walk(method))


def _names(node: Node, method: str) -> bool:
    return isinstance(node, Attribute) and node.attribute == method


def _is_own(code: Expression, method: str) -> bool:
    match code:
        case Attribute(value=Name(id="self"), attribute=attribute):
            return attribute == method
        case _:
            return False


def _moved(method: FunctionDef, name: str) -> _Moved | None:
    own, *parameters = method.parameters
    taken = {p.name for p in parameters} | bound_names(method.body)
    given: dict[str, str] = {}

    def visit(node: Node) -> Node:
        match node:
            case Attribute(value=Name(id=value), attribute=attribute) if value == own.name:
                parameter = attribute.strip("_")
                given[f"own_{parameter}" if parameter in taken else parameter] = attribute
                return Name(next(p for p, a in given.items() if a == attribute), span=node.span)
            case _:
                return map_children(node, visit)

    body = tuple(s for s in map(visit, method.body) if isinstance(s, Statement))
    nodes = [n for s in body for n in walk(s)]
    names = {n.id for n in nodes if isinstance(n, Name)}
    called = {n.function.id for n in nodes if isinstance(n, Call) and isinstance(n.function, Name)}
    if own.name in names or (called | bound_names(body)) & set(given):
        return None
    added = tuple(Parameter(p, "keyword_only") for p in given)
    function = replace_node(method, name=name, parameters=(*parameters, *added), body=body)
    return _Moved(method, function, given)


def _without(node: ClassDef, moved: _Moved, module: str) -> ClassDef:
    """The class without the method, whose calls are calls of the function."""

    def visit(code: Node) -> Node:
        code = map_children(code, visit)
        if isinstance(code, Call) and _is_own(code.function, moved.method.name):
            passed = tuple(
                Argument(Attribute(Name("self"), attribute), parameter)
                for parameter, attribute in moved.given.items()
            )
            function = Reference(module, moved.function.name)
            return replace_node(code, function=function, arguments=(*code.arguments, *passed))
        return code

    kept = tuple(s for s in node.body if s is not moved.method)
    result = visit(replace_node(node, body=kept))
    assert isinstance(result, ClassDef)
    return result
