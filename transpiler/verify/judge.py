"""The verdict on a case: the first thing that went wrong, in the order in which it matters."""

from __future__ import annotations

from collections.abc import Mapping

from .modes import ALL
from .result import SKIPPED, Comparison, Parameters, Verdict

_REASONS = {"gradients": "gradient"}


def judge(parameters: Parameters, modes: Mapping[str, Comparison]) -> tuple[Verdict, str, str]:
    """Verdict, reason (a key of result.REASONS) and message."""
    outputs = modes.get("outputs", SKIPPED)
    if outputs.verdict == "fail" and outputs.worst and outputs.worst.reason != "value":
        return "fail", outputs.worst.reason, f"{outputs.worst.path}: {outputs.worst.message}"
    if parameters.problems or not parameters.complete:
        left = [f"no target for {s}" for s in parameters.unused_sources]
        left += [f"no source for {t}" for t in parameters.uncovered_targets]
        return "fail", "pairing", "; ".join([*left, *parameters.problems][:4])
    if outputs.verdict != "pass":
        reason = outputs.worst.reason if outputs.worst else "value"
        return outputs.verdict, reason, describe(outputs)
    others = [m for m in ("state", *ALL) if m != "outputs"]
    for wanted in ("fail", "error", "inconclusive"):
        for mode in others:
            found = modes.get(mode, SKIPPED)
            if found.verdict == wanted:
                if mode == "gradients" and wanted == "inconclusive" and found.message:
                    return "inconclusive", "gradient-unavailable", found.message
                return found.verdict, _REASONS.get(mode, mode), describe(found)
    return "pass", "", ""


def describe(comparison: Comparison) -> str:
    """The worst leaf in words."""
    worst = comparison.worst
    if worst is None:
        return comparison.message
    if worst.message:
        return f"{worst.path}: {worst.message}"
    if worst.source_value is None or worst.target_value is None:
        return f"{worst.path}: error {worst.max_error:.2e}, tolerance {worst.tolerance:.2e}"
    at = ", ".join(str(i) for i in worst.index)
    return (
        f"{worst.path}[{at}] is {worst.target_value:.7g} instead of {worst.source_value:.7g}: "
        f"error {worst.max_error:.2e}, tolerance {worst.tolerance:.2e}"
    )
