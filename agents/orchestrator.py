"""The orchestrator: runs the steps of a plan.

It writes no code; it decides what runs, what is tried again, what is skipped and when the run ends,
and says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .coder import Attempt, Coder, Outcome
from .contract import Region
from .model.budget import Spent
from .model.messages import ModelError
from .plan import Plan, Step, order
from .store import StepState, Store

Seen = Callable[[str, str, str], None]
"""Told each change: step, state, reason."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`parallel` steps at a time; a step whose model fails is tried `retries` times more."""

    parallel: int = 2
    retries: int = 1


@dataclass(slots=True)
class Orchestrator:
    """One run over one plan; what it knows is in the store."""

    coder: Coder
    store: Store
    policy: Policy = field(default_factory=Policy)
    seen: Seen | None = None

    async def run(self) -> None:
        """Ends when every step is done, failed or skipped; raises nothing for a step's trouble."""
        plan = self.store.plan()
        regions = {region.key: region for region in self.store.regions()}
        self.coder.noted = self._noted
        ended = {s: asyncio.Event() for s in (step.id for step in plan.steps)}
        slots = asyncio.Semaphore(self.policy.parallel)
        abort: list[str] = []

        async def one(step: Step) -> None:
            for before in step.depends_on:
                await ended[before].wait()
            async with slots:
                try:
                    await self._step(step, regions, abort)
                finally:
                    ended[step.id].set()

        async with asyncio.TaskGroup() as group:
            for step in order(plan.steps):
                group.create_task(one(step))

    async def _step(self, step: Step, regions: Mapping[str, Region], abort: list[str]) -> None:
        state, _ = self.store.states()[step.id]
        if state in ("done", "failed"):
            return
        if abort:
            self._set(step, "skipped", abort[0])
            return
        self._set(step, "running", "")
        for number in range(self.policy.retries + 1):
            try:
                await self._fill_all(step, regions)
                break
            except Spent as error:
                abort.append(str(error))
                self._set(step, "skipped", str(error))
                return
            except ModelError as error:
                if error.fatal:
                    abort.append(str(error))
                    self.store.note("abort", step.id, str(error))
                    self._set(step, "skipped", str(error))
                    return
                if number == self.policy.retries:
                    self._set(step, "failed", str(error))
                    return
                self.store.note("retry", step.id, str(error))
        settled = self.store.settled()
        left = [settled[key]["reason"] for key in step.regions if not settled[key]["code"]]
        self._set(step, "failed" if left else "done", left[0] if left else "")

    async def _fill_all(self, step: Step, regions: Mapping[str, Region]) -> None:
        """The regions of a step, one after the other; those that are settled stay so."""
        for key in step.regions:
            if key in self.store.settled():
                continue
            outcome: Outcome = await self.coder.fill(regions[key])
            self.store.settle(
                key,
                outcome.code,
                self.coder.model.name,
                outcome.reason,
                outcome.verdict,
                outcome.review,
            )

    async def _noted(self, attempt: Attempt) -> None:
        self.store.add_attempt(attempt)
        if self.seen is not None:
            verdict = attempt.verdict
            self.seen(attempt.region, f"candidate {verdict.stage}", verdict.message)

    def _set(self, step: Step, state: StepState, reason: str) -> None:
        self.store.set_state(step.id, state, reason)
        if self.seen is not None:
            self.seen(step.id, state, reason)


def progress(plan: Plan, store: Store) -> list[tuple[Step, str, str]]:
    """Each step with its state and reason."""
    states = store.states()
    return [(step, *states[step.id]) for step in plan.steps]
