"""Sizes that a class asks for, where a call tells the ranks of its inputs.

A class is translated for inputs of any rank, and a size inside it may follow from that alone: then
its constructor asks for the size. Whoever builds the object and calls it knows the ranks. The call
is followed once more for these, and where every layer that takes the size meets the same one, that
is what the caller passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ....ir.dims import Dim
from ....ir.nodes import Expression, FunctionDef, Name, walk
from ..class_definitions.class_state import state_of
from ..frame import Frame, Result
from ..plans import Bound, Plan
from ..sites import Site, asked_name
from ..values import Tensor, Value
from .ranks import ranked_inputs

if TYPE_CHECKING:
    from ..program import Program


@dataclass(slots=True)
class Search:
    """What the layers of a class met, by the parameter of its constructor that they ask with."""

    plan: Plan
    met: dict[str, list[Dim | None]] = field(default_factory=dict[str, "list[Dim | None]"])


def sought(
    program: Program, plan: Plan, bound: Bound, inputs: Mapping[str, Result], *, spread: bool
) -> dict[str, Dim]:
    """The sizes in terms of the class itself, by the names of its parameters."""
    from ..class_definitions.methods import method_frame
    from ..control_flow.statements import run_body

    call = plan.details.get("call")
    if plan.kind != "layer" or not isinstance(call, FunctionDef):
        return {}
    state = state_of(plan)
    if id(call) in state.active:
        return {}
    values, flags = ranked_inputs(plan, call, bound, inputs, flagged=True, spread=spread)
    attributes, around = dict(state.attributes), program.search
    program.search = search = Search(plan)
    state.attributes.update(flags)
    state.active.add(id(call))
    frame = method_frame(program, plan, call, values)
    frame.probing, frame.settles = True, False
    run_body(frame, call.body)
    state.active.discard(id(call))
    state.attributes.clear()
    state.attributes.update(attributes)
    program.search = around
    return {
        name: size
        for name, (size, *rest) in search.met.items()
        if size is not None and all(other == size for other in rest)
    }


def note_size(frame: Frame, site: Site, what: str, size: str, met: Dim | None) -> None:
    """A layer or module that asks for its size has met one."""
    search = frame.program.search
    construct = site.details.get("construct")
    if search is None or frame.plan is not search.plan or not isinstance(construct, Expression):
        return
    asked = dict(cast("Mapping[str, str]", search.plan.details.get("asked", {})))
    name = asked_name(asked, what, size)
    if any(isinstance(n, Name) and n.id == name for n in walk(construct)):
        search.met.setdefault(name, []).append(met)


def met_by(value: Value) -> Dim | None:
    """The last size of an input."""
    return value.shape.size(-1) if isinstance(value, Tensor) else None
