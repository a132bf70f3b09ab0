"""Starts a worker in its own process group and turns whatever happens to it into data."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .case import VerifyCase
from .codec import encode
from .worker_base import MEMORY_WORDS

_KEPT_ENV = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT")
_TAIL = 4000


def worker_env(case: VerifyCase, folder: Path) -> dict[str, str]:
    """A scrubbed environment: nothing of the caller's but where programs are."""
    env = {k: os.environ[k] for k in _KEPT_ENV if k in os.environ}
    env |= {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONHASHSEED": "0"}
    env["PYTHONSAFEPATH"] = "1"
    if prefix := os.environ.get("PYTHONPYCACHEPREFIX"):
        env["PYTHONPYCACHEPREFIX"] = prefix
    else:  # no bytecode beside the user's files
        env["PYTHONDONTWRITEBYTECODE"] = "1"
    env |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0"}
    env |= {"KERAS_BACKEND": "tensorflow", "JAX_PLATFORMS": "cpu"}
    env["TF_USE_LEGACY_KERAS"] = "1" if case.flavour == "keras2" else "0"
    return env


def run_worker(
    module: str, case: VerifyCase, folder: Path, extra: Mapping[str, Any], python: str | None
) -> dict[str, Any]:
    """The worker's result, or an error result with the reason why there is none.

    `folder` is new and holds everything that the worker writes; `module` is the worker's name.
    """
    cwd = folder / "cwd"
    cwd.mkdir(parents=True)
    job = folder / "job.json"
    job.write_text(json.dumps({"case": encode(case), "folder": str(folder), **extra}))
    command = [python or sys.executable, "-m", f"{__package__}.{module}", str(job)]
    log = folder / "log.txt"
    start = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=worker_env(case, cwd),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait(case.limits.wall_s)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _kill_group(process)
    seconds = time.monotonic() - start
    result_file = folder / "result.json"
    if status is not None and result_file.is_file():
        result: dict[str, Any] = json.loads(result_file.read_text())
    else:
        result = _death(status, folder, case)
    return result | {"seconds": seconds}


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End the worker and all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _death(status: int | None, folder: Path, case: VerifyCase) -> dict[str, Any]:
    stage_file = folder / "stage.txt"
    stage = stage_file.read_text() if stage_file.is_file() else "start"
    tail = _tail(folder / "log.txt")
    if status is None:
        reason, message = "timeout", f"ran past {case.limits.wall_s:g} s in {stage}"
    elif any(w in tail for w in MEMORY_WORDS):
        limit = f"{case.limits.memory_gib:g} GiB"
        reason, message = "memory", f"ran out of memory in {stage} (limit {limit})"
    elif -status == signal.SIGXCPU:
        reason, message = "timeout", f"used more than {case.limits.cpu_s} s of CPU in {stage}"
    elif status < 0:
        name = signal.Signals(-status).name
        reason, message = "crash", f"died of {name} in {stage}"
    else:
        reason, message = "crash", f"exited with status {status} in {stage}, without a result"
    return {
        "status": "error",
        "reason": reason,
        "stage": stage,
        "message": message,
        "traceback": tail,
    }


def _tail(path: Path) -> str:
    with path.open("rb") as f:
        f.seek(0, os.SEEK_END)
        f.seek(max(0, f.tell() - _TAIL))
        return f.read().decode("utf-8", "replace")
