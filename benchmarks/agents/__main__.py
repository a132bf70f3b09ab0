"""`python -m benchmarks.agents`: how many regions a model fills, and whether all of it is right.

    --truth         no model: the rules' translations and wrong variants, to test the prover
    --endpoint URL  a real model; --answers FILE keeps what it says
    --answers FILE  alone: recorded answers, no model
    --ablate        the same again without playbooks, cards, repairs, and with n = 1, 4, 16

Every accepted fill is checked once more on fresh inputs; `wrong` counts those that fail there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tfjax.agents.coder import Coder, Effort
from tfjax.agents.commands.options import load_model
from tfjax.agents.model.budget import Budget, BudgetedModel
from tfjax.agents.model.messages import Model, ModelError
from tfjax.agents.playbooks import read_playbooks
from tfjax.agents.proving import Prover
from tfjax.agents.tools import Tools
from tfjax.rules.language.ruleset import RuleSet

from .answers import Answers
from .tasks import GRADES, Task, read_tasks
from .truth import TruthModel, expressible

FRESH = 104_729
"""The seed of the independent check; the prover uses others."""


EARLIER = ("earlier prompts", "earlier prompts, no cards")
"""Answers to prompts without TensorFlow's documentation and without a case: on record only."""
VARIANTS = {name: name for name in ("no playbooks", "no cards", *EARLIER)}
"""Runs with prompts of their own; the others share answers."""


@dataclass(slots=True)
class Row:
    """One task. `accepted` was checked again: `wrong` if it failed there."""

    name: str
    grade: str
    accepted: bool
    wrong: bool
    candidates: int
    right_refused: bool
    tokens: int
    seconds: float
    reason: str


async def run_task(
    task: Task, model: Model, prover: Prover, rules: RuleSet, effort: Effort, truthful: bool
) -> Row:
    start = time.monotonic()
    spent = Budget()
    coder = Coder(BudgetedModel(model, spent), prover, read_playbooks(), rules, Tools({}), effort)
    try:
        outcome = await coder.fill(task.region)
        reason, code = outcome.reason, outcome.code
        attempts = outcome.attempts
    except ModelError as error:
        reason, code, attempts = str(error), None, []
    wrong = False
    for one in attempts if truthful else ():
        if one.verdict.accepted:
            fresh = await prover.check(task.region, one.code, FRESH)
            wrong = wrong or not fresh.accepted
    if code is not None and not truthful:
        wrong = not (await prover.check(task.region, code, FRESH)).accepted
    refused = truthful and bool(attempts) and not attempts[-1].verdict.accepted
    return Row(
        task.name,
        task.grade,
        code is not None,
        wrong,
        len(attempts),
        refused,
        spent.used_tokens,
        round(time.monotonic() - start, 2),
        reason if not refused else f"{attempts[-1].verdict.stage}: {attempts[-1].verdict.message}",
    )


async def run_all(
    tasks: list[Task],
    model: Model,
    folder: Path,
    rules: RuleSet,
    effort: Effort,
    truthful: bool,
    parallel: int,
) -> list[Row]:
    """Rows in the order of the tasks, `parallel` of which run at a time."""
    prover = Prover(folder)
    slots = asyncio.Semaphore(parallel)

    async def one(task: Task) -> Row:
        async with slots:
            row = await run_task(task, model, prover, rules, effort, truthful)
        state = "wrong" if row.wrong else "accepted" if row.accepted else "refused"
        print(f"{task.grade:<7} {task.name:<26} {state:<9} {row.reason[:110]}", flush=True)
        return row

    try:
        return list(await asyncio.gather(*(one(task) for task in tasks)))
    finally:
        await prover.close()


