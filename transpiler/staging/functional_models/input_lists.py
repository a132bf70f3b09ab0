"""Inputs of a graph that are made in a loop: one list or dict of inputs, made at once.

inputs = []                                     inputs = [Input((4,)) for n in names]
for n in names:                                 for n, x in zip(names, inputs):
    x = Input((4,))                   ->            ...
    inputs.append(x)
    ...
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Comprehension,
    Dict,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    Generator,
    List,
    Name,
    Node,
    OpCall,
    Statement,
    Subscript,
    Tuple,
    replace_node,
    walk,
)
from ...shapes.shapes import Shape
from ..evaluation.expressions import evaluate
from ..frame import Frame
from ..project import ModuleInput
from ..values import ANY_KEY, Mapped, Sequence, Static, Tensor

INPUT = "keras.Input"


# -------------------------------------------------------------------------------------------- loops


@dataclass(frozen=True, slots=True)
class _Collected:
    """A loop that puts one input at a time into `collection`, under `key` if that is a dict; the
    loop goes on with the input as `variable`."""

    collection: str
    key: Expression | None
    made: OpCall
    variable: str | None
    rest: tuple[Statement, ...]


def with_input_lists(module: ModuleInput) -> ModuleInput:
    """The module with lists of inputs that its functions fill in loops made at once."""
    if not any(isinstance(n, OpCall) and n.symbol == INPUT for n in walk(module.tree)):
        return module
    body = tuple(_statement(s) for s in module.tree.body)
    if all(a is b for a, b in zip(body, module.tree.body, strict=True)):
        return module
    return replace(module, tree=replace_node(module.tree, body=body))


def _statement(statement: Statement) -> Statement:
    match statement:
        case FunctionDef(body=body):
            new = _with_loops(_body(body))
        case ClassDef(body=body):
            new = tuple(_statement(s) for s in body)
        case _:
            return statement
    if len(new) == len(body) and all(a is b for a, b in zip(new, body, strict=True)):
        return statement
    return replace_node(statement, body=new)


def _body(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    result: list[Statement | None] = list(body)
    for index, statement in enumerate(body):
        found = _collected(statement) if isinstance(statement, For) else None
        if found is None:
            continue
        assert isinstance(statement, For)
        start = next((i for i in range(index - 1, -1, -1) if _is_empty(body[i], found)), None)
        if start is None or any(_mentions(s, found.collection) for s in body[start + 1 : index]):
            continue
        first = body[start]
        assert isinstance(first, Assign)
        result[start] = None
        result[index] = replace_node(first, value=_comprehension(statement, found), span=None)
        if found.rest:
            result.insert(index + 1, None)
            result[index + 1] = _loop(statement, found)
            return _body(tuple(s for s in result if s is not None))
    return tuple(s for s in result if s is not None)


def _collected(loop: For) -> _Collected | None:
    inputs: dict[str, OpCall] = {}
    rest: list[Statement] = []
    found: tuple[str, Expression | None, OpCall, str | None] | None = None
    for statement in loop.body:
        match statement:
            case Assign(targets=(Name(id=name),), value=OpCall(symbol="keras.Input") as made):
                inputs[name] = made
                continue
            case ExpressionStatement(
                value=Call(
                    function=Attribute(value=Name(id=name), attribute="append"),
                    arguments=(Argument(value=given),),
                )
            ):
                entry = (name, None, given)
            case Assign(targets=(Subscript(value=Name(id=name), index=key),), value=given):
                entry = (name, key, given)
            case _:
                entry = None
        if entry is not None and found is None:
            name, key, given = entry
            if isinstance(given, OpCall) and given.symbol == INPUT:
                found = (name, key, given, None)
                continue
            if isinstance(given, Name) and given.id in inputs:
                found = (name, key, inputs[given.id], given.id)
                continue
        rest.append(statement)
    if found is None or loop.otherwise or len(inputs) > 1:
        return None
    name, key, made, variable = found
    if inputs and variable is None:
        return None
    return _Collected(name, key, made, variable, tuple(rest))


def _is_empty(statement: Statement, found: _Collected) -> bool:
    match statement:
        case Assign(targets=(Name(id=name),), value=List(elements=())):
            return name == found.collection and found.key is None
        case Assign(targets=(Name(id=name),), value=Dict(keys=())):
            return name == found.collection and found.key is not None
        case _:
            return False


def _with_loops(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """`y = [Dense(3)(x) for x in xs]` as a loop: layers are made in one slice, and applied in the
    other."""
    result: list[Statement] = []
    for statement in body:
        match statement:
            case Assign(
                targets=(Name() as target,),
                value=Comprehension(kind="list", generators=(generator,)) as value,
            ) if not generator.conditions and _applies_layers(value.element):
                result.append(replace_node(statement, value=List(())))
                append = Call(Attribute(target, "append"), (Argument(value.element),))
                inner = (ExpressionStatement(append),)
                loop = For(generator.target, generator.iterable, inner, (), span=statement.span)
                result.append(loop)
            case _:
                result.append(statement)
    return tuple(result)


def _applies_layers(code: Expression) -> bool:
    return any(
        isinstance(n, Call)
        and isinstance(n.function, OpCall)
        and n.function.symbol.startswith("keras.layers.")
        for n in walk(code)
    )


def _mentions(node: Node, name: str) -> bool:
    return any(isinstance(n, Name) and n.id == name for n in walk(node))


def _comprehension(loop: For, found: _Collected) -> Expression:
    generator = Generator(loop.target, loop.iterable, ())
    if found.key is None:
        return Comprehension("list", found.made, None, (generator,), span=loop.span)
    return Comprehension("dict", found.key, found.made, (generator,), span=loop.span)


def _loop(loop: For, found: _Collected) -> Statement:
    """What the loop does beside making inputs."""
    if found.variable is None:
        return replace_node(loop, body=found.rest)
    target, iterable, key = loop.target, loop.iterable, found.key
    match loop:
        case _ if key is not None:
            pass
        case For(target=Name() as number, iterable=Call(function=Name(id="range"), arguments=(_,))):
            key = number
        case _:
            key = Name("i" if not _mentions(loop, "i") else "index")
            target = Tuple((key, target))
            iterable = Call(Name("enumerate"), (Argument(iterable),))
    read = Assign((Name(found.variable),), Subscript(Name(found.collection), key))
    return replace_node(loop, target=target, iterable=iterable, body=(read, *found.rest))


# --------------------------------------------------------------------------------------- assignment


def takes_inputs(frame: Frame, name: str, value: Expression) -> bool:
    """`inputs = {n: Input(...) for n in names}`: one parameter, a dict or list of tensors."""
    if not isinstance(value, Comprehension) or frame.kind != "split":
        return False
    made = value.element if value.kind == "list" else value.value
    if not isinstance(made, OpCall) or made.symbol != INPUT or value.kind not in ("list", "dict"):
        return False
    outer = dict(frame.environment)
    targets = {n.id for g in value.generators for n in walk(g.target) if isinstance(n, Name)}
    for target in targets:
        frame.environment[target] = Static()
    one = evaluate(frame, made).value
    frame.environment = outer
    frame.pending_inputs.clear()
    tensor = one if isinstance(one, Tensor) else Tensor()
    shape = tensor.shape
    if shape.dims is not None:
        shape = Shape(tuple(_fixed(d, targets) for d in shape.dims))
    elif shape.base is not None and any(_mentions(shape.base, t) for t in targets):
        shape = Shape()
    tensor = replace(tensor, shape=shape)
    whole: Mapped | Sequence = Mapped({ANY_KEY: tensor})
    if value.kind == "list":
        size = shape.size(-1)
        shadow = None
        if size is not None:
            sizes = replace_node(value, element=size.to_expression())
            shadow = evaluate(frame, sizes).static
        whole = Sequence("list", None, tensor, shadow)
    frame.environment[name] = whole
    frame.inputs[name] = Tensor()
    return True


def _fixed(size: Dim | None, targets: set[str]) -> Dim | None:
    """A size that does not depend on which input it is."""
    if size is None or any(_mentions(size.to_expression(), t) for t in targets):
        return None
    return size
