"""Plain classes that hold layers, made as parts of models: in Flax they are modules.

Keras lets any object hold layers; what it finds of them are their weights. A module of Flax holds
modules, and would take another object for a value that never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    Name,
    OpCall,
    Reference,
    Symbol,
    replace_node,
    walk,
)
from ..project import ModuleInput

MODULE = "tf.Module"
Key = tuple[str, str]


def with_component_classes(
    modules: Mapping[str, ModuleInput], is_layer: Callable[[str], bool]
) -> Mapping[str, ModuleInput]:
    """All modules, such classes as ones that extend `tf.Module`."""
    classes: dict[Key, ClassDef] = {
        (name, s.name): s
        for name, module in modules.items()
        for s in module.tree.body
        if isinstance(s, ClassDef)
    }
    plain = {key for key, node in classes.items() if not node.bases and not node.decorators}
    if not plain:
        return modules
    layers: dict[Key, bool] = {}
    for key in classes:
        _extends(key, classes, is_layer, layers)
    held = {
        made
        for key, node in classes.items()
        if layers[key]
        for made in _made(node)
        if made in plain and _holds_layers(classes[made], is_layer, layers)
    }
    result = dict(modules)
    for name in {owner for owner, _ in held}:
        tree = modules[name].tree
        body = tuple(
            replace_node(s, bases=(Argument(Symbol(MODULE)),))
            if isinstance(s, ClassDef) and (name, s.name) in held
            else s
            for s in tree.body
        )
        result[name] = replace(modules[name], tree=replace_node(tree, body=body))
    return result


def _extends(
    key: Key,
    classes: Mapping[Key, ClassDef],
    is_layer: Callable[[str], bool],
    found: dict[Key, bool],
) -> bool:
    """Whether a class leads to one of Keras' that holds weights."""
    if key not in found:
        found[key] = False
        node = classes.get(key)
        for base in node.bases if node is not None else ():
            match base.value:
                case Symbol(path=path) if is_layer(path):
                    found[key] = True
                case Reference(module=module, name=name):
                    found[key] = found[key] or _extends((module, name), classes, is_layer, found)
                case _:
                    pass
    return found[key]


def _attributes(node: ClassDef) -> Iterator[Expression]:
    """What the constructor gives attributes of the object."""
    for method in node.body:
        if isinstance(method, FunctionDef) and method.name == "__init__":
            for statement in walk(method):
                match statement:
                    case Assign(targets=(Attribute(value=Name(id="self")),), value=value):
                        yield value
                    case _:
                        pass


def _made(node: ClassDef) -> Iterator[Key]:
    for value in _attributes(node):
        match value:
            case Call(function=Reference(module=module, name=name)):
                yield module, name
            case _:
                pass


def _holds_layers(
    node: ClassDef, is_layer: Callable[[str], bool], layers: Mapping[Key, bool]
) -> bool:
    for value in _attributes(node):
        match value:
            case OpCall(symbol=symbol) if is_layer(symbol):
                return True
            case Call(function=Reference(module=module, name=name)):
                if layers.get((module, name)):
                    return True
            case _:
                pass
    return False
