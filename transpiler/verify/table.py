"""Results as a terminal table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from .result import Comparison, Parameters, VerifyResult

_STYLE = {"pass": "green", "fail": "bold red", "error": "bold red", "inconclusive": "yellow"}
_MESSAGE = 160


def render_results(results: Sequence[VerifyResult]) -> Table:
    """One row per case; errors are those of the worst leaf, next to that leaf's tolerance."""
    table = Table(title=None, header_style="bold", expand=False)
    table.add_column("case")
    table.add_column("parameters mapped", justify="right")
    for name in ("outputs: max error", "tolerance", "gradients: max error", "tolerance"):
        table.add_column(name, justify="right")
    table.add_column("seconds", justify="right")
    table.add_column("verdict")
    for r in results:
        style = _STYLE.get(r.verdict, "")
        verdict = f"[{style}]{r.verdict}[/]" if style else r.verdict
        if r.reason:
            detail = f"{r.reason}: {r.message}" if r.message else r.reason
            verdict += f" {escape(detail[:_MESSAGE])}"
        table.add_row(
            escape(r.name),
            _mapped(r.parameters),
            *_errors(r.outputs),
            *_errors(r.gradients),
            f"{r.seconds.oracle + r.seconds.target:.1f}",
            verdict,
        )
    return table


def _mapped(parameters: Parameters) -> str:
    if not parameters.source_total and not parameters.target_total:
        return "-"
    text = f"{parameters.target_mapped}/{parameters.target_total}"
    if parameters.source_mapped != parameters.source_total:
        text += f" (source {parameters.source_mapped}/{parameters.source_total})"
    return text


def _errors(comparison: Comparison) -> tuple[str, str]:
    error, tolerance = comparison.max_error, comparison.tolerance
    if error is None or tolerance is None:
        return "-", "-"
    return f"{error:.1e}", f"{tolerance:.1e}"
