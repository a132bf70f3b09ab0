"""The effects of a call: put down so that they can be had again, for other sizes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ...ir.dims import Dim, Variable
from ...ir.nodes import Name
from .conflicts import Assumption, Need
from .copies import Copier
from .flow import Raised
from .forms import Form, cell_of
from .machine import Machine
from .solver import Equation, Solution
from .tables import Tables
from .tracked import Tracked
from .values import Place, Tensor, Value

Pair = tuple[frozenset[Dim], Dim]
Asked = tuple[Dim, int, tuple[Dim, ...]]


@dataclass(slots=True)
class Effects:
    """`cells` are writes to objects by number; `solved`, `pairs`, `bounds`, `rest`, `arguments` and
    `positive` what the solver learned (see there), all else what was added to logs."""

    cells: list[tuple[int, Any, Any]] = field(default_factory=list[tuple[int, Any, Any]])
    pairs: list[Pair] = field(default_factory=list[Pair])
    solved: list[tuple[Hashable, Solution]] = field(default_factory=list[tuple[Hashable, Solution]])
    bounds: list[tuple[bool, Hashable, int | None]] = field(
        default_factory=list[tuple[bool, Hashable, "int | None"]]
    )
    rest: tuple[Equation, ...] = ()
    arguments: list[Asked] = field(default_factory=list[Asked])
    positive: tuple[Hashable, ...] = ()
    demands: tuple[tuple[Dim, int], ...] = ()
    needs: tuple[Need, ...] = ()
    muted_needs: tuple[Need, ...] = ()
    asked: tuple[Assumption, ...] = ()
    layers: tuple[tuple[Place, str, Value], ...] = ()
    gaps: tuple[Place, ...] = ()


@dataclass(slots=True)
class Summary:
    """`inputs` is the form of the call that was followed, at `place`; without a `result` it raised.
    `counter`: the newest variable before it. `read` are the literals that mattered, by number.
    `pinned`: sizes of other origin take part, so that it is right for these very sizes only.
    `fresh`: it makes sizes of its own."""

    inputs: Form
    place: Place
    result: Value | None
    effects: Effects
    counter: int
    read: tuple[tuple[int, object], ...]
    version: int = 0
    saw: bool = False
    pinned: bool = False
    fresh: bool = False


class _Gatherer(Copier):
    """Notes the variables in what it copies."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.met: set[Hashable] = set()

    def dim(self, dim: Dim) -> Dim:
        if id(dim) not in self.dims:
            self.dims[id(dim)] = dim, dim
            self.met.update(v.key for v in dim.atoms())
        return dim

    def tensor(self, x: Tensor) -> Tensor:
        for dim in x.dims or ():
            self.dim(dim)
        if x.last is not None:
            self.dim(x.last)
        return x


def gathered(m: Machine, tables: Tables, summary: Summary) -> Summary:
    """The summary with what it holds as it is now, and without what nobody can see. Formless for
    what cannot be copied."""
    objects = {id(v): v for v in summary.inputs.held}
    effects = summary.effects
    copier = _Gatherer(tables, None, {}, {}, objects, m.trail.shared, m.library is not None)
    met = copier.met
    result = None if summary.result is None else copier.value(summary.result)
    effects.cells = [(n, key, copier.content(v)) for n, key, v in effects.cells]
    effects.layers = tuple(
        (p, s, v if isinstance(v, Tensor) else copier.value(v)) for p, s, v in effects.layers
    )
    for dim in _dims(effects):
        copier.dim(dim)
    own = summary.inputs.variables
    while True:
        before = len(met)
        for key, solution in effects.solved:
            if key in met or key in own:
                copier.dim(solution.dim)
        if len(met) == before:
            break
    seen = {*met, *own}
    effects.solved = [s for s in effects.solved if s[0] in seen]
    effects.bounds = [b for b in effects.bounds if b[1] in seen]
    effects.pairs = [p for p in effects.pairs if any(v.key in met for v in p[1].atoms())]
    effects.arguments = [
        a for a in effects.arguments if any(v.key in met for d in a[2] for v in d.atoms())
    ]
    for key, _ in effects.pairs:
        for dim in key:
            copier.dim(dim)
    for dim, _, _ in effects.arguments:
        copier.dim(dim)
    others = [k for k in met if k not in own and k not in summary.inputs.fixed]
    summary.fresh = any(_number(k) > summary.counter for k in others)
    summary.pinned = any(_number(k) <= summary.counter for k in others)
    summary.result, summary.version, summary.saw = result, m.trail.version, m.log.sees
    return summary


def _dims(effects: Effects) -> Iterator[Dim]:
    for need in (*effects.needs, *effects.muted_needs):
        yield need.left
        yield need.right
    for assumption in effects.asked:
        yield assumption.difference
    for dim, _ in effects.demands:
        yield dim
    for equation in effects.rest:
        yield equation.difference


def _number(key: Hashable) -> int:
    """The age of a variable; one that is not the solver's is older than all."""
    parts = cast(tuple[Any, ...], key) if isinstance(key, tuple) else ()
    return parts[1] if len(parts) == 2 and isinstance(parts[1], int) else 0


