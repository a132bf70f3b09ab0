"""A `Sequential` that a function fills and returns: its layers run on a variable."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import Assign, Call, FunctionDef, Name, Parameter, Starred
from ...shapes.shapes import Shape
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..layers import sequentials
from ..sites import SequentialTarget, Site
from ..values import GraphModel, Instance, Tensor, Value


def site_of(result: Result) -> Site:
    assert isinstance(result.value, Instance)
    return result.value.site


def declare_input(frame: Frame, name: str, value: Value) -> None:
    assert isinstance(value, Tensor)
    frame.assign(name, value)
    frame.inputs[name] = value


def begins_chain(frame: Frame, result: Result) -> bool:
    """A Sequential in a function that makes a model: the function becomes a class, the layers its
    attributes."""
    return (
        frame.kind == "split"
        and isinstance(result.value, Instance)
        and isinstance(result.value.site.target, SequentialTarget)
        and frame.depth == 0
        and not frame.inputs
    )


def start_chain(frame: Frame, result: Result) -> str:
    """Opens a graph for a Sequential; the variable that holds what flows through it."""
    chain = chain_variable(frame)
    start = sequentials.declared_input(frame, site_of(result)) or _own_input(frame, chain)
    frame.environment[chain] = start
    declare_input(frame, chain, start)
    _chain_elements(frame, chain, result)
    return chain


def is_own_input(value: Value) -> bool:
    """Whether nothing is known of the input of a chain yet, and no layer has been applied to it."""
    match value:
        case Tensor(shape=Shape(dims=None, base=Name(id="in_shape"))):
            return True
        case _:
            return False


def graph_of(variable: str) -> GraphModel:
    """A model whose output is what the variable holds."""
    return GraphModel(Tensor(), Tensor(), Name(variable))


def outputs_of(frame: Frame, model: GraphModel) -> Value:
    """The outputs of a model; those of one that was added to, what its variable holds now."""
    match model.expression:
        case Name(id=variable) if model.outputs == Tensor():
            return frame.environment.get(variable, model.outputs)
        case _:
            return model.outputs


def chain_variable(frame: Frame) -> str:
    name, index = "x", 1
    while name in frame.environment or name in _parameter_names(frame):
        name, index = f"x{index}", index + 1
    return name


def _parameter_names(frame: Frame) -> set[str]:
    plan = frame.plan
    if plan is None or not isinstance(plan.definition.node, FunctionDef):
        return set()
    return {p.name for p in plan.definition.node.parameters}


def _own_input(frame: Frame, name: str) -> Tensor:
    """The input of a model that does not declare one."""
    plan = frame.plan
    if plan is not None and all(t.name != name for t in plan.tensors):
        plan.tensors.append(Parameter(name))
    return Tensor(Shape(None, Dim.named("in_features"), Name("in_shape")))


def _chain_elements(frame: Frame, chain: str, result: Result) -> None:
    target = site_of(result).target
    assert isinstance(target, SequentialTarget)
    for each in target.sites:
        add_to_chain(frame, chain, each)


def add_to_chain(frame: Frame, chain: str, element: object) -> None:
    """`model.add(layer)`: `x = layer(x)`."""
    declared = sequentials.declared_input(frame, element) if isinstance(element, Site) else None
    if declared is not None and is_own_input(frame.environment[chain]):
        declare_input(frame, chain, declared)
        frame.memo = {}
    current = evaluate(frame, Name(chain))
    call = Call(Name(chain), ())
    if isinstance(element, Starred):
        call.span = element.value.span
        unknown = sequentials.unlisted(frame, call)
        frame.assign(chain, unknown.value)
        frame.emit(Assign((Name(chain),), unknown.dynamic))
        return
    step = sequentials.apply_element(frame, element, call, current)  # pyright: ignore
    if step is current:
        return
    frame.assign(chain, step.value)
    frame.emit(Assign((Name(chain),), step.dynamic))
