"""What `rules prove` and `rules check` share: load, prove with a progress bar, print, exit code."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from ...rules.language import BUILTIN, RuleError, RuleSet
from ...rules.language.files import is_under
from ...rules.prove.outcome import UnitResult
from ...rules.prove.strata import LADDER
from ..prove.run import Progress

NEEDED = ("tensorflow", "tf_keras", "jax", "flax", "optax", "hypothesis")


@dataclass(frozen=True, slots=True)
class Request:
    """What to prove. `own`: only the rules of the files themselves; `cached`: nothing runs;
    `record`: the levels go into the package's data."""

    files: tuple[Path, ...]
    only: tuple[str, ...] = ()
    jobs: int = 1
    cases: int = 12
    fresh: bool = False
    form: Literal["text", "json"] = "text"
    verbose: bool = False
    shard: tuple[int, int] | None = None
    tables: bool = True
    own: bool = False
    imports: tuple[str, ...] = ()
    cached: bool = False
    record: bool = False


def run_proofs(request: Request) -> int:
    """Exit code 0: nothing failed; 1: something did; 2: it could not be tried."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        click.echo(
            f"error: proving needs {', '.join(missing)}: pip install 'tfjax[verify]'", err=True
        )
        return 2
    try:
        rules = RuleSet.load((BUILTIN,), request.files)
    except RuleError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        return 1
    return _prove(rules, request)


def _prove(rules: RuleSet, request: Request) -> int:
    from ..prove.pool import Settings
    from ..prove.record import write_proofs
    from ..prove.run import needed, prove
    from ..prove.summary import counterexamples, document, table
    from ..prove.units import chosen, count_others, find_units, shard

    every = units = find_units(rules, request.tables)
    if request.own:
        units = [u for u in units if is_under(u.rule.place.path, request.files)]
    units = chosen(units, request.only)
    if request.shard is not None:
        units = shard(units, *request.shard)
    if not units:
        click.echo("error: no rule with a symbol to prove matches", err=True)
        return 2
    paths = tuple(str(path.resolve()) for path in request.files)
    settings = Settings(request.jobs, request.cases, rules=paths, imports=request.imports)
    start = time.monotonic()
    with _Bar(request) as bar:
        # What the functions of a project do is not known to the cache.
        fresh = request.fresh or bool(request.imports)
        results = prove(rules, units, settings, bar.progress(), fresh, request.cached)
    if request.record:
        write_proofs(every, results)
    seconds = time.monotonic() - start
    whole = not request.only and not request.own and request.shard is None
    others = count_others(rules) if whole else None
    if request.form == "json":
        click.echo(json.dumps(document(results, others, seconds), indent=1))
    else:
        for text in counterexamples(results):
            click.echo(text + "\n")
        _without_case(results)
        click.echo(table(results, others))
        memory = max((result.memory for result in results), default=0)
        ran = f"{seconds:.0f} s with {request.jobs} worker(s)"
        click.echo(f"{ran}, at most {memory} MiB after a symbol")
        by_key = {f"{r.keras}:{r.symbol}": r for r in results if r.status == "proved"}
        earlier = [u for u in units if u.key in by_key and by_key[u.key].ladder < needed(u)]
        if earlier:
            click.echo(f"{len(earlier)} of these by an earlier ladder than {LADDER}")
        if len(results) < len(units):
            click.echo(f"{len(units) - len(results)} symbols without an earlier result")
    return 1 if any(r.status == "failed" for r in results) else 0


def _without_case(results: list[UnitResult]) -> None:
    """A rule whose domain ran no case is not proved: say why."""
    for result in results:
        if result.status == "untried":
            click.echo(f"{result.symbol}: untried ({result.untried})")
        if result.status == "no case":
            reason = f": {result.notes[0]}" if result.notes else ""
            click.echo(f"{result.symbol}: no case ran{reason}")


class _Bar:
    """A progress bar on a terminal; a line for each symbol with -v."""

    def __init__(self, request: Request) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        console = Console(stderr=True)
        columns = (
            TextColumn("proving"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
        )
        self._progress = RichProgress(*columns, console=console, disable=not sys.stderr.isatty())
        self._task = self._progress.add_task("")
        self._verbose, self._failed = request.verbose, 0

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def progress(self) -> Progress:
        return Progress(self._started, self._done)

    def _started(self, total: int) -> None:
        self._progress.update(self._task, total=total)

    def _done(self, result: UnitResult) -> None:
        self._failed += result.status == "failed"
        text = f"{result.symbol}" + (f"  ({self._failed} failed)" if self._failed else "")
        self._progress.update(self._task, advance=1, description=text)
        if self._verbose:
            line = f"{result.status:<8} {result.symbol} ({result.keras}): {result.cases} cases"
            click.echo(line, err=True)
