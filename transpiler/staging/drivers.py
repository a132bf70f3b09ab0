"""Code run by a driver: a module that makes a model by one function and calls it by others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...ir.dims import Dim
from ...ir.nodes import Constant, Expression, FunctionDef
from ..shapes.shapes import Shape
from .plans import Definition
from .sites import PlanTarget, Site
from .values import Instance, Tensor, Value

if TYPE_CHECKING:
    from .frame import Frame
    from .program import Program


def given_values(program: Program, definition: Definition) -> Mapping[str, Value]:
    """Values of parameters that a driver fixes: the model that `build` makes, inputs of known
    shape."""
    driver = program.drivers.get(definition.module)
    if driver is None or definition.name not in driver.calls:
        return {}
    built = program.definition(definition.module, driver.build)
    given: dict[str, Value] = {
        name: Tensor(Shape(tuple(Dim.of(d) for d in shape)), dtype)
        for name, (dtype, shape) in driver.inputs.items()
    }
    node = definition.node
    if built is not None and isinstance(node, FunctionDef) and node.parameters:
        given[node.parameters[0].name] = _built_value(program, built)
    return given


def runs_in_mode(frame: Frame, training: Expression) -> bool:
    """A driver's model is put into evaluation mode by whoever runs the driver."""
    driver = frame.program.drivers.get(frame.module)
    return driver is not None and isinstance(training, Constant) and training.value is False


def is_driver_build(program: Program, definition: Definition) -> bool:
    """The maker of a driver's model: its sizes are filled in from the driver's inputs."""
    driver = program.drivers.get(definition.module)
    return driver is not None and definition.name == driver.build


def _built_value(program: Program, built: Definition) -> Value:
    plan = program.plan(built)
    if plan.kind != "class":
        return plan.result
    site = Site(PlanTarget(plan, (), ()), None, "model")
    site.details["bound"] = {}
    return Instance(site)
