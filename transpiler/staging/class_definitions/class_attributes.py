"""What `self.name` and `layer.name` are."""

from __future__ import annotations

from dataclasses import replace

from ....ir.nodes import Attribute, Call, Constant, Name, Symbol, replace_node
from ...shapes.shapes import UNKNOWN
from ..frame import Frame, Result
from ..sites import Site
from ..values import Instance, Known, Static, Unknown, Weight, is_dynamic
from . import layer_state, losses, optional_weights
from .class_state import ClassState, current_state


def self_attribute(frame: Frame, node: Attribute, inner: Result) -> Result:
    state = current_state(frame)
    if state is None:
        return Result(Static(), node, node)
    name = node.attribute
    value = state.attributes.get(name)
    match value:
        case None:
            return _inherited(frame, state, node, inner)
        case Weight():
            code = optional_weights.read(frame, node, value)
            size = value.shape.size(-1)
            return Result(value, code, size.to_expression() if size is not None else None)
        case _:
            return Result(value, node, node)


def _inherited(frame: Frame, state: ClassState, node: Attribute, inner: Result) -> Result:
    """Attributes that Keras gives every layer."""
    match node.attribute:
        case "compute_dtype" | "dtype" | "variable_dtype" | "_compute_dtype":
            code = Symbol("jax.numpy.float32")
            return Result(Static(kind=None), code, code)
        case "name" | "_name":
            code = Constant(state.node.name)
            return Result(Static(Known(state.node.name), str), code, code)
        case "losses" if frame.kind == "call":
            return losses.collected(frame, inner.dynamic)
        case "built":
            # `build` runs once, as a part of the constructor.
            built = Constant(frame.kind != "init")
            return Result(Static(Known(built.value), bool), built, built)
        case "trainable":
            return Result(Static(Known(True), bool), Constant(True), Constant(True))
        case "name_scope" if node.attribute not in state.methods:
            # Names of variables mean nothing in JAX; whoever keeps the scope may enter it.
            code = Call(Symbol("contextlib.nullcontext"), ())
            frame.program.translated(frame, node.span, "name_scope")
            return Result(Static(), code, code)
        case _:
            return _own_method(frame, state, node)


def _own_method(frame: Frame, state: ClassState, node: Attribute) -> Result:
    """A method as a value, or what a property gives."""
    from .methods import run_method

    method = state.methods.get(node.attribute)
    if method is None or frame.plan is None:
        return Result(Static(), node, node)
    if not any(isinstance(d, Name) and d.id == "property" for d in method.decorators):
        return Result(Unknown(), node, node)
    value = run_method(frame.program, frame.plan, method, [], keep=False, settles=False)
    return Result(value, node, None if is_dynamic(value) else node)


def instance_attribute(frame: Frame, node: Attribute, inner: Result, site: Site) -> Result:
    from ..layers import layer_configuration
    from ..sites import PlanTarget
    from ..uses import outside

    if isinstance(site.target, PlanTarget):
        state = site.target.plan.details.get("class_state")
        if isinstance(state, ClassState) and node.attribute in state.attributes:
            value = state.attributes[node.attribute]
            dynamic = (
                node if inner.dynamic is node.value else replace_node(node, value=inner.dynamic)
            )
            if isinstance(value, Weight):
                code = optional_weights.read(frame, dynamic, value)
                return Result(replace(value, shape=UNKNOWN), code, None)
            if isinstance(value, Static):
                return Result(Static(), dynamic, dynamic)
            if isinstance(value, Instance):
                value = outside.seen(frame, site, inner, value)
            return Result(value, dynamic, dynamic)
    dynamic = node if inner.dynamic is node.value else replace_node(node, value=inner.dynamic)
    found = layer_configuration.read(node, dynamic, site)
    found = found or outside.read_property(frame, node, inner, site, dynamic)
    if found is not None:
        return found
    if layer_state.is_weight(frame, node.attribute, site):
        return layer_state.weight_of_layer(frame, node, dynamic, site)
    return Result(Static(), dynamic, dynamic)
