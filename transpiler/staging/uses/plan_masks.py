"""Masks across definitions of the project: into `call(x, mask=None)`, and out of its result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    List,
    Name,
    Node,
    OpCall,
    Parameter,
    Return,
    Statement,
    map_children,
    replace_node,
    walk,
)
from ..class_definitions.class_state import ClassState
from ..frame import Frame, Result
from ..layers import masks
from ..values import Sequence, Tensor, Value

if TYPE_CHECKING:
    from ..plans import Plan
    from ..project import ModuleInput

Arguments = list[tuple[Argument, Result]]


def makes_masks(module: ModuleInput) -> bool:
    """Whether a module has layers that make masks."""
    for node in walk(module.tree):
        match node:
            case OpCall(symbol=symbol, bound=bound) if symbol.startswith("keras.layers."):
                flag = bound.get("mask_zero")
                if symbol.endswith(".Masking"):
                    return True
                if flag is not None and not (isinstance(flag, Constant) and not flag.value):
                    return True
            case FunctionDef(name="compute_mask") if not _gives_nothing(node):
                return True
            case _:
                pass
    return False


# ------------------------------------------------------------------------------------ into a call


def implicit(plan: Plan, call: FunctionDef, values: list[Value]) -> list[Value]:
    """The first input of `call` with the mask that Keras would carry along with it."""
    match values[:1]:
        case [Tensor() as first]:
            name = _mask_name(call)
            plan.details["mask_name"] = name
            return [replace(first, mask=Name(name)), *values[1:]]
        case _:
            return values


def _mask_name(call: FunctionDef) -> str:
    parameters = [p.name for p in call.parameters[1:]]
    if "mask" in parameters:
        return "mask"
    used = {n.id for n in walk(call) if isinstance(n, Name)}
    return "mask" if "mask" not in used else f"{parameters[0]}_mask"


def declare(plan: Plan, state: ClassState, call: FunctionDef) -> None:
    """`call` takes the mask, once something in it turned out to use it."""
    name = plan.details.get("mask_name")
    new = state.translated.get(call.name)
    if not isinstance(name, str) or new is None:
        return
    if all(p.name != name for p in new.parameters):
        if not any(isinstance(n, Name) and n.id == name for s in new.body for n in walk(s)):
            if plan.details.get("closed"):
                state.translated[call.name] = _renamed(plan, new, name)
            return
        parameter = Parameter(name, default=Constant(None))
        variadic = [p for p in new.parameters if p.kind != "positional"]
        plain = [p for p in new.parameters if p.kind == "positional"]
        state.translated[call.name] = replace_node(new, parameters=(*plain, parameter, *variadic))
    plan.details["mask_parameter"] = name


def _renamed(plan: Plan, method: FunctionDef, free: str) -> FunctionDef:
    """The masks that a method makes, named as if no mask came in: `mask_1` is `mask`."""
    codes = plan.details.get("mask_codes", {})
    assert isinstance(codes, dict)
    used = {n.id for s in method.body for n in walk(s) if isinstance(n, Name)}
    made = [n for n in cast("dict[str, Expression]", codes) if n in used]
    names = dict(zip(made, [free, *made], strict=False))
    if free != "mask" or not names:
        return method

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id in names:
            return replace_node(node, id=names[node.id])
        return map_children(node, visit)

    body = tuple(s for s in map(visit, method.body) if isinstance(s, Statement))
    return replace_node(method, body=body)


def with_mask_argument(frame: Frame, plan: Plan, arguments: Arguments) -> Arguments:
    """The arguments of a call, with the mask of the first input where the callee takes one."""
    name = plan.details.get("mask_parameter")
    if not isinstance(name, str) or not arguments:
        return arguments
    if any(a.keyword == name or a.star for a, _ in arguments):
        return arguments
    position = _position(plan, name)
    if position is not None and sum(a.keyword is None for a, _ in arguments) > position:
        return arguments
    code = _as_argument(arguments[0][1].value)
    if code is None:
        return arguments
    frame.program.facts.record(code, Tensor(dtype="bool"))
    return [*arguments, (Argument(code, name), Result(Tensor(dtype="bool"), code, None))]


def _position(plan: Plan, name: str) -> int | None:
    state = plan.details.get("class_state")
    if not isinstance(state, ClassState):
        return None
    call = state.methods.get("call") or state.methods.get("__call__")
    names = [p.name for p in call.parameters[1:]] if call is not None else []
    names = [n for n in names if n != "training"]
    return names.index(name) if name in names else None


def _as_argument(value: Value) -> Expression | None:
    match value:
        case Tensor(mask=Name(id=name)):
            return Name(name)
        case Tensor(mask=mask):
            return mask
        case Sequence(kind=_, items=items) if items:
            found = [masks.mask_of(v) for v in items]
            if all(m is None for m in found):
                return None
            return List(tuple(Constant(None) if m is None else m for m in found))
        case _:
            return None


# ---------------------------------------------------------------------------------- out of a call


def result_mask(
    frame: Frame,
    plan: Plan,
    module: Expression,
    arguments: Arguments,
    inputs: dict[str, Result],
    value: Value,
) -> Value:
    """The result of a module of the project with the mask that Keras gives it."""
    incoming = masks.mask_of(arguments[0][1].value) if arguments else None
    state = plan.details.get("class_state")
    if isinstance(state, ClassState):
        method = state.methods.get("compute_mask")
        if method is not None:
            if _gives_nothing(method):
                return masks.with_mask(value, None)
            if _passes_on(method):
                return masks.with_mask(value, incoming)
            given = [Argument(arguments[0][1].dynamic)] if arguments else []
            given += [Argument(incoming)] if incoming is not None else []
            code = Call(Attribute(module, "compute_mask"), tuple(given))
            return masks.with_mask(value, masks.named(frame, code))
        if incoming is not None and supports_masking(state):
            return masks.with_mask(value, incoming)
    code = _own_mask(plan, inputs, incoming)
    if code is None:
        return value
    return masks.with_mask(value, code if isinstance(code, Name) else masks.named(frame, code))


def _own_mask(
    plan: Plan, inputs: dict[str, Result], incoming: Expression | None
) -> Expression | None:
    """The mask that a result has inside, in terms of the caller's arguments."""
    found = masks.mask_of(plan.result)
    if not isinstance(found, Name):
        return None
    if found.id == plan.details.get("mask_name"):
        return incoming
    codes = plan.details.get("mask_codes", {})
    assert isinstance(codes, dict)
    code = codes.get(found.id)  # pyright: ignore
    if not isinstance(code, Expression):
        return None
    names = {n.id for n in walk(code) if isinstance(n, Name)}
    if not names <= inputs.keys():
        return None

    def visit(node: Node) -> Node:
        if isinstance(node, Name):
            return inputs[node.id].dynamic
        return map_children(node, visit)

    new = visit(code)
    assert isinstance(new, Expression)
    return new


