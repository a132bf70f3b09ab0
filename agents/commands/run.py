"""`tfjax-compile agents run PATH... -o OUT`: plan, fill, prove, then compile with the fills."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from ...transpiler.cli.console import Console
from ...transpiler.cli.run import Request, run
from ..coder import Effort
from ..model.budget import Budget
from ..model.messages import Model
from ..orchestrator import Policy
from ..playbooks import PlaybookError
from ..session import FILLS, STORE, Found, Settings, fill, look
from ..store import Store, StoreError
from .costs import cost_table
from .options import DEFAULT_FOLDER, load_model, load_sources, model_options, source_options
from .view import View


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@model_options
@click.option("-o", "--output", required=True, metavar="OUT", help="Where to write the result.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="Keeps the run: prompts, answers, verdicts. A run that was ended goes on from there.",
)
@click.option("--samples", default=8, show_default=True, help="Samples for a region at first.")
@click.option("--repairs", default=2, show_default=True, help="Rounds of repair after that.")
@click.option("--temperature", default=0.8, show_default=True, help="Of the samples.")
@click.option("--seed", default=0, show_default=True, help="Of the samples.")
@click.option("--parallel", default=2, show_default=True, help="Steps at a time.")
@click.option("--max-tokens", type=int, help="Budget of tokens, prompts and answers.")
@click.option("--max-seconds", type=float, help="Budget of time.")
@click.option("--max-requests", type=int, help="Budget of requests.")
@click.option("--no-review", is_flag=True, help="Do not ask the model to look at its code again.")
@click.option("--word-plan", is_flag=True, help="Let the model order and word the steps.")
@click.option("--verify", is_flag=True, help="Run the source and the output, and compare.")
@click.option("-q", "--quiet", is_flag=True, help="Errors only.")
def run_command(
    paths: tuple[str, ...],
    keras: str | None,
    roots: tuple[str, ...],
    follow_imports: bool,
    rules: tuple[str, ...],
    config_path: str | None,
    playbooks: tuple[Path, ...],
    output: str,
    folder: Path,
    verify: bool,
    quiet: bool,
    **given: Any,
) -> int:
    """Fill the places of PATH that no rule covers with a local model, and write the result to OUT.

    A candidate is used only when it equals TensorFlow on all recorded inputs, values and gradients.

    Exit code 0: nothing is left (and verified, if asked); 1: something is left or differs; 2: usage
    or internal error."""
    console = Console("text", quiet=quiet)
    sources, rule_files, known = load_sources(
        paths, roots, follow_imports, rules, config_path, console
    )
    settings = Settings(
        folder,
        keras or known,
        rule_files,
        Effort(
            samples=given["samples"],
            repairs=given["repairs"],
            temperature=given["temperature"],
            seed=given["seed"],
            review=not given["no_review"],
        ),
        Policy(parallel=given["parallel"]),
        playbooks=playbooks,
        words_plan=given["word_plan"],
    )
    found = look(sources, settings)
    if found.regions:
        names = ("endpoint", "model", "engine", "replay", "record")
        model = load_model(**{name: given[name] for name in names}, concurrent=given["parallel"])
        limits = (given["max_tokens"], given["max_seconds"], given["max_requests"])
        _fill(found, settings, model, Budget(*limits), console)
    return run(
        Request(
            paths=paths,
            console=console,
            output=output,
            verify=verify,
            keras=keras,
            roots=roots,
            follow_imports=follow_imports,
            rules=rules,
            config_path=config_path,
            fills=str(folder / FILLS) if found.regions else None,
        )
    )


def _fill(found: Found, settings: Settings, model: Model, budget: Budget, console: Console) -> None:
    async def work() -> None:
        try:
            with View(found, console) as view:
                await fill(found, settings, model, budget, view.seen)
        finally:
            await model.close()

    try:
        asyncio.run(work())
    except (StoreError, PlaybookError) as error:
        raise click.ClickException(str(error)) from None
    store = Store(settings.folder / STORE)
    try:
        console.say(cost_table(store))
    finally:
        store.close()
