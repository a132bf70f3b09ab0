"""`tfjax-compile agents log`: every prompt, sample and verdict of a run."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..coder import Attempt
from ..plan import Plan
from ..session import STORE
from ..store import Store, StoreError
from .costs import cost_table
from .options import DEFAULT_FOLDER


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("region", required=False)
@click.option(
    "--folder", type=click.Path(path_type=Path), default=DEFAULT_FOLDER, show_default=True
)
@click.option("--prompts", is_flag=True, help="With REGION: the prompts, too.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
def log_command(region: str | None, folder: Path, prompts: bool, form: str) -> int:
    """Show the steps of the run in a folder, or all candidates of one REGION.

    Exit code 2: the folder holds no run."""
    path = folder / STORE
    if not path.is_file():
        raise click.UsageError(f"{folder} holds no run")
    try:
        store = Store(path)
        plan = store.plan()
    except StoreError as error:
        raise click.UsageError(str(error)) from None
    try:
        if region is None:
            click.echo(_json(store, plan) if form == "json" else _steps(store, plan))
            return 0
        found = [r.key for r in store.regions() if r.key.startswith(region)]
        if len(found) != 1:
            raise click.UsageError(f"{len(found)} regions begin with `{region}`")
        attempts = store.attempts(found[0])
        if form == "json":
            click.echo(json.dumps([_attempt_json(a) for a in attempts], indent=2))
            return 0
        for attempt in attempts:
            click.echo(_attempt(store, attempt, prompts))
        return 0
    finally:
        store.close()


def _steps(store: Store, plan: Plan) -> str:
    states, settled = store.states(), store.settled()
    lines: list[str] = []
    for step in plan.steps:
        state, reason = states[step.id]
        lines.append(f"{state:<8} {step.id}  {step.title}" + (f": {reason}" if reason else ""))
        for key in step.regions:
            tried = len(store.attempts(key))
            outcome = "filled" if settled.get(key, {}).get("code") else "open"
            lines.append(f"           {key}  {outcome}, {tried} candidates")
    lines += [f"{kind}: {subject} {text}" for kind, subject, text in store.events() if kind in LOUD]
    return "\n".join([*lines, cost_table(store)])


LOUD = ("retry", "abort")


def _attempt(store: Store, attempt: Attempt, prompts: bool) -> str:
    lines = [f"--- round {attempt.round}, sample {attempt.number}: {attempt.verdict.stage}"]
    if prompts:
        request = store.request(attempt.request) or {"messages": []}
        lines += [f"[{m['role']}]\n{m['content']}" for m in request["messages"]]
    lines += [attempt.code.rstrip(), attempt.verdict.feedback()]
    return "\n".join(lines)


def _attempt_json(attempt: Attempt) -> dict[str, object]:
    return {
        "region": attempt.region,
        "round": attempt.round,
        "number": attempt.number,
        "code": attempt.code,
        "verdict": attempt.verdict.to_json(),
        "request": attempt.request,
    }


def _json(store: Store, plan: Plan) -> str:
    states = store.states()
    steps = [
        {"id": s.id, "title": s.title, "regions": s.regions, "state": states[s.id][0],
         "reason": states[s.id][1]}
        for s in plan.steps
    ]  # fmt: skip
    return json.dumps({"steps": steps, "regions": store.settled()}, indent=2)
