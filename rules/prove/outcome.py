"""What a proof found, as data that goes between processes and into the cache."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

CaseStatus = Literal["ran", "rejected", "refused", "failed"]
"""rejected: TensorFlow does not take the arguments. refused: the rule does not."""
UnitStatus = Literal["proved", "failed", "no case", "refused", "untried"]
"""untried: no numbers can be compared, and a `caveat` says why. no case: nobody said why."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One counterexample. `level` is L0 to L3; `causes` are the likely ones, best first."""

    level: str
    message: str
    case: str = ""
    inputs: dict[str, str] = field(default_factory=dict[str, str])
    code: str = ""
    expected: str = ""
    actual: str = ""
    causes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The counterexample for a terminal."""
        found = [f"{self.level}: {self.message}"]
        found += [f"cause: {cause}" for cause in self.causes]
        rows = {"case": self.case, **self.inputs, "code": self.code}
        rows |= {"TensorFlow": self.expected, "JAX": self.actual}
        return found + [f"  {name} = {value}" for name, value in rows.items() if value]


@dataclass(frozen=True, slots=True)
class CaseResult:
    status: CaseStatus
    code: str = ""
    reason: str = ""
    failure: Failure | None = None


@dataclass(slots=True)
class UnitResult:
    """The proof of one symbol in one Keras version.

    `domain` says where the cases came from: "try", "types", "table" or a mixture; `levels` are
    those passed by at least one case; `drawn` are the cases that were, `gradients` those whose
    gradients were compared; `uses` are other symbols in cases that passed; `memory` is
    what the worker held afterwards (MiB). `random`: only dtypes, shapes and
    distributions are compared. `lost`: the worker ended, so that the result depends on
    the machine and is not kept. `ladder`: the one whose strata were all tried.
    `untried`: why no case can be.
    """

    symbol: str
    keras: str = "keras3"
    rule: str = ""
    family: str = ""
    status: UnitStatus = "no case"
    cases: int = 0
    drawn: int = 0
    gradients: int = 0
    rejected: int = 0
    refused: int = 0
    domain: tuple[str, ...] = ()
    failures: list[Failure] = field(default_factory=list[Failure])
    notes: list[str] = field(default_factory=list[str])
    uses: list[str] = field(default_factory=list[str])
    codes: list[str] = field(default_factory=list[str])
    seconds: float = 0.0
    memory: int = 0
    random: bool = False
    lost: bool = False
    ladder: int = 1
    untried: str = ""

    def settle(self) -> UnitResult:
        """Sets the status from what was counted."""
        without = "untried" if self.untried else "no case"
        self.status = "failed" if self.failures else "proved" if self.cases else without
        return self

    def joined(self, later: UnitResult) -> UnitResult:
        """Of a later ladder, which tried only what is new in it."""
        later.cases += self.cases
        later.drawn += self.drawn
        later.gradients += self.gradients
        later.rejected += self.rejected
        later.refused += self.refused
        later.domain, later.uses = self.domain, self.uses
        later.codes = list(dict.fromkeys((*self.codes, *later.codes)))[:4]
        later.notes = list(dict.fromkeys((*self.notes, *later.notes)))
        later.seconds = round(self.seconds + later.seconds, 3)
        return later.settle()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> UnitResult:
        failures: list[dict[str, Any]] = data["failures"]
        read: dict[str, Any] = data | {
            "failures": [failure_from_json(failure) for failure in failures],
            "domain": tuple(data["domain"]),
        }
        return UnitResult(**read)


def failure_from_json(data: dict[str, Any]) -> Failure:
    causes: list[str] = data["causes"]
    read: dict[str, Any] = data | {"causes": tuple(causes)}
    return Failure(**read)
