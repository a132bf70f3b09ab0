"""`Layer.from_config(config)` of a class of the project is `Layer(**config)`, unless the class
says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Dict,
    Expression,
    FunctionDef,
    Name,
    Node,
    Parameter,
    Reference,
    Return,
    Symbol,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput

FROM_CONFIG = "from_config"
_Classes = Mapping[tuple[str, str], ClassDef]


def with_constructors(
    modules: Mapping[str, ModuleInput], *, only_displays: bool = False
) -> Mapping[str, ModuleInput]:
    """All modules; those without such a call are the same objects. `only_displays`: only where the
    entries of the configuration are there to be read."""
    calling = [name for name, module in modules.items() if any(map(_asks, walk(module.tree)))]
    if not calling:
        return modules
    classes = {
        (name, s.name): s
        for name, module in modules.items()
        for s in module.tree.body
        if isinstance(s, ClassDef)
    }

    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        match node:
            case Call(
                function=Attribute(
                    value=Reference(module=module, name=name) as owner, attribute="from_config"
                ),
                arguments=(Argument(value=config, star=""),),
            ) if not _is_asked(config) and _is_default(classes, module, name):
                arguments = as_arguments(config)
                if only_displays and any(a.star for a in arguments):
                    return node
                return replace_node(node, function=owner, arguments=arguments)
            case _:
                return node

    result = dict(modules)
    for name in calling:
        module = modules[name]
        body = tuple(map_children(s, visit) for s in module.tree.body)
        result[name] = replace(module, tree=replace_node(module.tree, body=body))
    return result


def _is_asked(config: Expression) -> bool:
    """Whether a layer is asked for it: that is reported where it is called."""
    return any(isinstance(n, Attribute) and n.attribute == "get_config" for n in walk(config))


def as_arguments(config: Expression) -> tuple[Argument, ...]:
    """What `**config` passes; the entries of a display by name."""
    match config:
        case Dict(keys=keys, values=values):
            names = [k.value for k in keys if isinstance(k, Constant) and isinstance(k.value, str)]
            if len(names) == len(keys) and all(n.isidentifier() for n in names):
                return tuple(Argument(v, n) for n, v in zip(names, values, strict=True))
        case Call(function=Name(id="dict"), arguments=arguments) if all(
            a.keyword is not None for a in arguments
        ):
            return arguments
        case _:
            pass
    return (Argument(config, star="**"),)


def _asks(node: Node) -> bool:
    return isinstance(node, Attribute) and node.attribute == FROM_CONFIG


def _is_default(classes: _Classes, module: str, name: str) -> bool:
    """Whether a class extends one of Keras', and none above it does more than `cls(**config)`."""
    node = classes.get((module, name))
    if node is None:
        return False
    for member in node.body:
        if isinstance(member, FunctionDef) and member.name == FROM_CONFIG:
            return is_plain_from_config(member)
    for base in node.bases:
        match base.value:
            case Symbol(path=path):
                return path.startswith(("keras.", "tf."))
            case Reference(module=owner, name=parent) if (owner, parent) != (module, name):
                return _is_default(classes, owner, parent)
            case _:
                pass
    return False


def is_plain_from_config(method: FunctionDef) -> bool:
    """`return cls(**config)` and nothing else: what Keras does where a class defines none."""
    match method.parameters, method.body:
        case (
            (Parameter(name=own), Parameter(name=config)),
            (
                Return(
                    value=Call(
                        function=Name(id=called),
                        arguments=(Argument(value=Name(id=given), star="**"),),
                    )
                ),
            ),
        ):
            return called == own and given == config
        case _:
            return False
