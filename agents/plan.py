"""The plan: steps in order, each with regions, instruction, dependencies and a condition."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """`regions` are keys; `depends_on` are ids of steps that come first; `condition` says in words
    when the step is done."""

    id: str
    title: str
    files: tuple[str, ...]
    regions: tuple[str, ...]
    instruction: str
    depends_on: tuple[str, ...] = ()
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    worded_by: str = "rules"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        return json.dumps(self.to_json(), indent=2) + "\n"

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Plan:
        steps = tuple(_step(one) for one in data["steps"])
        return Plan(steps, data.get("worded_by", "rules"))

    def mermaid(self) -> str:
        """The graph of the steps, for Markdown pages."""
        lines = ["graph TD"]
        for step in self.steps:
            label = step.title.replace('"', "'")
            lines.append(f'  {step.id}["{step.id}: {label}"]')
        lines += [f"  {before} --> {step.id}" for step in self.steps for before in step.depends_on]
        return "\n".join(lines) + "\n"

    def dot(self) -> str:
        """The graph of the steps, for Graphviz."""
        lines = ["digraph plan {", "  rankdir=TB; node [shape=box];"]
        lines += [f"  {s.id} [label={json.dumps(f'{s.id}: {s.title}')}];" for s in self.steps]
        lines += [f"  {before} -> {s.id};" for s in self.steps for before in s.depends_on]
        return "\n".join([*lines, "}"]) + "\n"


def _step(data: Mapping[str, Any]) -> Step:
    lists = {name: tuple(data[name]) for name in ("files", "regions", "depends_on")}
    read: dict[str, Any] = {**data, **lists}
    return Step(**read)


class PlanError(Exception):
    """A plan that is no plan: the reason."""


def check_plan(plan: Plan, regions: Collection[str]) -> None:
    """Every region is in exactly one step, ids are unique, dependencies exist and have no cycle.

    Raises PlanError.
    """
    ids = [step.id for step in plan.steps]
    if len(set(ids)) != len(ids):
        raise PlanError("two steps have one id")
    placed = [key for step in plan.steps for key in step.regions]
    twice = sorted({key for key in placed if placed.count(key) > 1})
    if twice:
        raise PlanError(f"region {twice[0]} is in two steps")
    if missing := sorted(set(regions) - set(placed)):
        raise PlanError(f"region {missing[0]} is in no step")
    if unknown := sorted(set(placed) - set(regions)):
        raise PlanError(f"there is no region {unknown[0]}")
    if any(not step.regions for step in plan.steps):
        raise PlanError("a step has no region")
    order(plan.steps)


def order(steps: Sequence[Step]) -> list[Step]:
    """The steps, each after those that it depends on, else as they stand. Raises PlanError."""
    by_id = {step.id: step for step in steps}
    done: list[Step] = []
    state: dict[str, str] = {}

    def visit(step: Step) -> None:
        if state.get(step.id) == "done":
            return
        if state.get(step.id) == "open":
            raise PlanError(f"step {step.id} depends on itself")
        state[step.id] = "open"
        for before in step.depends_on:
            if before not in by_id:
                raise PlanError(f"step {step.id} depends on {before}, which is not there")
            visit(by_id[before])
        state[step.id] = "done"
        done.append(step)

    for step in steps:
        visit(step)
    return done