def table(rows: list[Row]) -> str:
    lines = ["grade    tasks  accepted  wrong  refused  candidates  tokens/accept  s/accept"]
    for grade in (*GRADES, "all"):
        found = [row for row in rows if grade in (row.grade, "all")]
        if not found:
            continue
        accepted = sum(row.accepted and not row.wrong for row in found)
        wrong = sum(row.wrong for row in found)
        each = max(accepted, 1)
        lines.append(
            f"{grade:<8} {len(found):>5}  {accepted:>8}  {wrong:>5}  "
            f"{len(found) - accepted - wrong:>7}  {sum(r.candidates for r in found):>10}  "
            f"{sum(r.tokens for r in found) / each:>13.0f}  "
            f"{sum(r.seconds for r in found) / each:>8.1f}"
        )
    return "\n".join(lines)


def ablations(effort: Effort) -> dict[str, Effort]:
    return {
        "full": effort,
        "no playbooks": replace(effort, with_playbooks=False),
        "no cards": replace(effort, with_cards=False),
        "no repairs": replace(effort, repairs=0),
        "n = 1": replace(effort, samples=1, repairs=0),
        "n = 4": replace(effort, samples=4, repairs=0),
        "n = 16": replace(effort, samples=16, repairs=0),
        **dict.fromkeys(EARLIER, effort),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agents", description=__doc__)
    parser.add_argument("--truth", action="store_true")
    parser.add_argument("--endpoint")
    parser.add_argument("--model")
    parser.add_argument("--engine")
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--cases", type=Path, help="folder that keeps what TensorFlow gave")
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--grade", choices=GRADES)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--repairs", type=int, default=2)
    parser.add_argument("--max-tokens", type=int, default=200)
    parser.add_argument("--ablate", nargs="*", metavar="NAME", help="all, or those named")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rules = RuleSet.load()
    tasks = [
        task
        for task in read_tasks()
        if given.grade in (None, task.grade) and (not given.only or task.name in given.only)
    ]
    effort = Effort(
        samples=given.samples, repairs=given.repairs, max_tokens=given.max_tokens, review=False
    )
    asked: Model | None = None
    if given.truth:
        left = [task.name for task in tasks if not expressible(task, rules)]
        tasks = [task for task in tasks if task.name not in left]
        print(f"not expressible without helpers, left out: {', '.join(left) or 'none'}")
        asked = TruthModel(tasks, rules)
        effort = replace(effort, repairs=0, samples=64, wave=64)
    elif given.endpoint or given.engine:
        asked = load_model(given.endpoint, given.model, given.engine, None, None, given.parallel)
    elif given.answers is None:
        parser.error("name a model: --endpoint, --engine, --answers or --truth")
    runs = {"full": effort}
    if given.ablate is not None and not given.truth:
        found = ablations(effort)
        if asked is not None:
            found = {name: one for name, one in found.items() if name not in EARLIER}
        if unknown := sorted(set(given.ablate) - found.keys()):
            parser.error(f"there is no run `{unknown[0]}` here: {', '.join(found)}")
        runs = {name: found[name] for name in given.ablate or found}
    results = asyncio.run(_run_variants(runs, given, tasks, asked, rules))
    if given.json is not None:
        data = {name: [asdict(row) for row in rows] for name, rows in results.items()}
        given.json.write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    return 1 if any(row.wrong for rows in results.values() for row in rows) else 0


async def _run_variants(
    runs: Mapping[str, Effort],
    given: argparse.Namespace,
    tasks: list[Task],
    asked: Model | None,
    rules: RuleSet,
) -> dict[str, list[Row]]:
    """One after the other, in one event loop: a client's connections belong to theirs."""
    results: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, effort in runs.items():
            print(f"== {name}", flush=True)
            model, chosen = asked, tasks
            if given.answers is not None:
                model = Answers(given.answers, tasks, VARIANTS.get(name, "full"), asked)
                # Without a model, what was never asked says nothing of one.
                chosen = [task for task in tasks if asked is not None or model.has(task)]
                print(f"{len(tasks) - len(chosen)} tasks have no recorded answer, left out")
            assert model is not None
            cases = given.cases or Path(folder)
            results[name] = await run_all(
                chosen, model, cases, rules, effort, given.truth, given.parallel
            )
            print(table(results[name]), flush=True)
    if asked is not None:
        await asked.close()
    return results


if __name__ == "__main__":
    sys.exit(main())
