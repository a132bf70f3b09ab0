"""Pairs the weights of source and target without knowing their names.

Several readings of the order are tried. Each gives a candidate map; a candidate is complete when
every source weight is used and every target parameter covered, with fitting shapes. That a
candidate is *right* is decided by the comparison of outputs, never here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .case import WeightRules
from .structure import Structure, VariableRecord
from .unit_pairing import Move, UnitMatch, match_units
from .units import NEEDED, Unit, units_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """A weight map and what is wrong with it; `strategy` says how it was found."""

    strategy: str
    moves: tuple[Move, ...]
    problems: tuple[str, ...]
    unused_sources: tuple[int, ...]
    uncovered_targets: tuple[int, ...]

    @property
    def complete(self) -> bool:
        return not self.problems and not self.unused_sources and not self.uncovered_targets


class Pairing:
    """Candidates for one pair of programs; see `candidates`."""

    def __init__(
        self,
        source: Structure,
        target: Structure,
        rules: WeightRules,
        rename: Mapping[str, str] | None = None,
    ) -> None:
        self.source = units_of(source, [r.source for r in rules])
        self.target = units_of(target, [r.target for r in rules], _target_names(rules))
        self.placed = units_of(
            _with_places(target), [r.target for r in rules], _target_names(rules)
        )
        self.source_variables = {v.id: v for v in source.variables if v.role != "seed"}
        self.target_variables = {v.id: v for v in target.variables if v.role != "seed"}
        self.rules = rules
        self.rename = dict(rename or {})
        self.matches: dict[tuple[int, int], UnitMatch] = {}

    def match(self, source: Unit, target: Unit) -> UnitMatch:
        key = (id(source), id(target))
        if key not in self.matches:
            self.matches[key] = match_units(source, target, self.rules, self.rename)
        return self.matches[key]

    def candidates(self) -> list[Candidate]:
        """Complete candidates first, each map once; at least one, though it may have problems."""
        flat, tree = (self.source, self.target), (_by_tree(self.source), _by_tree(self.target))
        mixed = (_by_tree(self.source), self.target)
        all_called = [all(unit.called for unit in units) for units in flat]
        found = [
            # A call that the translation leaves out.
            self._in_order("calls and places", self.source, self.placed)
            if all_called == [True, False]
            else None,
            self._in_order("call order", *flat),
            self._in_order("tree order", *tree),
            self._in_order("tree order of the source", *mixed),
            self._by_path("attribute paths", *flat, seeded=True),
            self._by_path("fitting units in call order", *flat, seeded=False),
            self._by_path("fitting units in tree order", *tree, seeded=False),
        ]
        unique: dict[object, Candidate] = {}
        for candidate in found:
            if candidate is not None:
                unique.setdefault(_map_key(candidate), candidate)
        ordered = list(unique.values())
        complete = [c for c in ordered if c.complete]
        return complete or sorted(ordered, key=_defects)[:1]

    def _in_order(
        self, strategy: str, source: Sequence[Unit], target: Sequence[Unit]
    ) -> Candidate | None:
        if len(source) != len(target):
            return None
        matches = [self.match(s, t) for s, t in zip(source, target, strict=True)]
        return self._candidate(strategy, matches)

    def _by_path(
        self, strategy: str, source: Sequence[Unit], target: Sequence[Unit], *, seeded: bool
    ) -> Candidate:
        left, free = list(source), list(target)
        matches: list[UnitMatch] = []
        if seeded:  # a source unit may serve several targets: weights that are tied by aliases
            names = {p: u for u in reversed(left) for p in map(_normal, u.paths)}
            for unit in list(free):
                other = names.get(_normal(unit.path))
                if other is not None and not self.match(other, unit).problems:
                    matches.append(self.match(other, unit))
                    free.remove(unit)
                    if other in left:
                        left.remove(other)
        for unit in list(left):
            goal = next((t for t in free if not self.match(unit, t).problems), None)
            if goal is not None:
                matches.append(self.match(unit, goal))
                left.remove(unit)
                free.remove(goal)
        moves = _by_variable(left, free)
        return self._candidate(strategy, [*matches, UnitMatch(tuple(moves))])

    def _candidate(self, strategy: str, matches: Sequence[UnitMatch]) -> Candidate:
        moves = tuple(m for match in matches for m in match.moves)
        used = {i for m in moves for i in m.sources}
        covered = {m.target for m in moves}
        return Candidate(
            strategy,
            moves,
            tuple(p for match in matches for p in match.problems),
            tuple(i for i, v in self.source_variables.items() if i not in used and _needed(v)),
            tuple(i for i, v in self.target_variables.items() if i not in covered and _needed(v)),
        )


def _target_names(rules: WeightRules) -> dict[str, frozenset[str]]:
    """What the rules for a kind of module call its weights."""
    names: dict[str, frozenset[str]] = {}
    for rule in rules:
        found = frozenset(move.target for move in rule.weights)
        names[rule.target] = names.get(rule.target, frozenset()) | found
    return names


def _with_places(target: Structure) -> Structure:
    """As if what is never called were called where it is defined."""
    modules = tuple(
        replace(m, first_call=m.place) if m.first_call is None else m for m in target.modules
    )
    return replace(target, modules=modules)


def _needed(variable: VariableRecord) -> bool:
    return variable.role in NEEDED


def _by_tree(units: Sequence[Unit]) -> tuple[Unit, ...]:
    return tuple(sorted(units, key=lambda u: u.tree_order))


def _normal(path: str) -> str:
    return path.replace("[", ".").replace("]", "").replace("._", ".").lstrip("_.")


def _by_variable(left: Sequence[Unit], free: Sequence[Unit]) -> list[Move]:
    """Single variables of units that fit nothing: by full path, then by a shape that is unique."""
    sources = {_normal(f"{u.path}.{w.attr}"): w.variable for u in left for w in u.weights}
    targets = {_normal(f"{u.path}.{w.attr}"): w.variable for u in free for w in u.weights}
    moves: list[Move] = []
    for path in [p for p in sources if p in targets]:
        if sources[path].shape == targets[path].shape:
            moves.append(Move((sources.pop(path).id,), targets.pop(path).id))
    mine = [v.shape for v in sources.values()]
    for target in list(targets.values()):
        alike = [v for v in targets.values() if v.shape == target.shape]
        if mine.count(target.shape) == 1 and len(alike) == 1:
            source = next(v for v in sources.values() if v.shape == target.shape)
            moves.append(Move((source.id,), target.id))
    return moves


def _map_key(candidate: Candidate) -> frozenset[tuple[tuple[int, ...], int]]:
    return frozenset((m.sources, m.target) for m in candidate.moves)


def _defects(candidate: Candidate) -> int:
    return (
        len(candidate.problems) + len(candidate.unused_sources) + len(candidate.uncovered_targets)
    )
