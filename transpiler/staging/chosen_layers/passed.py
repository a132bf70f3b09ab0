"""Functions that callers of the project pass as arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.dims import Dim
from ....ir.nodes import FunctionDef, Reference
from ...shapes.shapes import Shape
from ..plans import Definition, Plan
from ..values import Tensor

if TYPE_CHECKING:
    from ..program import Program


def receives_module(program: Program, plan: Plan | None, name: str) -> bool:
    """Whether some caller passes a function that becomes a module class as this parameter."""
    return any(
        program.plan(p).is_module if isinstance(p, Definition) else program.creates(p)
        for p in _passed(program, plan, name)
    )


def keeps_shape(program: Program, plan: Plan | None, name: str) -> bool:
    """Whether all that callers pass as this parameter are functions that give a tensor of the shape
    of the only tensor they take."""
    passed = _passed(program, plan, name)
    return bool(passed) and all(
        isinstance(p, Definition) and _keeps_shape(program.plan(p)) for p in passed
    )


def _keeps_shape(plan: Plan) -> bool:
    size = Dim.named("in_features")
    match plan.result:
        case Tensor(shape=Shape(dims=None, last=last)):
            return plan.kind == "plain" and len(plan.tensors) == 1 and last == size
        case _:
            return False


def _passed(program: Program, plan: Plan | None, name: str) -> list[Definition | FunctionDef]:
    if plan is None:
        return []
    key = plan.definition.module, plan.definition.name
    found: list[Definition | FunctionDef] = []
    for passed in program.scan.passed_functions(key, name):
        if isinstance(passed, Reference):
            definition = program.definition(passed.module, passed.name)
            found += [definition] if definition is not None else []
        else:
            found.append(passed)
    return found
