"""What came of one mutation, and the file that keeps it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tfjax.transpiler.verify.result import VerifyResult

from .kinds import Mutation


@dataclass(frozen=True, slots=True)
class Outcome:
    """caught     whether the verdict is another one than `pass`
    named      whether a line of the mutated statement is among those of the report: of the
               divergence, or of the traceback where the translation raises
    bracketed  whether the mutated statement lies between the line until which the values agree and
               that where they part: a statement that computes nothing any more has no values
    runs       False: the program does not come to what is mutated
    """

    key: str
    case: str
    file: str
    kind: str
    line: int
    text: str
    caught: bool
    named: bool
    bracketed: bool
    reason: str
    said: str
    runs: bool = True

    def describe(self) -> str:
        verdict = "caught" if self.caught else "NOT CAUGHT" if self.runs else "not run"
        line = "line named" if self.named else "bracketed" if self.bracketed else "LINE NOT NAMED"
        change = f"{self.case}:{self.line} {self.kind} -> {self.text[:50]!r}"
        return f"{change}: {verdict} ({self.reason}) {line} {self.said[:160]}"


def key_of(case: str, mutated: str, modes: str) -> str:
    """Of a mutated translation under the name of its program."""
    return hashlib.sha256(f"{case}\n{modes}\n{mutated}".encode()).hexdigest()[:24]


def outcome_of(key: str, case: str, file: str, mutation: Mutation, result: VerifyResult) -> Outcome:
    found = result.divergence
    return Outcome(
        key=key,
        case=case,
        file=file,
        kind=mutation.kind,
        line=mutation.start[0],
        text=mutation.text,
        caught=result.verdict != "pass",
        named=_named(file, mutation, result),
        bracketed=_bracketed(file, mutation, result),
        reason=result.reason,
        said=found.describe() if found is not None else result.message,
    )


def _named(file: str, mutation: Mutation, result: VerifyResult) -> bool:
    lines = range(mutation.statement[0], mutation.statement[1] + 1)
    if any(f'{file}", line {n},' in result.traceback for n in lines):
        return True
    found = result.divergence
    if found is None:
        return False
    places = (found.target, found.after, *found.callers, *found.made)
    places = (*places, *found.until, *found.between, *found.unseen, *found.used)
    return any(p is not None and p[0] == file and p[1] in lines for p in places)


def _bracketed(file: str, mutation: Mutation, result: VerifyResult) -> bool:
    found = result.divergence
    if found is None or found.target is None or found.after is None:
        return False
    first, last = mutation.statement
    same = found.target[0] == found.after[0] == file
    return same and found.after[1] <= first and last <= found.target[1]


class Results:
    """The outcomes of earlier runs; without a file, of this one alone."""

    def __init__(self, path: Path | None, *, again: bool = False) -> None:
        self.path = path
        self.kept: dict[str, Outcome] = {}
        if path is not None and path.is_file():
            found = [Outcome(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]
            self.kept = {one.key: one for one in found}
        if again:
            good = {k: o for k, o in self.kept.items() if not o.runs or (o.caught and o.named)}
            self.kept = good

    def add(self, outcome: Outcome) -> None:
        """The last line for a key counts."""
        self.kept[outcome.key] = outcome
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(outcome)) + "\n")
