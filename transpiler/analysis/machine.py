"""The state of a run of the analysis, and what all of its parts ask of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ...ir.dims import Dim
from ...ir.nodes import Expression, Module, Node
from ...ir.span import Span
from ...rules.api import Flavour
from ...rules.language.ruleset import RuleSet
from .binding import Headings
from .conflicts import Assumption, Conflict, Log, Need, reasons_as_notes
from .joins import join_cells, join_values
from .solver import ONE, Answer, Reason, Solver
from .tables import Tables
from .text import dim_text
from .trail import Cell, Trail
from .values import Arguments, Frame, Layer, Place, Tensor, Value

if TYPE_CHECKING:
    from .facts import Fact, Facts
    from .layer_results import LayerResults
    from .summaries import Summaries

MAX_DEPTH = 60
NOWHERE = Span(1, 0, 1, 0)


class Exhausted(Exception):
    """The budget of a run is spent: what is not known by now stays unknown."""


def _none(expression: Expression, frame: Frame) -> Value:
    raise NotImplementedError


def _nothing(function: Value, arguments: Arguments, place: Place) -> Value:
    raise NotImplementedError


class Library(Protocol):
    """What the array library of the program makes of values, where it is not TensorFlow."""

    def knows(self, dotted: str) -> bool: ...
    def is_base(self, value: Value) -> bool: ...
    def is_transparent(self, dotted: str) -> bool: ...
    def call(self, m: Machine, dotted: str, given: Arguments, place: Place) -> Value: ...
    def apply(self, m: Machine, layer: Layer, given: Arguments, place: Place) -> Value: ...
    def layer_attribute(self, m: Machine, layer: Layer, name: str) -> Value: ...
    def layer_method(
        self, m: Machine, layer: Layer, name: str, given: Arguments, place: Place
    ) -> Value: ...
    def attribute(self, m: Machine, x: Tensor, name: str) -> Value: ...
    def method(self, m: Machine, x: Tensor, name: str, given: Arguments, place: Place) -> Value: ...
    def updated(self, x: Tensor, name: str) -> Value: ...
    def binary(self, m: Machine, symbol: str, left: Value, right: Value, place: Place) -> Value: ...
    def comparison(
        self, m: Machine, symbol: str, left: Value, right: Value, place: Place
    ) -> Value: ...
    def index(self, m: Machine, x: Tensor, parts: Sequence[Any], place: Place) -> Value: ...


class Watcher(Protocol):
    """Told of calls of functions of the program: before one, and what it gave; and of what a
    function gives that is followed on its own."""

    def called(self, function: Value, given: Arguments) -> object: ...
    def gave(self, note: object, found: Value) -> None: ...
    def alone(self, function: Value, found: Value) -> None: ...


@dataclass(slots=True)
class Machine:
    """`steps` counts evaluated nodes down; `evaluate` and `invoke` are filled in by `entry`."""

    rules: RuleSet
    flavour: Flavour
    modules: Mapping[str, Module]
    trail: Trail
    solver: Solver
    log: Log
    steps: int = 1_000_000
    # What is left of the steps of the module that is followed.
    allowance: int = 1_000_000
    # Steps that were taken so far, over all modules.
    spent: int = 0
    muted: int = 0
    depth: int = 0
    evaluate: Callable[[Expression, Frame], Value] = _none
    invoke: Callable[[Value, Arguments, Place], Value] = _nothing
    frames: dict[str, Frame] = field(default_factory=dict[str, Frame])
    calls: list[Place] = field(default_factory=list[Place])
    running: list[Node] = field(default_factory=list[Node])
    tables: Tables = field(default_factory=Tables)
    # 1 once the program has asked for layouts that are not followed: nothing is reported then.
    switched_off: int = 0
    # A dtype policy was set somewhere: what layers compute in is not known.
    policy: bool = False
    # What layers compute in.
    compute: str = "float32"
    # The policy that says so, by its name.
    global_policy: str = "float32"
    batch: Dim = field(default_factory=lambda: Dim.of(1))
    # None: the program is one of TensorFlow.
    library: Library | None = None
    headings: Headings = field(default_factory=Headings)
    # What runs of the program told, see `facts`.
    facts: Facts = field(default_factory=dict[tuple[str, str], Mapping[str, "Fact"]])
    # What is followed goes back to such facts.
    observing: bool = False
    # Statements that stand for code without a translation, by identity.
    gaps: Set[int] = frozenset()
    # Ranks that code asks of arguments of which nothing is known.
    demands: dict[Dim, int] = field(default_factory=dict[Dim, int])
    # The same, in the order in which it was asked.
    demanded: list[tuple[Dim, int]] = field(default_factory=list[tuple[Dim, int]])
    # How many calls were not followed for their depth, and how many conflicts there were, known
    # ones included.
    cuts: int = 0
    reports: int = 0
    # What calls did, to be had again.
    summaries: Summaries | None = None
    layer_results: LayerResults | None = None
    watch: Watcher | None = None
    # By the identity of nodes, which are kept.
    places: dict[int, tuple[Node, Place]] = field(default_factory=dict[int, tuple[Node, Place]])

    def __post_init__(self) -> None:
        if self.batch.constant is None:
            return
        self.batch = self.solver.fresh("B")
        self.solver.varying.update(v.key for v in self.batch.atoms())

    # -- budget, branches

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise Exhausted

    @contextmanager
    def observed(self) -> Generator[None]:
        """Inside, sizes are those that a run told."""
        self.observing = True
        try:
            yield
        finally:
            self.observing = False

    @contextmanager
    def mute(self) -> Generator[None]:
        """Inside, nothing is reported."""
        self.muted += 1
        try:
            yield
        finally:
            self.muted -= 1

    def write(self, cell: Cell, key: object, value: object) -> None:
        self.trail.write(cell, key, value)

    def join(self, left: Value, right: Value) -> Value:
        return join_values(left, right, self.solver.fresh)

    def join_cells(self, left: object, right: object) -> object:
        return join_cells(self.solver.fresh)(left, right)

    # -- sizes

    def fresh_tensor(self, rank: int, dtype: str | None = None) -> Tensor:
        return Tensor(tuple(self.solver.fresh("?") for _ in range(rank)), dtype)

    def number(self, dim: Dim) -> int | None:
        return self.solver.number(dim)

    def equal(self, left: Dim, right: Dim) -> Answer:
        return self.solver.equal(left, right)

    def not_one(self, dim: Dim) -> bool:
        """Whether the size is certainly not 1."""
        return self.solver.impossible(self.solver.normal(dim - ONE))

    # -- findings

    def report(
        self,
        code: str,
        place: Place,
        message: str,
        notes: tuple[tuple[Place | None, str], ...] = (),
        hint: str | None = None,
    ) -> None:
        if self.muted:
            return
        self.reports += 1
        known = tuple((p, text) for p, text in notes if p is not None)
        if self.calls and self.calls[-1] != place and len(known) < 2:
            known = (*known, (self.calls[-1], "in this call"))
        self.log.add(Conflict(code, place, message, known, hint))

    def require(
        self,
        left: Dim,
        right: Dim,
        place: Place,
        message: str,
        notes: tuple[tuple[Place | None, str], ...] = (),
        code: str = "TJ4002",
        hint: str | None = None,
    ) -> bool:
        """Reports unless the two sizes can be equal, and takes them to be equal from here on.
        False when they cannot."""
        reason = Reason(place, f"{dim_text(left)} = {dim_text(right)} is needed here")
        open_ = self.solver.equal(left, right) == "maybe"
        if open_:
            self.need(left, right, place, message, made=code == "TJ4006")
        core = self.solver.require(left, right, reason)
        if core is not None:
            known = reasons_as_notes(core)
            self.report(code, place, message, (*notes, *known), hint or self._sizes(left, right))
            return False
        if open_ and not self.muted:
            difference = self.solver.normal(left - right)
            if difference.terms and not any(
                v.key in self.solver.varying for v in difference.atoms()
            ):
                text = f"{dim_text(left)} = {dim_text(right)}"
                self.log.assume(Assumption.of(place, text, difference, self.solver.bounds))
        return True

    def need(
        self,
        left: Dim,
        right: Dim,
        place: Place,
        text: str,
        broadcast: bool = False,
        made: bool = False,
    ) -> None:
        """Notes what is asked of sizes that are neither equal nor unequal for all values."""
        one, other = self.solver.normal(left), self.solver.normal(right)
        needs = self.log.muted_needs if self.muted else self.log.needs
        needs.append(Need(one, other, place, text, broadcast, made))

    def _sizes(self, left: Dim, right: Dim) -> str | None:
        """An example where the sizes are not plain numbers."""
        a, b = self.solver.normal(left), self.solver.normal(right)
        names = sorted(a.atoms() | b.atoms(), key=lambda v: repr(v.key))
        if not names:
            return None
        values = {v.key: 2 for v in names}
        one, other = a.evaluate(values), b.evaluate(values)
        if one is None or other is None or one == other:
            return None
        given = ", ".join(f"{dim_text(Dim.atom(v))} = 2" for v in names)
        return f"for example, {given} gives {one} and {other}; no sizes make them equal"

    def demand(self, size: Dim, rank: int) -> None:
        """Notes that code asks for a rank of an argument of which nothing else is known."""
        self.demands.setdefault(size, rank)
        self.demanded.append((size, rank))

    # -- places

    def place(self, node: Node, frame: Frame) -> Place:
        found = self.places.get(id(node))
        if found is not None:
            return found[1]
        span = node.span
        if span is None:
            return self.calls[-1] if self.calls else Place(frame.module, NOWHERE)
        place = Place(frame.module, span)
        self.places[id(node)] = node, place
        return place
