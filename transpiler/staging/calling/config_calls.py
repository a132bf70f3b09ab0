"""Calls of `get_config` and `from_config`."""

from __future__ import annotations

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    Name,
    Reference,
    replace_node,
)
from ..class_definitions.class_state import current_state, state_of
from ..frame import Frame, Result
from ..plans import Plan
from ..values import Instance, SelfReference, Static, Unknown

FROM = "from_config"
HINT = "keep the methods with `--config-methods keep`, or call the constructor"


def configured(frame: Frame, node: Call, function: Attribute) -> Result | None:
    """The call where layers keep the methods; refused where they have lost them; None if it is not
    of a layer."""
    plan = _class(frame, function)
    if frame.program.keeps_config:
        if plan is not None and function.attribute == FROM:
            return _made(frame, node, function, plan)
        if function.attribute == FROM and _is_class_of(function.value):
            message = "the layer that `from_config` makes is of a class that only a run tells"
            return _refused(frame, node, message, "call the constructor of the class")
        return None
    if plan is not None or _is_gone(frame, function):
        gone = function.attribute
        message = f"`{gone}` is called, and layers have lost it: Keras serialisation is dropped"
        return _refused(frame, node, message, HINT)
    return None


def _is_class_of(code: Expression) -> bool:
    """`x.__class__` and `type(x)`."""
    match code:
        case Attribute(attribute="__class__") | Call(function=Name(id="type")):
            return True
        case _:
            return False


def _class(frame: Frame, function: Attribute) -> Plan | None:
    """The layer class whose method is called."""
    match function.value:
        case Reference(module=module, name=name):
            found = frame.program.definition(module, name)
            node = found.node if found is not None else None
            if found is None or not isinstance(node, ClassDef):
                return None
            return (
                frame.program.plan(found) if frame.program.is_module_class(node, module) else None
            )
        case _:
            return None


def _made(frame: Frame, node: Call, function: Attribute, plan: Plan) -> Result:
    """`Layer.from_config(config)`: an object that is not followed."""
    from ..evaluation.expressions import evaluate

    if frame.plan is not None and frame.kind not in ("init", "plain"):
        message = "a layer is made of a configuration while data flows"
        return _refused(frame, node, message, "make the layer in the constructor", "TJ5001")
    given = [replace_node(a, value=evaluate(frame, a.value).dynamic) for a in node.arguments]
    owner = frame.program.plan_reference(frame, plan)
    if FROM in state_of(plan).methods:
        called: Expression = replace_node(function, value=owner)
    else:
        called, given = owner, [Argument(a.value, star="**") for a in given]
    if plan.needs_rngs:
        frame.program.uses_rngs(frame)
        given.append(Argument(Name("rngs"), "rngs"))
    code = Call(called, tuple(given), span=node.span)
    return Result(Unknown(), code, code)


def _is_gone(frame: Frame, function: Attribute) -> bool:
    """Whether the object has lost its method: a layer, or what may be one in a project whose other
    classes define no such method."""
    from ..evaluation.expressions import evaluate

    value = evaluate(frame, function.value).value
    if isinstance(value, SelfReference):
        return current_state(frame) is not None
    if isinstance(value, Instance):
        return True
    if isinstance(value, Static) and value.constant is not None:
        return False
    return _only_layers_define(frame, function.attribute)


def is_lost(frame: Frame, name: str) -> bool:
    """Whether no class of the project but layers has a method of this name, which these lose."""
    return all(frame.program.is_module_class(*owner) for owner in _owners(frame, name))


def _only_layers_define(frame: Frame, name: str) -> bool:
    return bool(_owners(frame, name)) and is_lost(frame, name)


def _owners(frame: Frame, name: str) -> list[tuple[ClassDef, str]]:
    """The classes that define a method, each with its module."""
    program = frame.program
    return [
        (d.node, d.module)
        for module in program.modules
        for d in program.definitions(module)
        if isinstance(d.node, ClassDef)
        and any(isinstance(m, FunctionDef) and m.name == name for m in d.node.body)
    ]


def _refused(frame: Frame, node: Call, message: str, hint: str, code: str = "TJ2017") -> Result:
    stop = frame.program.unhandled(frame, node, code, message, hint, node.span)
    return Result(Static(kind=dict), stop, stop)
