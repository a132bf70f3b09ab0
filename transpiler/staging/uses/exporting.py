"""Modules that keep the sizes of their results for callers that cannot say them."""

from __future__ import annotations

from typing import cast

from ....ir.dims import Dim
from ....ir.nodes import Attribute, Name
from ..class_definitions.class_state import ClassState
from ..joined_values import join_all
from ..plans import Plan
from ..values import Tensor, Value
from .exports import lacks_sizes, size_names, sizes_code, with_exported
from .plan_inputs import tensors_in
from .substitution import Terms, substitute_value

ALTERNATIVES = "alternatives"
"""The detail of a plan that stands for one of several classes: the plans of them."""
_OF_THE_CLASS = Dim.named("?")


def can_export(plan: Plan, outcome: Value) -> bool:
    """Whether the module can tell the sizes of its result: its constructor has them."""
    alternatives = _alternatives(plan)
    if alternatives:
        return all(can_export(one, one.result) for one in alternatives)
    if sizes_code(outcome) is None:
        return False
    state = plan.details.get("class_state")
    if not isinstance(state, ClassState):
        unread = {n for t in plan.tensors for n in _unread_sizes(plan, t.name)}
        return not size_names(outcome) & unread
    return bool(state.init) and size_names(outcome) <= state.init_names | {state.self_name}


def _unread_sizes(plan: Plan, name: str) -> set[str]:
    """The sizes of tensors that a function unpacks which its module does not take."""
    unpacked = cast("dict[str, Value]", plan.details.get("inputs", {})).get(name)
    leaves = {n for _, leaf in tensors_in(unpacked) for n in size_names(leaf)}
    return leaves - {size.name for size in plan.sizes}


def returned_sizes(plan: Plan, terms: Terms) -> Value:
    """The result of a module that a function makes and returns, in the terms of that function's
    callers: what the module says of itself, it says of what the function returns."""
    own = Terms(terms.sizes, dict(terms.arguments) | {"self": Name("self")})
    value = substitute_value(plan.result, own)
    if lacks_sizes(value, plan.result) and can_export(plan, plan.result):
        export(plan)
        value = with_exported(value, plan.result, Attribute(Name("self"), "out_features"))
    return value


def export(plan: Plan) -> None:
    """The module keeps the sizes of its result."""
    plan.exports_size = True
    for one in _alternatives(plan):
        export(one)


def joined(plans: list[Plan]) -> Value:
    """The result of one of several modules: a last size that each knows, but none in the terms of
    all, can only be asked of the module."""
    result = join_all(plan.result for plan in plans)
    if not isinstance(result, Tensor) or result.shape.size(-1) is not None:
        return result
    if not all(sizes_code(plan.result) is not None for plan in plans):
        return result
    return Tensor(result.shape.with_last(_OF_THE_CLASS), result.dtype, result.mask)


def _alternatives(plan: Plan) -> list[Plan]:
    found = plan.details.get(ALTERNATIVES, [])
    assert isinstance(found, list)
    return found  # pyright: ignore[reportUnknownVariableType]