def supports_masking(state: ClassState) -> bool:
    """`self.supports_masking = True`, or the same in the class."""
    return any(isinstance(s.value, Constant) and s.value.value is True for s in _says_so(state))


def _says_so(state: ClassState) -> Iterator[Assign]:
    nodes: list[ClassDef | FunctionDef] = [state.node, *state.methods.values()]
    for node in nodes:
        for inner in walk(node):
            match inner:
                case Assign(targets=(Attribute(attribute=name) | Name(id=name),)) if name in (
                    "supports_masking",
                    "_supports_masking",
                ):
                    yield inner
                case _:
                    pass


def _statements(method: FunctionDef) -> list[Node]:
    return [
        s
        for s in method.body
        if not (isinstance(s, ExpressionStatement) and isinstance(s.value, Constant))
    ]


def _gives_nothing(method: FunctionDef) -> bool:
    match _statements(method):
        case [Return(value=None)] | [Return(value=Constant(value=None))] | []:
            return True
        case _:
            return False


def _passes_on(method: FunctionDef) -> bool:
    names = [p.name for p in method.parameters]
    match _statements(method):
        case [Return(value=Name(id=name))]:
            return len(names) > 2 and name == names[2]
        case _:
            return False


def is_kept(method: FunctionDef) -> bool:
    """Whether `compute_mask` says something that calls of it are needed for."""
    return not _gives_nothing(method) and not _passes_on(method)
