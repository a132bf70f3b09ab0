"""What is wrong with a rule file: where, what, and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SYNTAX = "TJ3010"
INVALID = "TJ3011"
OVERLAP = "TJ3012"
OVERRIDE = "TJ6016"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a rule file; line and column count from 1."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `code` is the diagnostic code; warnings do not stop the load."""

    place: Place
    message: str
    code: str = INVALID
    hint: str | None = None
    is_warning: bool = False

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.place}: {self.code}: {self.message}{hint}"


class RuleError(Exception):
    """Rule files that cannot be used; `problems` says why, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def invalid(place: Place, message: str, hint: str | None = None) -> RuleError:
    return RuleError([Problem(place, message, INVALID, hint)])
