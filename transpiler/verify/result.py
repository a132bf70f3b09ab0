"""What a verification says: plain data, JSON in and out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from .codec import decode, encode

Verdict = Literal["pass", "fail", "error", "inconclusive", "skipped"]

REASONS = {
    "case": "the case itself is wrong: a spec, an expression, an input kind",
    "timeout": "a worker ran past its time limit",
    "memory": "a worker ran out of its memory limit",
    "disk": "a worker wrote more than its limit",
    "crash": "a worker died: a signal, os._exit, sys.exit",
    "source-import": "the source module does not import",
    "source-error": "the source raised while building or calling the model",
    "nondeterministic": "the source gives other values each time it runs",
    "target-import": "the translated module does not import",
    "target-error": "the translated code raised while building or calling the model",
    "platform": "the platform that was asked for is not on this machine",
    "pairing": "source weights and target parameters do not pair one to one",
    "structure": "the outputs are nested or named differently",
    "shape": "an output has another shape",
    "dtype": "an output has another dtype",
    "value": "an output differs by more than rounding",
    "nan": "NaN on both sides: nothing is proved there",
    "gradient": "a gradient differs by more than rounding",
    "gradient-unavailable": "one side has no gradients",
    "state": "a state update differs",
    "train": "training mode differs",
    "trajectory": "training steps differ",
    "double": "double precision shows a difference that is no rounding",
    "worst": "an output differs by more than rounding at a point that a search finds",
    "transforms": "the translated code gives other values under a JAX transformation, or fails",
    "export": "the translated code does not lower to a platform",
    "nnx": "the translated code depends on the NNX mode",
    "warnings": "the translated code uses what is deprecated",
}


@dataclass(frozen=True, slots=True)
class LeafReport:
    """One compared array. Errors are absolute unless named relative; `index` is the worst one's."""

    path: str
    verdict: Verdict
    reason: str = ""
    run: int = 0
    draw: int = 0
    shape: tuple[int, ...] = ()
    dtype: str = ""
    max_error: float = 0.0
    relative_error: float = 0.0
    tolerance: float = 0.0
    index: tuple[int, ...] = ()
    source_value: float | None = None
    target_value: float | None = None
    message: str = ""

    @property
    def badness(self) -> float:
        """Error in units of the tolerance."""
        if self.verdict in ("fail", "inconclusive") and self.max_error <= self.tolerance:
            return float("inf")
        return self.max_error / self.tolerance if self.tolerance else float(self.max_error > 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All leaves of one mode: the worst one, and those that failed (at most 100)."""

    verdict: Verdict
    leaves: int = 0
    passed: int = 0
    worst: LeafReport | None = None
    failures: tuple[LeafReport, ...] = ()
    message: str = ""

    @property
    def max_error(self) -> float | None:
        return self.worst.max_error if self.worst else None

    @property
    def tolerance(self) -> float | None:
        return self.worst.tolerance if self.worst else None


@dataclass(frozen=True, slots=True)
class KeyMapEntry:
    """One target parameter and the source weights that it is made of."""

    source: tuple[str, ...]
    target: str
    steps: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Parameters:
    """Counts of mapped and of all arrays and scalars on both sides, and what was left over."""

    source_mapped: int = 0
    source_total: int = 0
    target_mapped: int = 0
    target_total: int = 0
    scalars: int = 0
    strategy: str = ""
    unused_sources: tuple[str, ...] = ()
    uncovered_targets: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    key_map: tuple[KeyMapEntry, ...] = ()

    @property
    def complete(self) -> bool:
        return self.source_mapped == self.source_total and self.target_mapped == self.target_total


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where the values of the two sides part.

    operation, shape  the JAX operation whose result is the first wrong one; empty where only a
                      gradient or a state update is known to differ
    target, callers   file and line in the translation, and those that called it
    module, made      the module that computes it, and where it and those around it are made
    library           whether that module is a library's: its arguments are all that can be wrong
    error             its distance from the nearest value of the source, relative to its size
    source_operation, source   the operation of that value, and its place in the source
    agreed, after     the places in the source and in the translation of the last value before it
                      that agrees: a step that is missing belongs between `after` and `target`
    until             further places of that kind: the calls by which `after` is computed, out to
                      the line in the function that goes on to `target`, and other operands
    between           statements between these two that compute nothing which reaches an output
    unseen            on the way from the values that agree: what is computed there is not compared,
                      as it is no float, or constant
    used              for a gradient: where what the module gives is used
    span, rule        the statement of the source that the place in the translation comes from, and
                      the rule or pass that made it: from the ledger
    """

    operation: str
    shape: tuple[int, ...]
    target: tuple[str, int] | None = None
    callers: tuple[tuple[str, int], ...] = ()
    module: str = ""
    made: tuple[tuple[str, int], ...] = ()
    library: bool = False
    error: float | None = None
    source_operation: str = ""
    source: tuple[str, int] | None = None
    agreed: tuple[str, int] | None = None
    after: tuple[str, int] | None = None
    until: tuple[tuple[str, int], ...] = ()
    between: tuple[tuple[str, int], ...] = ()
    unseen: tuple[tuple[str, int], ...] = ()
    used: tuple[tuple[str, int], ...] = ()
    span: tuple[str, int] | None = None
    rule: str = ""

    def describe(self) -> str:
        """One line for people."""
        parts: list[str] = []
        if self.target is not None and self.operation.endswith("Error"):
            parts.append(f"{self.operation} at {_at(self.target)}")
        elif self.target is not None:
            shape = ", ".join(map(str, self.shape))
            parts.append(f"values part at {_at(self.target)} ({self.operation} [{shape}])")
        elif self.after is not None:
            until = f"{_at(self.after)}{self._until()}"
            parts.append(f"values agree until {until}, and a step is missing after it")
        if self.module:
            made = f", made at {_at(self.made[0])}" if self.made else ""
            parts.append(f"in `{self.module}`{made}")
        if self.error is not None:
            near = f"{self.source_operation} at {_at(self.source)}" if self.source else "any value"
            parts.append(f"off by {self.error:.1e} of its size from {near} of the source")
        goes_on = self.target is not None and (self.after != self.target or self.until)
        if goes_on and self.after is not None:
            parts.append(f"values agree until {_at(self.after)}{self._until()}")
        if self.target is None and self.callers and self.after is None:
            parts.append(f"called at {_at(self.callers[0])}")
        if self.used:
            parts.append(f"used at {', '.join(map(_at, self.used))}")
        if self.between:
            parts.append(f"nothing is computed at {', '.join(map(_at, self.between))}")
        if self.unseen:
            parts.append(f"not compared: {', '.join(map(_at, self.unseen))}")
        if self.rule:
            parts.append(f"made by {self.rule}")
        return "; ".join(parts)

    def _until(self) -> str:
        return f" ({', '.join(map(_at, self.until))})" if self.until else ""


def _at(place: tuple[str, int]) -> str:
    return f"{place[0]}:{place[1]}"


@dataclass(frozen=True, slots=True)
class Seconds:
    """Wall time of each worker, start-up included; 0 for an oracle from the cache."""

    oracle: float = 0.0
    target: float = 0.0


SKIPPED = Comparison("skipped")


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """The verdict on one case. `reason` is a key of REASONS, or empty for a pass.

    `modes`: the comparison of each mode that was asked for (see `modes.py`).
    `divergence`: where the values part, where a mismatch could be traced.
    `sandbox`: which parts of the sandbox held for the source, see `sandbox.py`.

    `randomness_disabled`: the source gave other values each time it ran, so that both sides were
    run with dropout masks that keep everything and without the noise of noise layers.
    """

    name: str
    verdict: Verdict
    reason: str = ""
    message: str = ""
    parameters: Parameters = field(default_factory=Parameters)
    modes: dict[str, Comparison] = field(default_factory=dict[str, Comparison])
    depth: int = 0
    runs: int = 0
    oracle_cached: bool = False
    seconds: Seconds = field(default_factory=Seconds)
    messages: tuple[str, ...] = ()
    traceback: str = ""
    randomness_disabled: bool = False
    sandbox: tuple[str, ...] = ()
    divergence: Divergence | None = None

    def mode(self, name: str) -> Comparison:
        return self.modes.get(name, SKIPPED)

    @property
    def outputs(self) -> Comparison:
        return self.mode("outputs")

    @property
    def gradients(self) -> Comparison:
        return self.mode("gradients")

    @property
    def state(self) -> Comparison:
        return self.mode("state")


def result_to_json(result: VerifyResult) -> str:
    return json.dumps(encode(result), indent=1)


def result_from_json(text: str) -> VerifyResult:
    return decode(VerifyResult, json.loads(text))