class _Again:
    """One more run of a summary: the sizes in it and those that they stand for."""

    def __init__(self, m: Machine, summary: Summary, form: Form) -> None:
        self.m, self.summary = m, summary
        pairs = zip(summary.inputs.order, form.order, strict=True)
        self.table: dict[Hashable, Dim] = {
            old.key: Dim.atom(new) for old, new in pairs if old.key != new.key
        }
        self.trivial = not self.table and not summary.fresh

    def size(self, variable: Variable) -> Dim | None:
        key = variable.key
        known = self.table.get(key)
        if known is not None:
            return known
        if _number(key) <= self.summary.counter or key in self.summary.inputs.variables:
            return None
        solver = self.m.solver
        name = variable.expression.id if isinstance(variable.expression, Name) else "?"
        kind = cast(tuple[str, int], key)[0]
        new = self.table[key] = solver.fresh(name, kind)
        if key in solver.bounds.positive:
            solver.is_size(new)
        return new

    def key(self, key: Hashable) -> Hashable:
        """The key of what a variable became."""
        name = Name("?")
        for variable in self.summary.inputs.order:
            if variable.key == key:
                name = variable.expression
        found = self.size(Variable(key, name))
        return key if found is None else next(iter(found.atoms())).key


def again(m: Machine, tables: Tables, summary: Summary, form: Form, place: Place) -> Value:
    """The result for the call with this form, after the effects. Raises as the call did."""
    run = _Again(m, summary, form)
    old, effects = summary.inputs, summary.effects
    for number, _ in summary.read:
        form.texts[number].note()
    places = {a: b for a, b in zip(old.places, form.places, strict=True) if a and b and a != b}
    if summary.place != place:
        places[summary.place] = place
    texts: dict[int, Tracked] = {
        id(a): b for a, b in zip(old.texts, form.texts, strict=True) if a is not b
    }
    objects = {id(a): b for a, b in zip(old.held, form.held, strict=True)}
    sizes = None if run.trivial else run.size
    shared, lasting = m.trail.shared, m.library is not None
    copier = Copier(tables, sizes, places, texts, objects, shared, lasting)
    _linked(m, run, copier, effects)
    for number, key, value in effects.cells:
        m.write(cell_of(form.held[number]), key, copier.content(value))
    _learned(m, run, copier, effects)
    _logged(m, run, copier, effects)
    if summary.result is None:
        raise Raised
    return copier.value(summary.result)


def _linked(m: Machine, run: _Again, copier: Copier, effects: Effects) -> None:
    """Sizes that stand for what was asked before are those of then."""
    solver = m.solver
    if run.trivial:
        return
    for key, value in effects.pairs:
        pair = frozenset(map(copier.dim, key))
        known = solver.pairs.get(pair)
        if known is None:
            m.trail.write(solver.pairs, pair, copier.dim(value))
        else:
            run.table[next(iter(value.atoms())).key] = known
    for dim, rank, dims in effects.arguments:
        argument = copier.dim(dim)
        known = solver.arguments.get((argument, rank))
        if known is None:
            solver.arguments[argument, rank] = tuple(map(copier.dim, dims))
        else:
            for a, b in zip(dims, known, strict=True):
                run.table[next(iter(a.atoms())).key] = b


def _learned(m: Machine, run: _Again, copier: Copier, effects: Effects) -> None:
    solver = m.solver
    for key, solution in effects.solved:
        m.write(solver.solved, run.key(key), Solution(copier.dim(solution.dim), solution.reasons))
    for is_most, key, number in effects.bounds:
        m.write(solver.bounds.most if is_most else solver.bounds.least, run.key(key), number)
    solver.bounds.positive.update(map(run.key, effects.positive))
    if effects.rest:
        more = tuple(Equation(copier.dim(e.difference), e.reasons) for e in effects.rest)
        m.write(solver.cell, "rest", (*solver.cell.get("rest", ()), *more))


def _logged(m: Machine, run: _Again, copier: Copier, effects: Effects) -> None:
    log = m.log
    for dim, rank in effects.demands:
        m.demand(copier.dim(dim), rank)
    for into, needs in ((log.needs, effects.needs), (log.muted_needs, effects.muted_needs)):
        into += needs if run.trivial else [_need(n, copier) for n in needs]
    for assumption in effects.asked:
        log.assume(assumption if run.trivial else _assumption(assumption, run, copier))
    if run.trivial:
        log.layers += effects.layers
    else:
        log.layers += [(p, s, copier.value(v)) for p, s, v in effects.layers]
    log.gaps += effects.gaps


def _need(need: Need, copier: Copier) -> Need:
    return replace(need, left=copier.dim(need.left), right=copier.dim(need.right))


def _assumption(assumption: Assumption, run: _Again, copier: Copier) -> Assumption:
    example = assumption.example
    if example is not None:
        example = {run.key(k): n for k, n in example.items()}
    return replace(assumption, difference=copier.dim(assumption.difference), example=example)


__all__ = ["Effects", "Summary", "again", "gathered"]
