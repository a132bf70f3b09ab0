"""Compile the driver and the package's file as one project, with `tfjax-compile` itself."""

from __future__ import annotations

import importlib
import json
import os
import shlex
import sys
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np

from .case import Case
from .driver import write_driver
from .limits import Outcome, run_limited
from .result import CaseResult, CompileStatus

COMMAND_VARIABLE = "TFJAX_COMPILE"
_SEVERITY = ("error", "warning", "note")


def roots(case: Case, cache: Path) -> list[Path]:
    """Where the case's packages lie: folders of the cache, or the installed packages."""
    if not case.paths:
        found = [Path(p) for p in sys.path if (Path(p) / case.file).is_file()]
        return found[:1] or [Path(sysconfig.get_path("purelib"))]
    return [cache / folder for folder in case.paths]


def package_file(case: Case, cache: Path) -> Path:
    """The source file of the case. Raises FileNotFoundError."""
    for root in roots(case, cache):
        if (root / case.file).is_file():
            return root / case.file
    raise FileNotFoundError(case.file)


def compile_case(
    case: Case,
    cache: Path,
    work: Path,
    result: CaseResult,
    timeout_s: float,
    memory_gib: float,
    training: str | None = None,
) -> bool:
    """Fill in `result`; True when there is an output to verify. `training`: the call in training
    mode, which the driver has, too."""
    driver = write_driver(case, work / "src", training)
    report = work / "report.json"
    command = [
        *_compiler(),
        str(driver),
        str(package_file(case, cache)),
        *("-o", str(work / "out"), "--report", str(report), "--keras", case.keras[1:]),
        *(part for root in roots(case, cache) for part in ("--root", str(root))),
        "--follow-imports",
        *("--driver", str(driver), "--driver-inputs", json.dumps(known_inputs(case.inputs))),
    ]
    outcome = run_limited(
        command, log=work / "compile.log", timeout_s=timeout_s, memory_gib=memory_gib, cwd=work
    )
    result.compile_seconds = round(outcome.seconds, 2)
    try:
        data = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        data = None
    if data is None or outcome.timed_out:
        _no_report(result, outcome, timeout_s)
        return False
    read_report(data, result)
    return result.compiled != "failed"


def known_inputs(inputs: dict[str, Any]) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Dtype and shape of the inputs that are arrays of fixed size, or code over NumPy alone."""
    specs = importlib.import_module("tfjax.transpiler.verify.specs")
    found = {name: specs.parse_spec(text) for name, text in inputs.items() if isinstance(text, str)}
    known = {
        name: (spec.dtype, spec.dims)
        for name, spec in found.items()
        if spec is not None and all(isinstance(dim, int) for dim in spec.dims)
    }
    for name in found.keys() - known.keys():
        array = _array(inputs[name])
        if array is not None:
            known[name] = (array.dtype.name, array.shape)
    return known


def _array(code: str) -> np.ndarray | None:
    """What code gives that needs NumPy alone."""
    try:
        value: object = eval(code, {"np": np})
    except Exception:  # code over TensorFlow, or a spec with free sizes
        return None
    return value if isinstance(value, np.ndarray) else None


def read_report(report: dict[str, Any], result: CaseResult) -> None:
    """Status, counts and diagnostics out of the compiler's report (version 1)."""
    files = report["files"]
    result.files = len(files)
    result.unhandled = report["counts"]["ledger"]["unhandled"]
    diagnostics = [*report["diagnostics"], *(d for f in files for d in f["diagnostics"])]
    diagnostics.sort(key=lambda d: _SEVERITY.index(d["severity"]))
    result.diagnostics = diagnostics
    result.compiled = _status([f["status"] for f in files], result.unhandled, diagnostics)
    if diagnostics and diagnostics[0]["severity"] == "error":
        result.top = _one_line(diagnostics[0])


def _status(
    statuses: list[str], unhandled: int, diagnostics: list[dict[str, Any]]
) -> CompileStatus:
    if not statuses or "failed" in statuses:
        return "failed"
    errors = any(d["severity"] == "error" for d in diagnostics)
    return "partial" if "partial" in statuses or unhandled or errors else "ok"


def _one_line(diagnostic: dict[str, Any]) -> str:
    return f"{diagnostic['code']} {Path(diagnostic['path']).name}: {diagnostic['message']}"


def _no_report(result: CaseResult, outcome: Outcome, timeout_s: float) -> None:
    lines = outcome.tail.strip().splitlines() or [""]
    result.log = outcome.tail
    result.settled = not outcome.timed_out and outcome.code >= 0
    if outcome.timed_out:
        result.top = f"the compiler ran past {timeout_s:.0f} s"
    else:
        result.top = f"the compiler ended with {outcome.code}: {lines[-1][:200]}"


def _compiler() -> list[str]:
    """The command of the installation this runs in; `TFJAX_COMPILE` names another."""
    if command := os.environ.get(COMMAND_VARIABLE):
        return shlex.split(command)
    return [sys.executable, "-m", "tfjax.transpiler.cli.main"]
