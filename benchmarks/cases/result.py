"""What became of one case, as plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

PASSED = "pass"
CompileStatus = Literal["ok", "partial", "failed"]


@dataclass(slots=True)
class Check:
    """One comparison: pass, fail, error, inconclusive, skipped; "-" where it did not come to it."""

    verdict: str = "-"
    max_error: float | None = None
    detail: str = ""


@dataclass(slots=True)
class CaseResult:
    """`compiled`: all translated, something left, or no output; `top` is the first reason to read.

    `unhandled` counts the entries of that kind in the ledger; `mapped`/`parameters` are counts of
    weights; `verdict` is the verifier's on the whole case; `settled` is False when a limit or the
    machine decided, so that the result is not kept.
    """

    id: str
    tier: str
    compiled: CompileStatus = "failed"
    files: int = 0
    unhandled: int = 0
    diagnostics: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    mapped: int | None = None
    parameters: int | None = None
    verdict: str = "-"
    outputs: Check = field(default_factory=Check)
    gradients: Check = field(default_factory=Check)
    state: Check = field(default_factory=Check)
    top: str = ""
    log: str = ""
    compile_seconds: float = 0.0
    verify_seconds: float = 0.0
    settled: bool = True
    key: str = ""

    @property
    def verified(self) -> bool:
        """All weights mapped; outputs, gradients and, where there is any, state are equal."""
        checks = (self.verdict, self.outputs.verdict, self.gradients.verdict)
        return all(verdict == PASSED for verdict in checks)

    @property
    def seconds(self) -> float:
        return self.compile_seconds + self.verify_seconds

    def save(self, path: Path) -> None:
        part = path.with_suffix(".part")
        part.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", encoding="utf-8")
        part.replace(path)


def load_result(path: Path) -> CaseResult | None:
    """The saved result; None where there is none, or one of another version of this file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        checks = {name: Check(**data.pop(name)) for name in ("outputs", "gradients", "state")}
        return CaseResult(**data, **checks)
    except (OSError, ValueError, TypeError, KeyError):
        return None
