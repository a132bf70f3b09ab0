"""The translation of a case: compiled, and traced by JAX in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tfjax.transpiler.pipeline import Compilation
from tfjax.transpiler.verify.process import worker_env

from .cases.case import Case
from .cases.compile import compile_case
from .cases.limits import run_limited
from .cases.options import RunOptions
from .cases.result import CaseResult
from .cases.verify import build_case

LIMIT_S = 400.0
MEMORY_GIB = 8.0


def run_under_jax(case: Case, cache: Path, work: Path) -> dict[str, Any]:
    """The result of `shapes_under_jax`; `status` says whether it ran; the output is in `out`."""
    result = CaseResult(case.id, case.tier)
    if not compile_case(case, cache, work, result, LIMIT_S, MEMORY_GIB):
        return {"status": "error", "message": f"does not compile: {result.top}"}
    side = build_case(case, RunOptions(cache, work), work).target
    job = {
        "build": side.build,
        "call": side.call,
        "pre": side.pre,
        "setup": side.setup,
        "paths": side.paths,
        "module": side.module,
        "eval_mode": side.eval_mode,
        "output": str(work / "out"),
        "inputs": case.inputs,
    }
    folder = work / "jax"
    folder.mkdir()
    path = folder / "job.json"
    path.write_text(json.dumps(job), "utf-8")
    command = [sys.executable, "-m", f"{__package__}.shapes_under_jax", str(path)]
    root = Path(__file__).parents[1]
    outcome = run_limited(
        command,
        log=folder / "log.txt",
        timeout_s=LIMIT_S,
        memory_gib=MEMORY_GIB,
        cwd=root,
        env=worker_env("keras3", folder) | {"PYTHONPATH": str(root), "PYTHONSAFEPATH": ""},
    )
    written = folder / "result.json"
    if not written.is_file():
        return {
            "status": "error",
            "message": f"JAX ended with {outcome.code}: {outcome.tail[-100:]}",
        }
    return json.loads(written.read_text("utf-8"))


def texts_of(compilation: Compilation, output: Path) -> dict[str, str]:
    """By module, what the compiler wrote."""
    found: dict[str, str] = {}
    for name in compilation.emitted:
        base = output / Path(*name.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                found[name] = path.read_text("utf-8")
    return found
