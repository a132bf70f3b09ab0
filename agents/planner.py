"""The planner: static dependencies decide what comes first; a model may order, group and word.

Regions of one definition with the same symbols are one step. A step depends on the steps of the
definitions that its own definition uses (leaves first), and modules come after those they import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..ir.nodes import ClassDef, FunctionDef, Module, Name, Reference, walk
from .contract import Region
from .model.messages import Message, Model, ModelError, Request
from .plan import Plan, PlanError, Step, check_plan, order
from .prompts import prompt

CONDITION = "every region equals TensorFlow on all recorded cases, values and gradients"
WORDING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "steps": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "step": {"type": "string", "maxLength": 8},
                    "title": {"type": "string", "maxLength": 80},
                    "instruction": {"type": "string", "maxLength": 240},
                },
                "required": ["step", "title", "instruction"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["steps"],
    "additionalProperties": False,
}


def make_plan(regions: Sequence[Region], modules: Mapping[str, Module]) -> Plan:
    """The plan that follows from the code alone; `modules` are the source trees."""
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Region]] = {}
    for region in regions:
        groups.setdefault((region.module, region.scope[:1], region.symbols), []).append(region)
    uses = _uses(modules)
    ids = {key: f"s{number:02d}" for number, key in enumerate(groups, start=1)}
    owners: dict[tuple[str, str], list[str]] = {}
    for (module, scope, _), name in ids.items():
        owners.setdefault((module, scope[0] if scope else ""), []).append(name)
    steps: list[Step] = []
    for key, members in groups.items():
        module, scope, symbols = key
        here = (module, scope[0] if scope else "")
        before = {
            name
            for used in _reached(here, uses)
            for name in owners.get(used, ())
            if name != ids[key]
        }
        steps.append(_step(ids[key], members, symbols, sorted(before)))
    plan = Plan(tuple(order(_without_cycles(steps))))
    check_plan(plan, [region.key for region in regions])
    return plan


def _step(name: str, members: Sequence[Region], symbols: Sequence[str], before: list[str]) -> Step:
    first = members[0]
    what = ", ".join(symbols) or first.message
    where = ".".join(first.scope) or "the module"
    lines = ", ".join(str(region.line) for region in members)
    return Step(
        id=name,
        title=f"{what} in {where}",
        files=tuple(dict.fromkeys(region.path for region in members)),
        regions=tuple(region.key for region in members),
        instruction=f"Write JAX for {what} ({first.path}, line {lines}).",
        depends_on=tuple(before),
        condition=CONDITION,
    )


def _uses(modules: Mapping[str, Module]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Which top-level definitions each top-level definition mentions."""
    defined = {
        (name, node.name)
        for name, module in modules.items()
        for node in module.body
        if isinstance(node, FunctionDef | ClassDef)
    }
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for name, module in modules.items():
        for node in module.body:
            if not isinstance(node, FunctionDef | ClassDef):
                continue
            used = found.setdefault((name, node.name), set())
            for inner in walk(node):
                if isinstance(inner, Reference):
                    used.add((inner.module, inner.name))
                elif isinstance(inner, Name):
                    used.add((name, inner.id))
            used &= defined
            used.discard((name, node.name))
    return found


def _reached(
    start: tuple[str, str], uses: Mapping[tuple[str, str], set[tuple[str, str]]]
) -> set[tuple[str, str]]:
    """All definitions below one, itself left out."""
    seen: set[tuple[str, str]] = set()
    stack = [start]
    while stack:
        for used in uses.get(stack.pop(), ()):
            if used not in seen:
                seen.add(used)
                stack.append(used)
    return seen - {start}


def _without_cycles(steps: list[Step]) -> list[Step]:
    """Definitions that use each other: the earlier step goes first, the other waits for it."""
    positions = {step.id: number for number, step in enumerate(steps)}
    by_id = {step.id: set(step.depends_on) for step in steps}
    kept: list[Step] = []
    for step in steps:
        before = tuple(
            one
            for one in step.depends_on
            if step.id not in by_id[one] or positions[one] < positions[step.id]
        )
        kept.append(replace(step, depends_on=before))
    return kept


async def word_plan(plan: Plan, regions: Sequence[Region], model: Model) -> Plan:
    """The plan with titles and instructions, and an order among independent steps, by a model.

    What it says is taken step by step where it names a step of the plan; files, regions,
    dependencies and conditions stay. A useless answer leaves the plan as it is.
    """
    bodies = {region.key: region.body for region in regions}
    listed = "\n".join(
        f"{s.id}: {s.title}; code: {'; '.join(bodies[key] for key in s.regions)[:200]}"
        for s in plan.steps
    )
    text = prompt("planner", steps=listed)
    limit = 60 * len(plan.steps) + 100
    request = Request((Message("user", text),), temperature=0.0, max_tokens=limit, schema=WORDING)
    try:
        response = await model.answer(request)
        found: dict[str, Any] = json.loads(response.samples[0].text)
        said = {str(one["step"]): one for one in found["steps"]}
    except (ModelError, ValueError, KeyError, IndexError, TypeError):
        return plan
    by_id = {step.id: step for step in plan.steps}
    ranked = [name for name in said if name in by_id]
    ranked += [step.id for step in plan.steps if step.id not in said]
    steps = [_worded(by_id[name], said.get(name, {})) for name in ranked]
    try:
        worded = Plan(tuple(order(steps)), model.name)
        check_plan(worded, bodies)
    except PlanError:
        return plan
    return worded


def _worded(step: Step, said: Mapping[str, Any]) -> Step:
    title, instruction = said.get("title", step.title), said.get("instruction", step.instruction)
    return replace(step, title=str(title), instruction=str(instruction))
