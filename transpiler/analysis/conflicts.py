"""What the analysis has to say about a program: contradictions, and what it takes for granted."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from ...ir.dims import Dim
from ...ir.span import Span
from ..diagnostics import Diagnostic, codes
from .bounds import Bounds
from .solver import Reason, broken_by_trial, variables
from .text import dim_text, type_text
from .values import Place, Value

MOST_TYPES = 8


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that no sizes make work. `notes` are the places where the sides come from."""

    code: str
    place: Place
    message: str
    notes: tuple[tuple[Place, str], ...] = ()
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that holds for some sizes only: `difference` is zero. `example`: sizes for which
    it is not, if some are found."""

    place: Place
    text: str
    difference: Dim
    example: Mapping[Hashable, int] | None = None

    @staticmethod
    def of(place: Place, text: str, difference: Dim, bounds: Bounds) -> Assumption:
        return Assumption(place, text, difference, broken_by_trial(difference, bounds))


@dataclass(frozen=True, slots=True)
class Need:
    """Two sizes that an operation asks to be equal, which they are for some values of the
    variables only. `broadcast`: one of them may be 1 instead."""

    left: Dim
    right: Dim
    place: Place
    text: str
    broadcast: bool = False
    # A layer is made for the size on the left.
    made: bool = False


@dataclass(slots=True)
class Log:
    """Findings in the order in which they were made; one a place."""

    conflicts: dict[Place, Conflict] = field(default_factory=dict[Place, Conflict])
    assumptions: dict[tuple[Place, str], Assumption] = field(
        default_factory=dict[tuple[Place, str], Assumption]
    )
    types: dict[Place, dict[str, list[str]]] = field(
        default_factory=dict[Place, dict[str, list[str]]]
    )
    # Whether layers are noted, and types.
    sees: bool = True
    shows: bool = True

    # Layers that were called: where they are made, what they are, what they gave.
    layers: list[tuple[Place, str, Value]] = field(default_factory=list[tuple[Place, str, Value]])

    # What was asked of sizes, in order; `muted` needs come from code that may not run.
    needs: list[Need] = field(default_factory=list[Need])
    muted_needs: list[Need] = field(default_factory=list[Need])

    # All that was assumed, the same again included.
    asked: list[Assumption] = field(default_factory=list[Assumption])

    # Code without a translation that was passed, in order.
    gaps: list[Place] = field(default_factory=list[Place])

    def add(self, conflict: Conflict) -> None:
        self.conflicts.setdefault(conflict.place, conflict)

    def assume(self, assumption: Assumption) -> None:
        self.asked.append(assumption)
        self.assumptions.setdefault((assumption.place, assumption.text), assumption)

    def see(self, place: Place, name: str, value: Value, remark: str = "") -> None:
        """Notes the type of a name at a place; the same place may be passed with several, of which
        the first few are kept."""
        if not (self.sees and self.shows):
            return
        names = self.types.get(place, {})
        seen = names.get(name, [])
        if len(seen) >= MOST_TYPES or (text := type_text(value)) is None:
            return
        if text + remark not in seen:
            self.types.setdefault(place, {}).setdefault(name, seen).append(text + remark)


def diagnostics_of(conflicts: Iterable[Conflict], paths: Mapping[str, str]) -> list[Diagnostic]:
    """`paths` maps modules to the files as the user named them."""
    found: list[Diagnostic] = []
    for conflict in conflicts:
        module = conflict.place.module
        related: dict[Span, str] = {}
        elsewhere: list[str] = []
        for place, text in conflict.notes:
            if place == conflict.place:
                continue
            if place.module == module:
                known = related.get(place.span)
                related[place.span] = text if known in (None, text) else f"{known}; {text}"
            else:
                elsewhere.append(f"{text} ({paths.get(place.module, place.module)}:{place.span})")
        hint = "; ".join([*([conflict.hint] if conflict.hint else []), *elsewhere]) or None
        found.append(
            codes.CODES[conflict.code].at(
                paths.get(module, module),
                conflict.place.span,
                conflict.message,
                hint=hint,
                related=tuple(related.items()),
            )
        )
    return found


def assumption_text(assumption: Assumption) -> str:
    """The assumption, with sizes that break it where some are found."""
    values = assumption.example
    if values is None:
        return assumption.text
    shown = {v: values[v.key] for v in variables([assumption.difference])}
    text = ", ".join(f"{dim_text(Dim.atom(v))} = {n}" for v, n in shown.items())
    return f"{assumption.text} (not so for {text})"


def reasons_as_notes(reasons: Iterable[Reason]) -> tuple[tuple[Place, str], ...]:
    return tuple((r.place, r.text) for r in reasons if r.place is not None)
