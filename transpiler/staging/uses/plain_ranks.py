"""Results of functions without layers where a call tells more than the function knows of its
parameters: the ranks of tensors, and constants.

`dot(a, b)` that asks `K.ndim(a) == 2` and gives something else in each branch gives what the branch
for the ranks of a call does.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ....ir.nodes import Constant, FunctionDef
from ..evaluation.expressions import constant_value
from ..frame import Frame, Result
from ..function_definitions.parameters import static_value
from ..joined_values import join_all
from ..plans import Plan
from ..values import Static, Tensor, Value
from .ranks import is_open

if TYPE_CHECKING:
    from ..program import Program


def plain_result(program: Program, plan: Plan, given: Mapping[str, Result]) -> Value:
    """The result of a function for these arguments, in terms of the function itself."""
    node = plan.definition.node
    arguments = {n: r.value for n, r in given.items()}
    ranked = any(isinstance(v, Tensor) and v.shape.rank is not None for v in arguments.values())
    if not isinstance(node, FunctionDef) or not is_open(plan.result) or not ranked:
        return plan.result
    fresh: dict[Hashable, Value] = {}
    seen = cast("dict[Hashable, Value]", plan.details.setdefault("at_ranks", fresh))
    values = _values(plan, node, arguments)
    if values is None:
        return plan.result
    key = tuple(values.items())
    if key not in seen:
        seen[key] = plan.result  # what a function that calls itself gives there
        seen[key] = _followed(program, plan, node, values)
    return seen[key]


def _values(
    plan: Plan, node: FunctionDef, arguments: Mapping[str, Value]
) -> dict[str, Value] | None:
    """The parameters as the call tells them; None where it passes something else."""
    from ..function_definitions.plain_functions import tensor_parameter

    tensors = {parameter.name for parameter in plan.tensors}
    found: dict[str, Value] = {}
    for parameter in node.parameters:
        value = arguments.get(parameter.name)
        if parameter.name in tensors:
            if not isinstance(value, Tensor):
                return None
            own = tensor_parameter(plan, node, parameter.name)
            if not isinstance(own, Tensor):
                return None
            rank = value.shape.rank
            found[parameter.name] = (
                own if rank is None else replace(own, shape=own.shape.at_rank(rank))
            )
        elif parameter.kind in ("varargs", "kwargs"):
            return None
        elif isinstance(value, Static) and value.constant is not None:
            found[parameter.name] = constant_value(value.constant.value)
        elif value is None and isinstance(parameter.default, Constant):
            found[parameter.name] = constant_value(parameter.default.value)
        else:
            found[parameter.name] = static_value(parameter)
    return found


def _followed(
    program: Program, plan: Plan, node: FunctionDef, values: Mapping[str, Value]
) -> Value:
    from ..control_flow.statements import run_body

    frame = Frame(program, plan.definition.module, "plain", plan, dict(values))
    frame.probing = True
    run_body(frame, node.body)
    return join_all(frame.returns) if frame.returns else plan.result
