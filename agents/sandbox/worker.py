"""A sandbox process: a job for each line of standard input, a JSON line each in answer.

`python -m tfjax.agents.sandbox.worker source|target [FOLDER]`. Jobs: {"region", "seed", "file"}
records the oracle's cases, {"code", "file"} tries a candidate on them, {"describe"} gives
documentation; "seconds" of processor time each. The process closes the verifier's sandbox around
itself first: it writes to the folder it was started in and to FOLDER, opens no socket and starts no
process.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...transpiler.verify.limits import Limits, apply_limits
from ..contract import Region

MEMORY_GIB = {"source": 12.0, "target": 8.0}


def serve(role: str, folders: Sequence[Path]) -> None:
    """Answers until standard input ends; the first line says which parts of the sandbox hold."""
    # What frameworks and candidates print goes to the log; answers keep the real output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    limits = Limits(cpu_s=3600, memory_gib=MEMORY_GIB[role], file_gib=0.25)
    held = apply_limits(limits, (Path.cwd(), *folders))
    print(json.dumps({"sandbox": held}), file=answers, flush=True)
    run = _source if role == "source" else _target
    for line in sys.stdin:
        try:
            job = json.loads(line)
            _allow(job["seconds"])
            answer = run(job)
        except MemoryError:
            answer = {"error": "out of memory"}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


def _allow(seconds: float) -> None:
    """Processor time for one job: a busy machine makes nothing late, an endless loop ends."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (min(wanted, hard), hard))


def _source(job: dict[str, Any]) -> dict[str, Any]:
    from .cases import save_cases
    from .facts import of_source
    from .oracle import Undecidable, record

    if "describe" in job:
        return of_source(job["describe"], job["keras"])
    try:
        cases = record(Region.from_json(job["region"]), job["seed"])
    except Undecidable as error:
        return {"undecidable": str(error)}
    save_cases(Path(job["file"]), cases)
    shown = [{**{n: f"{a.dtype}{list(a.shape)}" for n, a in c.arrays.items()}} for c in cases]
    results = [[f"{a.dtype}{list(a.shape)}" for a in c.outputs] for c in cases]
    return {"cases": len(cases), "inputs": shown, "outputs": results}


def _target(job: dict[str, Any]) -> dict[str, Any]:
    from .cases import load_cases
    from .facts import of_target
    from .trial import try_candidate

    if "describe" in job:
        return of_target(job["describe"])
    return try_candidate(job["code"], load_cases(Path(job["file"])))


if __name__ == "__main__":
    serve(sys.argv[1], [Path(folder) for folder in sys.argv[2:]])
