"""A case is run in one or two phases: as it is called, and in training mode with randomness off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .case import VerifyCase
from .modes import BASIC, IN_TRAINING, Mode
from .result import SKIPPED, Comparison


@dataclass(frozen=True, slots=True)
class Phase:
    """A case whose sides are those that are run, and whether they run in training mode."""

    case: VerifyCase
    training: bool = False


def phases_of(case: VerifyCase) -> list[Phase]:
    """What is run for a case. Without a training mode, training steps use the only call."""
    asked = [m for m in case.modes if m in IN_TRAINING]
    if case.train is None or not asked:
        modes = tuple(m for m in case.modes if m != "train")
        return [Phase(replace(case, modes=modes, train=None))]
    plain: tuple[Mode, ...] = tuple(m for m in case.modes if m not in IN_TRAINING)
    steps: tuple[Mode, ...] = ("trajectory",) if "trajectory" in asked else ()
    trained = replace(
        case,
        source=case.train.source,
        target=case.train.target,
        train=None,
        modes=(*(BASIC if "train" in asked else ("outputs",)), *steps),
        randomness=False,
        wide=False,
    )
    return [Phase(replace(case, modes=plain, train=None)), Phase(trained, training=True)]


def without_training(case: VerifyCase) -> dict[str, Comparison]:
    """What is said of the training mode where there is none."""
    if "train" in case.modes and case.train is None:
        return {"train": Comparison("skipped", message="the call has no training mode")}
    return {}


def merge_training(modes: Mapping[str, Comparison], asked: VerifyCase) -> dict[str, Comparison]:
    """The comparisons of the training phase under the names that the user knows."""
    parts = [(name, modes[name]) for name in BASIC if name in modes]
    merged: dict[str, Comparison] = {}
    if "train" in asked.modes:
        merged["train"] = _join([(n, c) for n, c in parts if c.verdict != "skipped"])
    if "trajectory" in asked.modes:
        merged["trajectory"] = modes.get("trajectory", SKIPPED)
    return merged


def _join(parts: list[tuple[str, Comparison]]) -> Comparison:
    """One comparison of several: fail before inconclusive before pass."""
    if not parts:
        return SKIPPED
    rank = {"fail": 0, "error": 0, "inconclusive": 1, "pass": 2, "skipped": 3}
    name, first = min(parts, key=lambda p: rank[p[1].verdict])
    comparisons = [c for _, c in parts]
    worst = first.worst
    if first.verdict == "pass":
        found = [c.worst for c in comparisons if c.worst]
        worst = max(found, key=lambda w: w.badness, default=None)
    message = first.message or ("" if first.verdict == "pass" else name)
    return replace(
        first,
        leaves=sum(c.leaves for c in comparisons),
        passed=sum(c.passed for c in comparisons),
        worst=worst,
        message=message,
    )
