"""One case in a process of its own: `python -m benchmarks.cases.worker REQUEST.json`.

The request holds the case and the options; the result goes beside it, to result.json.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .case import Case
from .compile import compile_case
from .options import RunOptions
from .result import CaseResult
from .verify import verify_case


def write_request(case: Case, options: RunOptions, key: str, work: Path) -> Path:
    """An empty work folder with the request in it."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    path = work / "request.json"
    data = {"case": asdict(case), "options": asdict(options), "key": key}
    path.write_text(json.dumps(data, default=str), encoding="utf-8")
    return path


def run(request: Path) -> CaseResult:
    data = json.loads(request.read_text(encoding="utf-8"))
    case, options = _case(data["case"]), _options(data["options"])
    work = request.parent
    result = CaseResult(case.id, case.tier, key=data["key"])
    try:
        compiled = compile_case(
            case, options.cache, work, result, options.compile_timeout_s, options.memory_gib
        )
        if compiled and options.verify:
            verify_case(case, options, work, result)
    # Whatever went wrong here belongs to this case alone.
    except Exception as error:
        result.top = result.top or f"benchmark error: {type(error).__name__}: {error}"
        result.settled = False
    result.save(work / "result.json")
    return result


def _case(data: dict[str, Any]) -> Case:
    return Case(**{**data, "paths": tuple(data["paths"]), "stubs": tuple(data["stubs"])})


def _options(data: dict[str, Any]) -> RunOptions:
    return RunOptions(**{**data, "cache": Path(data["cache"]), "work": Path(data["work"])})


if __name__ == "__main__":
    run(Path(sys.argv[1]))
