"""The seam between the command line and verification.

`run_verification` is given what was compiled, the settings (with their `verify` entries) and the
options; it gives one result an entry. What a result holds beyond these fields is in `data`, which
goes into the report as it is.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from ..diagnostics import Diagnostic, codes

if TYPE_CHECKING:
    from ..project import CompiledProject, Options
    from ..verify.options import VerifyOptions
    from .config import Config

MODES = ("train", "trajectory", "double", "worst", "transforms", "export", "nnx", "warnings")
HEADINGS = ("name", "parameters", "outputs", "tolerance", "gradients", *MODES, "verdict")


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What one entry came to. `cells` are the columns after the name, as text."""

    name: str
    passed: bool
    verdict: str
    cells: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    diagnostics: tuple[Diagnostic, ...] = ()
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def run_verification(
    project: CompiledProject, config: Config, options: Options, wanted: VerifyOptions
) -> list[VerifyResult]:
    """Runs the entries; a missing verifier is a failed result, never a silent pass."""
    try:
        module = importlib.import_module("..verify.project", __package__)
        verify = cast(
            "Callable[[CompiledProject, Config, Options, VerifyOptions], list[VerifyResult]]",
            module.run_verification,
        )
        return verify(project, config, options, wanted)
    except ModuleNotFoundError as error:
        path = config.path.as_posix() if config.path else "pyproject.toml"
        message = f"verification cannot start: {error}"
        hint = "install the extra: pip install 'tfjax[verify]'"
        problem = codes.VERIFY_EXTRA_MISSING.at(path, None, message, hint=hint)
        return [VerifyResult("verify", False, "not run", diagnostics=(problem,))]


def table(results: Sequence[VerifyResult]) -> str:
    """One line an entry, columns aligned, numbers to the right."""
    columns = [h for h in HEADINGS[1:-1] if any(h in result.cells for result in results)]
    rows = [[HEADINGS[0], *columns, HEADINGS[-1]]]
    rows += [[r.name, *(r.cells.get(c, "-") for c in columns), r.verdict] for r in results]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    last = len(widths) - 1
    return "\n".join(
        "  ".join(
            cell if i == last else cell.rjust(w) if i else cell.ljust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
