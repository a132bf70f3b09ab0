"""Methods of Keras models and layers."""

from __future__ import annotations

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Constant,
    For,
    FunctionDef,
    If,
    Name,
    Node,
    Parameter,
    Return,
    Slice,
    Starred,
    Subscript,
    Symbol,
    Tuple,
    replace_node,
)
from ...shapes.shapes import UNKNOWN
from ..class_definitions.class_state import current_state, state_of
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..layers import applying, masks, sequentials
from ..sites import LayerTarget, PlanTarget, SequentialTarget, Site
from ..values import ShapeOf, Static, Tensor, Unknown

RESETS = frozenset({"reset_states", "reset_state"})


def module_method(frame: Frame, node: Call, function: Node) -> Result | None:
    """Methods of Keras models and layers without a counterpart in a module."""
    name = getattr(function, "attribute", "")
    dropped = {
        "compile": "training set-up: build an optax optimizer and a loss "
        "where the model is trained",
        "summary": "printing",
    }
    if name in dropped:
        frame.program.translated(frame, node.span, f"Model.{name}", "dropped", dropped[name])
        frame.program.note(frame, "TJ5015", f"`{name}()` is dropped: {dropped[name]}", node.span)
        return Result(Static(), Constant(None), Constant(None))
    code = frame.program.unhandled(
        frame,
        node,
        "TJ5017" if "weights" in name or "save" in name else "TJ2017",
        f"`{name}` of a Keras model has no counterpart in a Flax module",
        "convert checkpoints with `tfjax-compile weights convert`" if "weights" in name else None,
        node.span,
    )
    return Result(Static(), code, code)


def site_method(
    frame: Frame, node: Call, function: Attribute, receiver: Result, site: Site
) -> Result | None:
    """Methods of layers and models: `add`, `call`, and what has no counterpart in a Flax module."""
    match function.attribute, site.target:
        case "add", SequentialTarget() if len(node.arguments) == 1:
            return sequentials.added(frame, node, site)
        case (("call" | "__call__"), _):
            return applying.apply_site(frame, site, node, receiver)
        case "build", _:
            from ..class_definitions.declared_sizes import build_declared

            build_declared(frame, node, site)
            return Result(Static(), Constant(None), Constant(None))
        case "summary", _:
            return Result(Static(), Constant(None), Constant(None))
        case "compute_mask", LayerTarget() as target if node.arguments:
            x = evaluate(frame, node.arguments[0].value)
            code = masks.made_mask(target, x)
            if code is None:
                return Result(Static(), Constant(None), Constant(None))
            return Result(Tensor(dtype="bool"), code, None)
        case (("reset_states" | "reset_state"), _):
            return _reset_states(frame, node, function, receiver, site)
        case "compute_output_shape", _ if len(node.arguments) == 1:
            return _output_shape(frame, site, node, receiver)
        case _:
            return own_member(frame, node, function, receiver, site)


def _reset_states(
    frame: Frame, node: Call, function: Attribute, receiver: Result, site: Site
) -> Result | None:
    """A recurrent layer forgets, or all those of a model; a class of the project may define it."""
    own = _own_method(site, function.attribute)
    if own:
        return own_member(frame, node, function, receiver, site)
    module = applying.module_read(frame, site, receiver.dynamic)
    if isinstance(site.target, LayerTarget):
        arguments = tuple(
            replace_node(a, value=evaluate(frame, a.value).dynamic) for a in node.arguments
        )
        code = Call(Attribute(module, "reset_states"), arguments, span=node.span)
    else:
        code = Call(Symbol("tf_compat.reset_states"), (Argument(module),), span=node.span)
    return Result(Static(), code, None)


def reset_own(frame: Frame, node: Call, function: Attribute) -> Result | None:
    """`self.reset_states()` where the class defines no such method."""
    state = current_state(frame)
    name = function.attribute
    if state is None or name not in RESETS or node.arguments:
        return None
    if name in state.attributes or name in state.methods:
        return None
    code = Call(Symbol("tf_compat.reset_states"), (Argument(function.value),), span=node.span)
    return Result(Static(), code, None)


def reset_passed(frame: Frame, node: Call, function: Attribute, receiver: Result) -> Result | None:
    """`model.reset_states()` of what a function is given, where no class of the project has such a
    method: a model, a layer or a metric."""
    value = receiver.value
    passed = isinstance(value, (Tensor, Unknown)) or (
        isinstance(value, Static) and value.constant is None and value.kind is None
    )
    if function.attribute not in RESETS or node.arguments or not passed:
        return None
    if frame.program.defines_method(function.attribute):
        return None
    frame.program.translated(frame, node.span, f"keras.Model.{function.attribute}")
    code = Call(Symbol("tf_compat.reset_states"), (Argument(receiver.dynamic),), span=node.span)
    return Result(Static(), code, None)


def _own_method(site: Site, name: str) -> bool:
    target = site.target
    if not isinstance(target, PlanTarget) or not isinstance(target.plan.definition.node, ClassDef):
        return False
    return name in state_of(target.plan).methods


def own_member(
    frame: Frame, node: Call, function: Attribute, receiver: Result, site: Site
) -> Result | None:
    """`module.name(...)`: a method of a class of the project, or what an attribute holds."""
    from ..uses import outside

    if outside.holds(site, function.attribute):
        return None
    used = outside.call_method(frame, node, function, receiver, site)
    return used if used is not None else module_method(frame, node, function)


def _output_shape(frame: Frame, site: Site, node: Call, receiver: Result) -> Result | None:
    """`layer.compute_output_shape(shape)`: what applying the layer to such a tensor gives, or what
    a class of the project says."""
    given = evaluate(frame, node.arguments[0].value)
    shape = given.value.shape if isinstance(given.value, ShapeOf) else UNKNOWN
    if _keeps_shape(site) and isinstance(given.value, ShapeOf):
        return given
    trial = frame.trial()
    code = Name("x")
    frame.program.facts.record(code, Tensor(shape))
    argument = (Argument(code), Result(Tensor(shape), code, None))
    value = applying.apply_evaluated(trial, site, node, receiver, [argument]).value
    if not isinstance(value, Tensor):
        return module_method(frame, node, node.function)
    found = value.shape
    if found.sizes is not None:
        sizes = tuple(Constant(None) if d is None else d.to_expression() for d in found.sizes)
        return Result(ShapeOf(found), Tuple(sizes), Tuple(sizes))
    last, lead = found.size(-1), found.base or found.lead
    if last is None or lead is None:
        return module_method(frame, node, node.function)
    before = Starred(Subscript(lead, Slice(None, Constant(-1), None)))
    whole = Tuple((Constant(None), before, last.to_expression()))
    return Result(ShapeOf(found), whole, whole)


def _keeps_shape(site: Site) -> bool:
    """Whether a class of the project says that its output has the shape of its input."""
    if not isinstance(site.target, PlanTarget):
        return False
    node = site.target.plan.definition.node
    for method in node.body if isinstance(node, ClassDef) else ():
        match method:
            case FunctionDef(
                name="compute_output_shape",
                parameters=(_, Parameter(name=given), *_),
                body=(*_, Return(value=Name(id=returned))),
            ):
                return given == returned and not any(
                    isinstance(s, (Assign, If, For)) for s in method.body
                )
            case _:
                pass
    return False
