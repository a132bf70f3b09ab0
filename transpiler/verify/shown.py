"""Results as the command line shows them: cells of the table, diagnostics, data for the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from ...ir.span import Span
from ..cli.verification import VerifyResult as Shown
from ..diagnostics import Diagnostic, codes
from .codec import encode
from .modes import SUMMARIES
from .result import VerifyResult

CODES = {
    "pairing": codes.PARAMETER_MISMATCH,
    "structure": codes.INTERFACE_MISMATCH,
    "shape": codes.INTERFACE_MISMATCH,
    "dtype": codes.INTERFACE_MISMATCH,
    "gradient": codes.GRADIENT_MISMATCH,
    "gradient-unavailable": codes.GRADIENT_MISMATCH,
    "state": codes.STATE_MISMATCH,
    "train": codes.TRAINING_MISMATCH,
    "trajectory": codes.TRAINING_MISMATCH,
    "transforms": codes.TRANSFORM_MISMATCH,
    "nnx": codes.TRANSFORM_MISMATCH,
    "export": codes.LOWERING_FAILED,
    "warnings": codes.TARGET_DEPRECATED,
    "case": codes.VERIFY_ENTRY,
    "timeout": codes.VERIFY_LIMIT,
    "memory": codes.VERIFY_LIMIT,
    "disk": codes.VERIFY_LIMIT,
    "crash": codes.TARGET_FAILED,
    "platform": codes.NO_DEVICE,
    "source-import": codes.SOURCE_FAILED,
    "source-error": codes.SOURCE_FAILED,
    "nondeterministic": codes.SOURCE_FAILED,
    "target-import": codes.TARGET_FAILED,
    "target-error": codes.TARGET_FAILED,
}


_DEVICE_HINT = "leave out --platform, or run it where JAX has that device (`jax.devices()`)"


def shown(
    result: VerifyResult, path: str, notes: Sequence[Diagnostic], span: Span | None = None
) -> Shown:
    """`path` and `span`: what the diagnostics are shown for; `notes`: what is said beside them."""
    passed = result.verdict == "pass"
    found = list(notes)
    if not passed:
        inconclusive = result.verdict == "inconclusive" and result.reason not in CODES
        code = codes.VACUOUS if inconclusive else CODES.get(result.reason, codes.OUTPUT_MISMATCH)
        message = f"`{result.name}`: {result.message or result.reason}"
        hint = result.divergence.describe() if result.divergence is not None else ""
        hint = _DEVICE_HINT if result.reason == "platform" else hint
        found.append(code.at(path, span, message, hint=hint or None))
    verdict = result.verdict if passed else f"{result.verdict}: {result.reason}".rstrip(": ")
    if result.randomness_disabled:
        verdict += " (randomness disabled)"
    return Shown(result.name, passed, verdict, _cells(result), tuple(found), _data(result))


def _cells(result: VerifyResult) -> dict[str, str]:
    cells: dict[str, str] = {}
    p = result.parameters
    if p.source_total or p.target_total:
        cells["parameters"] = f"{p.source_mapped}/{p.source_total}"
    for name in SUMMARIES:
        comparison = result.mode(name)
        if name in ("outputs", "gradients") and comparison.max_error is not None:
            cells[name] = f"{comparison.max_error:.1e}"
        elif comparison.verdict != "skipped" and name not in ("outputs", "gradients", "state"):
            cells[name] = comparison.verdict
    if result.outputs.tolerance is not None:
        cells["tolerance"] = f"{result.outputs.tolerance:.1e}"
    return cells


def _data(result: VerifyResult) -> dict[str, Any]:
    """For the report, whose bytes do not depend on how long a run took or where it ran."""
    data: dict[str, Any] = _finite(encode(result))
    for key in ("seconds", "oracle_cached", "traceback"):
        data.pop(key, None)
    return data


def _finite(data: Any) -> Any:
    """JSON has no NaN and no infinity: their names."""
    match data:
        case dict():
            return {k: _finite(v) for k, v in cast("dict[str, Any]", data).items()}
        case list():
            return [_finite(v) for v in cast("list[Any]", data)]
        case float() if not math.isfinite(data):
            return str(data)
        case _:
            return data
