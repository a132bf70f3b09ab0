"""`len(model.inputs)` in code that is handed a functional model: modules keep no list of their
inputs, but how many there are is said where the model is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ....ir.names import bound_names
from ....ir.nodes import (
    Assign,
    Attribute,
    Call,
    ClassDef,
    Compare,
    Constant,
    Expression,
    FunctionDef,
    List,
    Module,
    Name,
    Node,
    OpCall,
    Reference,
    Tuple,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput

MODEL, LISTS = "keras.Model", ("inputs", "outputs")


def with_input_counts(modules: Mapping[str, ModuleInput]) -> Mapping[str, ModuleInput]:
    """The modules with the number in place of `len(p.inputs)`, where every call of the project
    passes as parameter `p` a model of that many inputs."""
    asked = any(_asked(node) for module in modules.values() for node in walk(module.tree))
    return {n: _module(modules, n, m) for n, m in modules.items()} if asked else modules


def _asked(node: Node) -> tuple[str, str] | None:
    """`len(p.inputs)`: the parameter and the list."""
    match node:
        case Call(function=Name(id="len"), arguments=(argument,)) if isinstance(
            argument.value, Attribute
        ):
            owner, name = argument.value.value, argument.value.attribute
            return (owner.id, name) if isinstance(owner, Name) and name in LISTS else None
        case _:
            return None


def _module(modules: Mapping[str, ModuleInput], name: str, module: ModuleInput) -> ModuleInput:
    body = list(module.tree.body)
    for index, statement in enumerate(body):
        if not isinstance(statement, FunctionDef | ClassDef):
            continue
        taking = _constructor(statement)
        if taking is None or not any(_asked(node) for node in walk(taking)):
            continue
        changed = _with_counts(modules, Reference(name, statement.name), taking)
        if taking is statement:
            body[index] = changed
        elif isinstance(statement, ClassDef):
            members = tuple(changed if m is taking else m for m in statement.body)
            body[index] = replace_node(statement, body=members)
    if all(a is b for a, b in zip(body, module.tree.body, strict=True)):
        return module
    tree = replace_node(module.tree, body=tuple(body))
    assert isinstance(tree, Module)
    return replace(module, tree=tree)


def _constructor(node: FunctionDef | ClassDef) -> FunctionDef | None:
    if isinstance(node, FunctionDef):
        return node
    found = [m for m in node.body if isinstance(m, FunctionDef) and m.name == "__init__"]
    return found[0] if len(found) == 1 else None


def _with_counts(
    modules: Mapping[str, ModuleInput], callee: Reference, node: FunctionDef
) -> FunctionDef:
    names = [p.name for p in node.parameters]
    own = names[1:] if node.name == "__init__" else names
    changed = bound_names(node.body)
    counts: dict[tuple[str, str], int | None] = {}

    def visit(inner: Node) -> Node:
        asked = _asked(inner)
        if asked is None or asked[0] not in own or asked[0] in changed:
            return _decided(map_children(inner, visit))
        if asked not in counts:
            counts[asked] = _count(modules, callee, own, *asked)
        count = counts[asked]
        return inner if count is None else Constant(count)

    result = visit(node)
    assert isinstance(result, FunctionDef)
    return result


def _decided(node: Node) -> Node:
    match node:
        case Compare(
            left=Constant(value=int() as one),
            operators=(operator,),
            comparators=(Constant(value=int() as other),),
        ) if operator in _COMPARISONS:
            return Constant(_COMPARISONS[operator](one, other))
        case _:
            return node


_COMPARISONS = {
    "==": int.__eq__,
    "!=": int.__ne__,
    ">": int.__gt__,
    ">=": int.__ge__,
    "<": int.__lt__,
    "<=": int.__le__,
}


def _count(
    modules: Mapping[str, ModuleInput], callee: Reference, own: list[str], name: str, what: str
) -> int | None:
    """How many inputs every model has that is passed as the parameter."""
    found = {_in(caller, value, what) for caller, value in _passed(modules, callee, own, name)}
    return found.pop() if len(found) == 1 else None


def _passed(
    modules: Mapping[str, ModuleInput], callee: Reference, own: list[str], name: str
) -> Iterator[tuple[FunctionDef | None, Expression | None]]:
    """What calls pass as the parameter, each with the function that it stands in."""
    for module in modules.values():
        for statement in module.tree.body:
            caller = statement if isinstance(statement, FunctionDef) else None
            for node in walk(statement):
                match node:
                    case Call(function=Reference(module=m, name=n)) if (m, n) == (
                        callee.module,
                        callee.name,
                    ):
                        yield caller, _argument(node, own, name)
                    case _:
                        pass


def _argument(call: Call, own: list[str], name: str) -> Expression | None:
    for index, argument in enumerate(call.arguments):
        if argument.star:
            return None
        if name == (argument.keyword or (own[index] if index < len(own) else None)):
            return argument.value
    return None


def _in(caller: FunctionDef | None, model: Expression | None, what: str) -> int | None:
    made = _assigned(caller, model)
    if not isinstance(made, OpCall) or made.symbol != MODEL:
        return None
    given = _assigned(caller, made.bound.get(what))
    match given:
        case List(elements=elements) | Tuple(elements=elements):
            return len(elements)
        case OpCall(symbol="keras.Input"):
            return 1
        case _:
            return None


def _assigned(caller: FunctionDef | None, value: Expression | None) -> Expression | None:
    """What a variable is assigned, once; other code as it is."""
    if not isinstance(value, Name):
        return value
    if caller is None:
        return None
    found = [
        node.value
        for node in walk(caller)
        if isinstance(node, Assign)
        and any(isinstance(t, Name) and t.id == value.id for t in node.targets)
    ]
    return found[0] if len(found) == 1 else None
