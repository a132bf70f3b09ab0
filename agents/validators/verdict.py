"""What a check says of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """`stage` is the check that refused it (or "accepted"); `hints` are facts that help to repair
    it, such as the signature of a function that was called wrongly."""

    accepted: bool
    stage: str
    message: str = ""
    hints: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    expected: str = ""
    actual: str = ""
    cases: int = 0
    gradients: int = 0
    caveats: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Verdict:
        lists: dict[str, Any] = {name: tuple(data.get(name, ())) for name in ("hints", "caveats")}
        read: dict[str, Any] = {**data, **lists}
        return Verdict(**read)

    def feedback(self) -> str:
        """The verdict as a model reads it: what failed, on which inputs, what was wanted."""
        lines = [f"{self.stage}: {self.message}"]
        lines += [f"  {name} = {value}" for name, value in self.inputs.items()]
        if self.expected:
            lines += [f"  expected: {self.expected}", f"  got:      {self.actual}"]
        return "\n".join(lines + [f"note: {hint}" for hint in self.hints])


def from_trial(answer: Mapping[str, Any]) -> Verdict:
    """The sandbox's answer as a verdict."""
    if "error" in answer:
        kind = answer.get("kind", "crash")
        return Verdict(False, kind, str(answer["error"]))
    if answer["accepted"]:
        counts = {"cases": answer["cases"], "gradients": answer["gradients"]}
        return Verdict(True, "accepted", caveats=tuple(answer.get("caveats", ())), **counts)
    keys = ("inputs", "expected", "actual")
    shown = {name: answer[name] for name in keys if name in answer}
    return Verdict(False, answer["stage"], answer["message"], **shown)
