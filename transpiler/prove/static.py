"""Level 0: what can be said of a rule without running anything.

The load has already checked symbols, parameter names, defaults and targets. Here: the examples
hold, and every parameter of the real signature is named (the others are refused when a call passes
them, so they are notes and not failures).
"""

from __future__ import annotations

from collections.abc import Iterable

from ...rules.api import SourceApi
from ...rules.language import RuleSet
from ...rules.language.records import Rule
from ...rules.prove.outcome import Failure
from ..rewrite.snippets import check_examples
from .units import Unit


def example_failures(rules: RuleSet) -> dict[str, list[Failure]]:
    """By the place of the rule: examples that do not come out as written."""
    found: dict[str, list[Failure]] = {}
    for line in check_examples(rules):
        place, _, message = line.partition(": ")
        found.setdefault(place, []).append(Failure("L0", message))
    return found


def uncovered(unit: Unit) -> list[str]:
    """Parameters of the real signature that the rule does not name."""
    signature = SourceApi.load().signature(
        unit.symbol, "keras2" if unit.keras == "keras2" else "keras3"
    )
    if signature is None:
        return []
    alias = next((a for a in unit.rule.aliases if a.symbol == unit.symbol), None)
    theirs = {ours: name for name, ours in alias.renames} if alias else {}
    named = {theirs.get(p.name, p.name) for p in unit.rule.parameters}
    return [p.name for p in signature if not p.is_variadic and p.name not in named]


def load_warnings(rules: RuleSet, used: Iterable[Rule]) -> dict[str, list[str]]:
    """By the place of the rule: what the load warned of (a default that differs)."""
    places = {str(rule.place) for rule in used}
    found: dict[str, list[str]] = {}
    for problem in rules.problems:
        if str(problem.place) in places and "overrides the rule" not in problem.message:
            found.setdefault(str(problem.place), []).append(problem.message)
    return found
