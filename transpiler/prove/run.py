"""One run of the ladder: from a rule set to results, through the cache and the workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ...rules.language import RuleSet
from ...rules.prove.derive import derive
from ...rules.prove.domain import DomainError
from ...rules.prove.outcome import UnitResult
from ...rules.prove.strata import LADDER, newest
from .cache import read_result, unit_key, write_result
from .linted import lint
from .pool import Settings, prove_units
from .static import example_failures, load_warnings, uncovered
from .units import Unit, order


@dataclass(frozen=True, slots=True)
class Progress:
    """`started` is told how many symbols there are, `done` each result."""

    started: Callable[[int], None]
    done: Callable[[UnitResult], None]


def prove(
    rules: RuleSet,
    units: Sequence[Unit],
    settings: Settings,
    progress: Progress,
    fresh: bool = False,
    cached: bool = False,
) -> list[UnitResult]:
    """The results of `units`, in order. `fresh`: not from the cache; `cached`: only from it. What
    was not proved is tried again; of what an earlier ladder proved only what is new."""
    progress.started(len(units))
    keys = [unit_key(unit, settings.cases) for unit in units]
    results: dict[str, UnitResult] = {}
    waiting: list[Unit] = []
    earlier: dict[str, UnitResult] = {}
    for unit, key in zip(units, keys, strict=True):
        # What modules of the user's own define is in no key.
        known = None if fresh or settings.imports else read_result(key)
        again = known is not None and not cached and known.status in ("failed", "no case")
        if known is None or again or known.ladder < needed(unit):
            waiting.append(unit)
            if known is not None and known.status == "proved":
                earlier[unit.key] = known
        else:
            results[unit.key] = known
            progress.done(known)
    if cached:  # a proof by an earlier ladder is one
        results |= earlier
    if waiting and not cached:
        # First what has no proof, then an even mixture of families.
        waiting.sort(key=lambda unit: (unit.key in earlier, order(unit.key)))
        by_unit = {unit.key: key for unit, key in zip(units, keys, strict=True)}

        def done(result: UnitResult) -> None:
            """As it comes, so that a run that is broken off goes on where it was."""
            before = earlier.get(f"{result.keras}:{result.symbol}")
            if before is not None:
                before.joined(result)
            if not result.lost and not settings.imports:
                write_result(by_unit[f"{result.keras}:{result.symbol}"], result)
            progress.done(result)

        since = {key: result.ladder for key, result in earlier.items()}
        for result in prove_units(waiting, settings, done, since):
            results[f"{result.keras}:{result.symbol}"] = result
    found = [results[unit.key] for unit in units if unit.key in results]
    _level0(rules, units, results)
    lint(found)
    _credit(found)
    return found


def needed(unit: Unit) -> int:
    """The ladder that a proof must not be older than."""
    try:
        return newest(unit.rule, derive(unit.rule), unit.symbol)
    except DomainError:
        return LADDER


def _level0(rules: RuleSet, units: Sequence[Unit], results: dict[str, UnitResult]) -> None:
    examples = example_failures(rules)
    warned = load_warnings(rules, [unit.rule for unit in units])
    for unit in units:
        result = results.get(unit.key)
        if result is None:
            continue
        place = str(unit.rule.place)
        result.failures += examples.get(place, [])
        left = uncovered(unit)
        if left:
            result.notes.append(f"refused when passed: {', '.join(left)}")
        result.notes += warned.get(place, [])
        if result.failures and warned.get(place):
            first = result.failures[0]
            causes = (*first.causes, *warned[place])
            result.failures[0] = replace(first, causes=causes)
        result.settle()


def _credit(results: Sequence[UnitResult]) -> None:
    """A symbol without a case of its own is proved by one that passed and uses it."""
    by_key = {f"{r.keras}:{r.symbol}": r for r in results}
    for result in results:
        if result.status != "proved":
            continue
        for key in result.uses:
            other = by_key.get(key)
            if other is not None and other.status == "no case":
                other.cases, other.status = 1, "proved"
                other.domain = (*other.domain, "table")
                other.notes.append(f"proved in a case of {result.symbol}")
