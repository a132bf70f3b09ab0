"""What both workers share: the job file, stage marks, and one result file whatever happens."""
# pyright: basic

from __future__ import annotations

import errno
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .case import VerifyCase
from .codec import decode
from .limits import apply_limits

MEMORY_WORDS = ("bad_alloc", "RESOURCE_EXHAUSTED", "ResourceExhausted", "OOM when", "Out of memory")
MEMORY_WORDS += ("Unable to allocate", "Cannot allocate memory", "MemoryError")
DISK_ERRORS = (errno.EFBIG, errno.ENOSPC, errno.EDQUOT)


class Job:
    """A job folder: JOB.json in; stage.txt, result.json and tensor files out."""

    def __init__(self, path: Path) -> None:
        self.data: dict[str, Any] = json.loads(path.read_text())
        self.case = decode(VerifyCase, self.data["case"])
        self.folder = Path(self.data["folder"])
        self.current = "start"

    def stage(self, name: str) -> None:
        """Names what runs now: a process that dies is reported with its last stage."""
        self.current = name
        (self.folder / "stage.txt").write_text(name)

    def so_far(self, result: dict[str, Any], mode: str) -> None:
        """Keeps what is proved before a mode is run: a process that dies in it loses that alone."""
        self.stage(f"target-mode {mode}")
        data = {"mode": mode, "result": result, "sandbox": self.data.get("sandbox", ())}
        part = self.folder / "so_far.part"
        part.write_text(json.dumps(data))
        part.rename(self.folder / "so_far.json")

    def save(self, name: str, arrays: dict[str, Any]) -> None:
        from .tensors import save_tensors

        save_tensors(self.folder / f"{name}.safetensors", arrays)

    def finish(self, result: dict[str, Any]) -> None:
        part = self.folder / "result.part"
        part.write_text(json.dumps(result))
        part.rename(self.folder / "result.json")


def failure(error: BaseException, stage: str) -> dict[str, Any]:
    """The result of a run that raised: a reason, a message and the end of the traceback."""
    told = getattr(error, "divergence", None)
    if error.__cause__ is not None and hasattr(error, "divergence"):
        error = error.__cause__
    text = f"{type(error).__name__}: {error}"
    reason = getattr(error, "reason", None)
    if isinstance(error, MemoryError) or any(w in text for w in MEMORY_WORDS):
        reason = "memory"
    elif isinstance(error, OSError) and error.errno in DISK_ERRORS:
        reason = "disk"
    if not isinstance(reason, str):
        reason = stage if stage.endswith("-import") else f"{stage.split('-')[0]}-error"
    lines = traceback.format_exception(error)
    return {
        "status": "error",
        "reason": reason,
        "stage": stage,
        "message": text[:2000],
        "traceback": "".join(lines)[-4000:],
        "divergence": told,
    }


def main(run: Callable[[Job], dict[str, Any]], path: Path) -> None:
    """Run the job of a file and end the process; the status is 0 whenever a result was written."""
    job = Job(path)
    start = time.monotonic()
    try:
        shared = [Path(job.data["compiled"])] if "compiled" in job.data else []
        device = os.environ.get("JAX_PLATFORMS", "cpu") != "cpu"
        places = [job.folder, *shared]
        job.data["sandbox"] = apply_limits(job.case.limits, places, device=device)
        result = {"status": "ok"} | run(job)
    except BaseException as error:  # SystemExit of user code is a verdict too
        result = failure(error, job.current)
    result["seconds"] = time.monotonic() - start
    result["sandbox"] = job.data.get("sandbox", ())
    job.finish(result)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # no user atexit hooks, no slow interpreter shutdown
