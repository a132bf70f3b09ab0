"""One source unit against one target unit: which weight becomes which, by rule, name or shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .case import WeightRule, WeightRules
from .steps import Step, result_shape
from .units import Unit, UnitWeight, last_part

Same = Callable[[UnitWeight, UnitWeight], bool]


@dataclass(frozen=True, slots=True)
class Move:
    """Target variable `target` is `steps` applied to the source variables `sources` (ids)."""

    sources: tuple[int, ...]
    target: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitMatch:
    """The moves of a pair of units, or the problems that speak against the pair."""

    moves: tuple[Move, ...]
    problems: tuple[str, ...] = ()


def match_units(
    source: Unit, target: Unit, rules: WeightRules, rename: Mapping[str, str]
) -> UnitMatch:
    """The first fitting rule of the table, else names and unique shapes."""
    fitting = [r for r in rules if r.source in source.kinds and r.target in target.kinds]
    fitting.sort(key=lambda r: source.kinds.index(r.source))
    attempts = [_by_rule(source, target, rule, rename) for rule in fitting]
    if not attempts:
        attempts = [_finish(source, target, [], rename)]
    return min(attempts, key=lambda m: len(m.problems))


def _by_rule(source: Unit, target: Unit, rule: WeightRule, rename: Mapping[str, str]) -> UnitMatch:
    moves: dict[int, list[Move]] = {}
    for move in rule.weights:
        names = (move.source,) if isinstance(move.source, str) else move.source
        sources = [find_weight(source.weights, name) for name in names]
        goal = find_weight(target.weights, move.target)
        found = [s.variable.id for s in sources if s is not None]
        if goal is not None and len(found) == len(names):
            new = Move(tuple(found), goal.variable.id, move.steps)
            moves.setdefault(goal.variable.id, []).append(new)
    # A configuration that is not known here chooses among lines for one weight: its shape tells.
    chosen = [_first_fitting(source, target, lines) for lines in moves.values()]
    return _finish(source, target, chosen, rename)


def _first_fitting(source: Unit, target: Unit, moves: Sequence[Move]) -> Move:
    fitting = (m for m in moves if not _fitting(source, target, [m])[1])
    return next(fitting, moves[0])


def find_weight(weights: Sequence[UnitWeight], name: str) -> UnitWeight | None:
    """By attribute path, by a unique end of it, or by a unique end of the library's own name."""
    exact = [w for w in weights if w.attr == name]
    if exact:
        return exact[0]
    dotted = "." + name
    for text in ("attr", "name"):
        ends = [w for w in weights if ("." + getattr(w, text).replace("/", ".")).endswith(dotted)]
        if len(ends) == 1:
            return ends[0]
    return None


def _finish(source: Unit, target: Unit, moves: list[Move], rename: Mapping[str, str]) -> UnitMatch:
    """Pair what is left by name and by unique shape; check shapes and coverage."""
    used = {i for m in moves for i in m.sources}
    filled = {m.target for m in moves}
    left = [w for w in source.weights if w.variable.id not in used]
    free = [w for w in target.weights if w.variable.id not in filled]
    for same in (_same_name(rename), _same_end(rename), _same_shape(left, free)):
        for weight in list(left):
            goals = [g for g in free if same(weight, g)]
            if len(goals) == 1 and goals[0].variable.shape == weight.variable.shape:
                moves = [*moves, Move((weight.variable.id,), goals[0].variable.id)]
                left.remove(weight)
                free.remove(goals[0])
    moves, problems = _fitting(source, target, moves)
    problems += [
        f"{source.path}.{w.attr} {list(w.variable.shape)} has no target in {target.path}"
        for w in left
        if w in source.needed
    ]
    problems += [
        f"{target.path}.{w.attr} {list(w.variable.shape)} has no source in {source.path}"
        for w in free
        if w in target.needed
    ]
    return UnitMatch(tuple(moves), tuple(problems))


def _same_name(rename: Mapping[str, str]) -> Same:
    def same(s: UnitWeight, t: UnitWeight) -> bool:
        return rename.get(s.attr, s.attr) == t.attr

    return same


def _same_end(rename: Mapping[str, str]) -> Same:
    def same(s: UnitWeight, t: UnitWeight) -> bool:
        name = last_part(s.name.replace("/", "."))
        return rename.get(name, name) == last_part(t.attr)

    return same


def _same_shape(left: list[UnitWeight], free: list[UnitWeight]) -> Same:
    """A shape that one weight on each side has, and no other."""
    mine = [w.variable.shape for w in left]
    theirs = [w.variable.shape for w in free]

    def same(s: UnitWeight, t: UnitWeight) -> bool:
        shape = s.variable.shape
        unique = mine.count(shape) == 1 and theirs.count(shape) == 1
        return unique and t.variable.shape == shape

    return same


def _fitting(source: Unit, target: Unit, moves: Sequence[Move]) -> tuple[list[Move], list[str]]:
    """The moves that give the target's shape, and what is wrong with the others."""
    shapes = {w.variable.id: w.variable.shape for w in source.weights}
    goals = {w.variable.id: w for w in target.weights}
    fitting: list[Move] = []
    problems: list[str] = []
    for move in moves:
        goal = goals[move.target]
        given = [shapes[i] for i in move.sources]
        try:
            shape = result_shape(given, move.steps)
        except (ValueError, IndexError, KeyError, TypeError) as e:
            problems.append(f"{target.path}.{goal.attr}: steps do not fit {given}: {e}")
            continue
        if shape == goal.variable.shape:
            fitting.append(move)
        else:
            text = f"{source.path} gives {list(shape)}, {target.path}.{goal.attr}"
            problems.append(f"{text} needs {list(goal.variable.shape)}")
    return fitting, problems
