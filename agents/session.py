"""A run from sources to fills: compile, find regions, plan, fill, write down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..ir.nodes import Module
from ..rules.language.ruleset import RuleSet
from ..transpiler import pipeline
from ..transpiler.files import SourceFile, write_file
from ..transpiler.fills import Fill
from ..transpiler.fills_file import fills_text
from ..transpiler.outcome import FLAVOURS
from ..transpiler.project import by_module
from .coder import Coder, Effort
from .contract import Region
from .model.budget import Budget, BudgetedModel
from .model.messages import Model
from .orchestrator import Orchestrator, Policy, Seen
from .plan import Plan
from .planner import make_plan, word_plan
from .playbooks import Playbook, read_playbooks
from .proving import Limits, Prover
from .regions import find_regions
from .store import Store, StoredModel
from .tools import Tools

STORE, CASES, FILLS, PLAN = "run.sqlite", "cases", "fills.json", "plan.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """`folder` keeps the run. `words_plan`: a model may order and word the plan."""

    folder: Path
    flavour: str = "auto"
    rules: tuple[Path, ...] = ()
    effort: Effort = field(default_factory=Effort)
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    playbooks: tuple[Path, ...] = ()
    words_plan: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a compilation leaves to agents."""

    regions: list[Region]
    modules: Mapping[str, Module]
    sources: Mapping[str, SourceFile]
    rules: RuleSet

    def plan(self) -> Plan:
        return make_plan(self.regions, self.modules)


def look(sources: Sequence[SourceFile], settings: Settings, rules: RuleSet | None = None) -> Found:
    """Compiles the sources and lists what is left. Raises RuleError for bad rule files."""
    named = by_module(sources)
    rules = rules or RuleSet.load(extra=settings.rules)
    compilation = pipeline.run(named, rules, FLAVOURS.get(settings.flavour))
    modules = {name: lowered.module for name, lowered in compilation.lowered.items()}
    return Found(find_regions(compilation, named), modules, named, rules)


async def fill(
    found: Found, settings: Settings, model: Model, budget: Budget, seen: Seen | None = None
) -> tuple[Fill, ...]:
    """Runs the plan, or goes on with it, and writes `fills.json` and `plan.json`.

    Raises StoreError when the folder holds a run over other sources, PlaybookError.
    """
    books = playbooks_of(settings)
    store = Store(settings.folder / STORE)
    asked = StoredModel(BudgetedModel(model, budget), store)
    prover = Prover(settings.folder / CASES, settings.limits)
    try:
        if store.fact("identity") is None:
            plan = found.plan()
            if settings.words_plan and plan.steps:
                plan = await word_plan(plan, found.regions, asked)
        else:
            plan = store.plan()
        store.begin(_identity(found, settings), found.regions, plan)
        write_file(settings.folder / PLAN, plan.text().encode())
        texts = {s.relative.as_posix(): s.text for s in found.sources.values()}
        coder = Coder(asked, prover, books, found.rules, Tools(texts), settings.effort)
        await Orchestrator(coder, store, settings.policy, seen).run()
        fills = fills_of(store)
        write_file(settings.folder / FILLS, fills_text(fills).encode())
        return fills
    finally:
        await prover.close()
        store.close()


def fills_of(store: Store) -> tuple[Fill, ...]:
    """What was accepted, as fills."""
    return tuple(
        Fill(key, one["code"], f"agent:{one['author']}")
        for key, one in sorted(store.settled().items())
        if one["code"]
    )


def playbooks_of(settings: Settings) -> list[Playbook]:
    from .playbooks import BUILTIN

    return read_playbooks((BUILTIN, *settings.playbooks))


def _identity(found: Found, settings: Settings) -> str:
    """Equal for runs whose answers may be mixed: sources, regions and effort."""
    data = {
        "regions": [region.to_json() for region in found.regions],
        "effort": asdict(settings.effort),
        "flavour": settings.flavour,
    }
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
