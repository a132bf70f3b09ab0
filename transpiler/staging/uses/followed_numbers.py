"""Functions that compute numbers from the shape of a tensor, such as the padding before a layer:
what they give for the arguments of a call."""

from __future__ import annotations

from dataclasses import replace

from ....ir.dims import Dim, Variable, from_expression
from ....ir.nodes import Binary, Constant, FunctionDef, Name, walk
from ..evaluation.expressions import evaluate
from ..evaluation.flags import returned
from ..frame import Frame
from ..function_definitions.body_names import assigned_names
from ..plans import Bound, Plan
from ..values import Sequence, Static, Value, integer


def numbers_of_call(frame: Frame, plan: Plan, bound: Bound) -> Value | None:
    """The numbers that a function without layers gives here, where all of them are known as sizes;
    None for anything else."""
    from ..control_flow.statements import run_body

    node = plan.definition.node
    if not isinstance(node, FunctionDef) or _is_followed(frame, node):
        return None
    trial = frame.trial()
    trial.kind, trial.module, trial.plan = "plain", plan.definition.module, None
    trial.following, trial.environment = node, {}
    for parameter in node.parameters:
        if parameter.name in bound:
            trial.environment[parameter.name] = bound[parameter.name][1].value
        elif parameter.default is not None:
            trial.environment[parameter.name] = evaluate(trial, parameter.default).value
        else:
            return None
    local = set(trial.environment) | assigned_names(list(node.body))
    run_body(trial, node.body)
    value = returned(trial)
    return None if value is None else _sizes(value, local)


def _is_followed(frame: Frame, node: FunctionDef) -> bool:
    current: Frame | None = frame
    while current is not None and current.following is not node:
        current = current.parent
    return current is not None


def _sizes(value: Value, local: set[str]) -> Value | None:
    """The numbers as sizes that say nothing of the variables of the function; None if some are
    not."""
    match value:
        case Static(extent=Dim() as size):
            size = size.substitute(_parity)
            names = {n.id for v in size.atoms() for n in walk(v.expression) if isinstance(n, Name)}
            return None if names & local else integer(size)
        case Sequence(items=items) if items:
            found = [_sizes(item, local) for item in items]
            known = tuple(item for item in found if item is not None)
            return replace(value, items=known) if len(known) == len(items) else None
        case _:
            return None


def _parity(variable: Variable) -> Dim | None:
    """`n % 2` is `2 ceil(n / 2) - n`, which adds up with other sizes."""
    match variable.expression:
        case Binary(left=left, operator="%", right=Constant(value=2)):
            n, two = from_expression(left), Dim.of(2)
            return None if n is None else n.ceil_div(two) * two - n
        case _:
            return None
