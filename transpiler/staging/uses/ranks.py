"""Results of classes where a call tells the ranks of its inputs, or gives no value for some; and
where the object is made with a flag.

A class is translated for inputs of any rank. What it gives for those of a call may be known better:
`x + self.attention(x)` has the sizes of `x` once its rank is the attention's,
`if cache is not None: return x, cache` is not reached by a call without a cache, and a layer made
with `flatten=True` gives what it gives under `if self.flatten`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ....ir.nodes import Constant, FunctionDef, Name
from ..class_definitions.class_state import ClassState, state_of
from ..evaluation.expressions import constant_value
from ..frame import Result
from ..plans import Bound, Path, Plan
from ..values import Flagged, Known, Mapped, Sequence, Static, Tensor, Unknown, Value
from .plan_inputs import part_at
from .substitution import seen_outside

if TYPE_CHECKING:
    from ..program import Program

_NONE = Static(Known(None), type(None))


def result_at_ranks(
    program: Program,
    plan: Plan,
    bound: Bound,
    inputs: Mapping[str, Result],
    result: Value,
    *,
    flagged: bool,
    spread: bool = False,
) -> Value:
    """The result of a class, `result` for inputs of any rank, for inputs of these ranks, of an
    object made with the arguments `bound`; `flagged`: the call sets flags of its own; `spread`: it
    passes a list or dict of arguments."""
    from ..class_definitions.methods import run_method

    call = plan.details.get("call")
    if plan.kind != "layer" or not isinstance(call, FunctionDef) or not is_open(result):
        return result
    values = _inputs(plan, flagged=flagged)
    state = state_of(plan)
    ranked, flags = ranked_inputs(plan, call, bound, inputs, flagged=flagged, spread=spread)
    if (ranked == list(values.values()) and not flags) or id(call) in state.active:
        return result
    attributes = dict(state.attributes)
    state.attributes.update(flags)
    found = run_method(program, plan, call, ranked, keep=False, settles=False)
    if flags:
        state.attributes.clear()
        state.attributes.update(attributes)
    return seen_outside(state, found)


def ranked_inputs(
    plan: Plan,
    call: FunctionDef,
    bound: Bound,
    inputs: Mapping[str, Result],
    *,
    flagged: bool,
    spread: bool,
) -> tuple[list[Value], dict[str, Value]]:
    """The inputs of a class at the ranks that a call tells, and the attributes of the object that
    hold flags (see `result_at_ranks`)."""
    optional = () if spread else _optional(call)
    ranked = [
        _ranked(value, inputs[name], ()) if name in inputs else _NONE if name in optional else value
        for name, value in _inputs(plan, flagged=flagged).items()
    ]
    return ranked, _flags(plan, state_of(plan), bound)


def _inputs(plan: Plan, *, flagged: bool) -> dict[str, Value]:
    by_default = None if flagged else plan.details.get("default_inputs")
    return cast("dict[str, Value]", by_default or plan.details.get("inputs", {}))


def _optional(call: FunctionDef) -> list[str]:
    """The parameters that are None where a call says nothing of them."""
    return [
        p.name
        for p in call.parameters[1:]
        if isinstance(p.default, Constant) and p.default.value is None and p.name != "training"
    ]


def _flags(plan: Plan, state: ClassState, bound: Bound) -> dict[str, Value]:
    """The attributes that hold a flag which this object is made with."""
    defaults = {p.name: p.default for p in plan.parameters}
    found: dict[str, Value] = {}
    for attribute, code in state.definitions.items():
        if not isinstance(code, Name) or code.id not in defaults:
            continue
        given = bound[code.id][1].static if code.id in bound else defaults[code.id]
        if isinstance(given, Constant) and isinstance(given.value, bool):
            found[attribute] = constant_value(given.value)
    return found


def is_open(value: Value) -> bool:
    """Whether it holds a tensor of unknown rank."""
    match value:
        case Tensor(shape=shape):
            return shape.dims is None
        case Sequence(items=items, item=item):
            return any(map(is_open, items or ())) or (item is not None and is_open(item))
        case Mapped(entries=entries):
            return any(map(is_open, entries.values()))
        case Flagged(then=then, otherwise=otherwise):
            return is_open(then) or is_open(otherwise)
        case _:
            return False


def _ranked(value: Value, given: Result, path: Path) -> Value:
    match value:
        case Unknown() if given.value in (_NONE, Static(_NONE.constant)):
            return _NONE
        case Tensor(shape=shape) if shape.dims is None:
            part = part_at(given, path)
            rank = part.value.shape.rank if part and isinstance(part.value, Tensor) else None
            return value if rank is None else replace(value, shape=shape.at_rank(rank))
        case Sequence(items=items) if items is not None:
            parts = tuple(_ranked(v, given, (*path, i)) for i, v in enumerate(items))
            return replace(value, items=parts)
        case Mapped(entries=entries):
            return Mapped({k: _ranked(v, given, (*path, k)) for k, v in entries.items()})
        case _:
            return value
