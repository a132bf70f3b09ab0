"""Functions without layers keep their form: what they call is translated."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ....ir.dims import Dim
from ....ir.nodes import (
    Attribute,
    Constant,
    FunctionDef,
    Name,
    Parameter,
    Pass,
    Statement,
    Subscript,
    replace_node,
    walk,
)
from ...shapes.shapes import Shape
from ..class_definitions.class_inputs import as_asked
from ..control_flow.statements import run_body
from ..drivers import given_values
from ..frame import Frame
from ..joined_values import join_all
from ..nodes import Optional
from ..plans import Plan
from ..slices.dead_stores import without_dead_stores
from ..slices.live_code import live_statements
from ..values import Sequence, Static, Tensor, Value, is_dynamic
from . import stateless
from .plain_tensors import plain_tensors

if TYPE_CHECKING:
    from ..program import Program
from .parameters import static_value


def without_layers(program: Program, plan: Plan, node: FunctionDef) -> None:
    """A function whose layers have no state is one without layers."""
    tensors, sequences = {t.name for t in plan.tensors}, frozenset(plan.sequences)
    plan.kind, plan.tensors, plan.sequences = "plain", [], set()
    translate_plain(program, plan, node, tensors, sequences)
    new = plan.output[0]
    assert isinstance(new, FunctionDef)
    plan.dropped = stateless.unread_parameters(node, new) - tensors
    kept = tuple(p for p in new.parameters if p.name not in plan.dropped)
    if plan.dropped:
        plan.output = [replace_node(new, parameters=kept)]


def translate_script(program: Program, plan: Plan, node: FunctionDef) -> None:
    """A function that makes models and uses them itself: it stays in one piece. The sizes of what
    it is given are read off."""
    top = plan.definition.node is node and plan.definition.owner is None
    key = (plan.definition.module, plan.definition.name) if top else None
    given = program.scan.tensor_parameters(key, node)
    program.forget(plan.definition.module, node.span)
    plan.kind, plan.parameters, plan.needs_rngs = "plain", [], False
    plan.details.clear()
    plan.dropped.clear()
    translate_plain(program, plan, node, arrays=given)


def translate_plain(
    program: Program,
    plan: Plan,
    node: FunctionDef,
    more_tensors: Collection[str] = (),
    sequences: Collection[str] = (),
    arrays: Collection[str] = (),
) -> None:
    """A function without layers keeps its form; calls inside are translated."""
    frame = Frame(program, plan.definition.module, "plain", plan)
    given = given_values(program, plan.definition)
    plan.parameters = list(node.parameters)
    tensors = plain_tensors(program, node) | set(more_tensors)
    for parameter in node.parameters:
        if parameter.name in tensors:
            plan.tensors.append(parameter)
    plan.parameters = [p for p in node.parameters if p.name not in tensors]
    for parameter in node.parameters:
        if parameter.name in given:
            frame.environment[parameter.name] = given[parameter.name]
        elif parameter.name in sequences:
            frame.environment[parameter.name] = Sequence("list", None, Tensor())
        elif parameter.name in arrays:
            last = Subscript(Attribute(Name(parameter.name), "shape"), Constant(-1))
            frame.environment[parameter.name] = Tensor(Shape(None, Dim.variable(last)))
        elif parameter.name in tensors:
            frame.environment[parameter.name] = tensor_parameter(plan, node, parameter.name)
        else:
            frame.environment[parameter.name] = static_value(parameter)
    plan.details["signature"] = list(node.parameters)
    run_body(frame, node.body)
    plan.result = join_all(frame.returns) if frame.returns else Static()
    plan.details["static_result"] = not is_dynamic(plan.result) and bool(frame.returns)
    if any(isinstance(n, Optional) for statement in frame.body for n in walk(statement)):
        frame.body = live_statements(without_dead_stores(frame.body, set()), None)
    plan.output = [rebuilt_function(program, frame, node, frame.body)]


def tensor_parameter(plan: Plan, node: FunctionDef, name: str) -> Value:
    """A tensor of any rank, with the sizes that it is known by."""
    shape = Shape(None, Dim.named(plan.size_name(name)), Name(plan.shape_name(name)))
    return as_asked(node, name, Tensor(shape))


def rebuilt_function(
    program: Program,
    frame: Frame,
    node: FunctionDef,
    body: list[Statement],
    parameters: tuple[Parameter, ...] | None = None,
) -> FunctionDef:
    """The function with a new body, its defaults, annotations and decorators translated; the same
    object if unchanged."""
    from ..values_at_rest import translate_decorators, translate_parameters

    new_parameters = parameters or translate_parameters(program, frame, node.parameters)
    decorators = translate_decorators(program, frame, node.decorators)
    returns = node.returns
    if returns is not None:
        from ..values_at_rest import translate_annotation

        returns = translate_annotation(program, frame, returns)
    same_body = len(body) == len(node.body) and all(
        a is b for a, b in zip(body, node.body, strict=True)
    )
    changes: dict[str, object] = {}
    if not same_body:
        changes["body"] = tuple(body) or (Pass(),)
    if new_parameters is not node.parameters:
        changes["parameters"] = new_parameters
    if decorators is not node.decorators:
        changes["decorators"] = decorators
    if returns is not node.returns:
        changes["returns"] = returns
    return replace_node(node, **changes) if changes else node
