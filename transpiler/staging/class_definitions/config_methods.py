"""`get_config` and `from_config`, kept as plain methods of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Constant,
    Dict,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Name,
    Node,
    Statement,
    map_children,
    replace_node,
    walk,
)
from ..function_definitions.function_output import RNGS
from ..function_definitions.parameters import before_kwargs
from ..plans import Plan
from .class_state import ClassState, state_of

if TYPE_CHECKING:
    from ..program import Program

GET, FROM = "get_config", "from_config"


def kept_method(program: Program, plan: Plan, method: FunctionDef) -> FunctionDef:
    """A translated method as a plain one: what Keras' own `get_config` gives are the sizes that
    the constructor asks for, and `cls(...)` is given `rngs`."""
    if method.name == GET:
        return replace_node(method, body=merged_updates(_from_sizes(program, plan, method.body)))
    return _with_rngs(plan, method) if plan.needs_rngs else method


def with_sizes_kept(program: Program, plan: Plan, state: ClassState) -> list[Statement]:
    """What the constructor keeps for `get_config`: sizes that its parameters are."""
    method = state.methods.get(GET)
    if method is None or not program.keeps_method(method):
        return []
    own, parent = Name(state.self_name), state.parent
    above = {size.name for size in parent.sizes} if parent is not None else set[str]()
    assigned = above | {
        target.attribute
        for statement in state.init
        for node in walk(statement)
        if isinstance(node, Assign)
        for target in node.targets
        if isinstance(target, Attribute)
    }
    return [
        Assign((Attribute(own, size.name),), Name(size.name))
        for size in plan.sizes
        if size.name not in assigned
    ]


def _from_sizes(program: Program, plan: Plan, body: Body) -> Body:
    parent = state_of(plan).parent
    if parent is not None and GET in state_of(parent).methods:
        return body
    own = Name(state_of(plan).self_name)
    keys = tuple(Constant(size.name) for size in plan.sizes)
    values = tuple(Attribute(own, size.name) for size in plan.sizes)

    def visit(node: Node) -> Node:
        if isinstance(node, Expression) and is_parent_call(node, GET):
            return Dict(keys, values)
        node = map_children(node, visit)
        return _flat(node) if isinstance(node, Dict) else node

    return tuple(s for s in map(visit, body) if isinstance(s, Statement))


def _flat(node: Dict) -> Dict:
    """`{**{"a": 1}, "b": 2}` is `{"a": 1, "b": 2}`."""
    entries: list[tuple[Expression | None, Expression]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        inner = value if key is None and isinstance(value, Dict) else None
        entries += [(key, value)] if inner is None else zip(inner.keys, inner.values, strict=True)
    if len(entries) == len(node.keys) and all(v in node.values for _, v in entries):
        return node
    return replace_node(
        node, keys=tuple(k for k, _ in entries), values=tuple(v for _, v in entries)
    )


def is_parent_call(node: Node, name: str) -> bool:
    """`super().name(...)`, with or without arguments of `super`."""
    match node:
        case Call(function=Attribute(value=Call(function=Name(id="super")), attribute=found)):
            return found == name
        case _:
            return False


def _with_rngs(plan: Plan, method: FunctionDef) -> FunctionDef:
    if not method.parameters or any(p.name == RNGS.name for p in method.parameters):
        return method
    own = method.parameters[0].name

    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        match node:
            case Call(function=Name(id=name), arguments=arguments) if name == own:
                return replace_node(node, arguments=(*arguments, Argument(Name("rngs"), "rngs")))
            case _:
                return node

    body = tuple(s for s in map(visit, method.body) if isinstance(s, Statement))
    return replace_node(method, parameters=before_kwargs(method.parameters, (RNGS,)), body=body)


def merged_updates(body: Body) -> Body:
    """`config = {...}` and `config.update({...})` right after it are one display."""
    merged: list[Statement] = []
    for statement in body:
        before = merged[-1] if merged else None
        match before, statement:
            case (
                Assign(targets=(Name(id=name),), value=Dict() as first) as made,
                ExpressionStatement(
                    value=Call(
                        function=Attribute(value=Name(id=other), attribute="update"),
                        arguments=arguments,
                    )
                ),
            ) if name == other and (more := _entries(arguments)) is not None:
                keys, values = (*first.keys, *more.keys), (*first.values, *more.values)
                merged[-1] = replace_node(made, value=Dict(keys, values))
            case _:
                merged.append(statement)
    return tuple(merged)


def _entries(arguments: tuple[Argument, ...]) -> Dict | None:
    match arguments:
        case (Argument(value=Dict() as display, keyword=None, star=""),):
            return display
        case _ if arguments and all(a.keyword is not None for a in arguments):
            keys = tuple(Constant(a.keyword) for a in arguments)
            return Dict(keys, tuple(a.value for a in arguments))
        case _:
            return None
