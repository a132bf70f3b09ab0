"""Functions that stand in for layers: an attribute that holds a layer in one case, and a lambda in
another, holds a `Lambda` layer there.

    if stride != 1:                           if stride != 1:
        self.shortcut = Conv2D(8, 1)              self.shortcut = Conv2D(8, 1)
    else:                                     else:
        self.shortcut = lambda x: x               self.shortcut = Lambda(lambda x: x)

It runs on the source, before staging.
"""

from __future__ import annotations

from ...ir.nodes import (
    Assign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    Lambda,
    Module,
    Name,
    Node,
    OpCall,
    Reference,
    map_children,
    replace_node,
    walk,
)
from .sequential_lists import SEQUENTIAL

_LAMBDA = "keras.layers.Lambda"
_LAYERS = ("keras.layers.", SEQUENTIAL)


def with_lambda_layers(tree: Module) -> Module:
    """The module with such layers; the same object if it has none."""

    def visit(node: Node) -> Node:
        if isinstance(node, ClassDef):
            held = _attributes(node)
            return _wrapped(node, held) if held else node
        return map_children(node, visit)

    if not any(isinstance(n, Lambda) for n in walk(tree)):
        return tree
    result = visit(tree)
    assert isinstance(result, Module)
    return result


def _attributes(node: ClassDef) -> set[str]:
    """The attributes that hold a layer here and a function of one tensor there."""
    layers, functions = set[str](), set[str]()
    for method in node.body:
        if not isinstance(method, FunctionDef):
            continue
        for inner in walk(method):
            match inner:
                case Assign(targets=(Attribute(value=Name(id="self"), attribute=name),)):
                    if _is_layer(inner.value):
                        layers.add(name)
                    elif _is_function(inner.value):
                        functions.add(name)
                case _:
                    pass
    return layers & functions


def _is_layer(code: Expression | None) -> bool:
    match code:
        case OpCall(symbol=symbol):
            return symbol.startswith(_LAYERS)
        case Call(function=Reference(name=name)):
            return name[:1].isupper()
        case _:
            return False


def _is_function(code: Expression | None) -> bool:
    """A lambda of one tensor that reads nothing of the object."""
    match code:
        case Lambda(parameters=(parameter,)):
            names = {n.id for n in walk(code) if isinstance(n, Name)}
            return (
                parameter.kind == "positional" and parameter.default is None and "self" not in names
            )
        case _:
            return False


def _wrapped(node: ClassDef, held: set[str]) -> ClassDef:
    def visit(inner: Node) -> Node:
        match inner:
            case Assign(
                targets=(Attribute(value=Name(id="self"), attribute=name),), value=Lambda() as value
            ) if name in held and _is_function(value):
                layer = OpCall(_LAMBDA, {"function": value}, (), Name("Lambda"), span=value.span)
                return replace_node(inner, value=layer)
            case _:
                return map_children(inner, visit)

    result = visit(node)
    assert isinstance(result, ClassDef)
    return result
