"""Lowering by `jax.export`, which needs none of the devices."""
# pyright: basic

from __future__ import annotations

import jax

from .jax_modes import Measured
from .jax_pure import pure_call
from .result import Comparison, LeafReport

PLATFORMS = ("cpu", "cuda", "tpu")


def lower_everywhere(measured: Measured) -> Comparison:
    """The forward pass on the first run's inputs, for each platform."""
    function, state, arrays = pure_call(measured)
    reports: list[LeafReport] = []
    for platform in PLATFORMS:
        try:
            exported = jax.export.export(jax.jit(function), platforms=[platform])(state, arrays)
            assert exported.mlir_module()
            reports.append(LeafReport(platform, "pass"))
        except Exception as error:
            text = f"{type(error).__name__}: {str(error).strip()[:300]}"
            reports.append(LeafReport(platform, "fail", "export", message=text))
    failed = [r for r in reports if r.verdict == "fail"]
    verdict = "fail" if failed else "pass"
    worst = failed[0] if failed else None
    return Comparison(verdict, len(reports), len(reports) - len(failed), worst, tuple(failed))
