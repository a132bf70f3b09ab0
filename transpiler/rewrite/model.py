"""What applying a rule gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...ir.nodes import Expression
from ...rules.language.facts import Facts, Known, NoFacts


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about a translation: a diagnostic code and a message."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A target expression. Parts that came from the source are the same nodes as before, still to
    be rewritten.

    `bindings` are names to assign before the statement, in order: arguments that the
    target uses more than once.
    """

    expression: Expression
    notes: tuple[Note, ...] = ()
    rule: str = ""
    bindings: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """No translation, and why. `argument` is the parameter to blame, if it is one."""

    code: str
    message: str
    hint: str | None = None
    argument: str | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Infrastructure: the call, decorator or context disappears, with a ledger entry."""

    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """Host-side code that stays on TensorFlow."""

    reason: str
    rule: str = ""


Outcome = Rewritten | Refused | Dropped | Kept


class RefusalError(Exception):
    """Carries a refusal out of the evaluation of a template; it never leaves this package."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.refused = refused


@dataclass(slots=True)
class Trail:
    """Notes collected while one rule is applied."""

    notes: list[Note] = field(default_factory=list[Note])

    def add(self, code: str, message: str) -> None:
        note = Note(code, message)
        if note not in self.notes:
            self.notes.append(note)


__all__ = [
    "Dropped",
    "Facts",
    "Kept",
    "Known",
    "NoFacts",
    "Note",
    "Outcome",
    "RefusalError",
    "Refused",
    "Rewritten",
    "Trail",
]
