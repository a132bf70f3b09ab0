"""The environment of a worker process, and what its end means."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from .case import VerifyCase
from .worker_base import MEMORY_WORDS

_KEPT_ENV = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT")
_TAIL = 4000
JAX_PLATFORMS = {"cpu": "cpu", "gpu": "cuda,cpu", "tpu": "tpu,cpu"}


IN_A_HURRY = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


def worker_env(
    flavour: str, folder: Path, platform: str = "cpu", *, hurry: bool = False
) -> dict[str, str]:
    """A scrubbed environment: nothing of the caller's but where programs are. `hurry`: XLA compiles
    faster, and slower code."""
    env = {k: os.environ[k] for k in _KEPT_ENV if k in os.environ}
    env |= {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONHASHSEED": "0"}
    env["PYTHONSAFEPATH"] = "1"
    if prefix := os.environ.get("PYTHONPYCACHEPREFIX"):
        env["PYTHONPYCACHEPREFIX"] = prefix
    else:  # no bytecode beside the user's files
        env["PYTHONDONTWRITEBYTECODE"] = "1"
    env |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0"}
    env |= {"KERAS_BACKEND": "tensorflow", "JAX_PLATFORMS": JAX_PLATFORMS[platform]}
    if platform != "cpu":
        env.pop("CUDA_VISIBLE_DEVICES")
        env["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # several cases share the device
    if hurry:
        env["XLA_FLAGS"] = IN_A_HURRY
    env["TF_USE_LEGACY_KERAS"] = "1" if flavour == "keras2" else "0"
    return env


def death(status: int | str | None, folder: Path, case: VerifyCase) -> dict[str, Any]:
    """The result of a worker without one; `status` as `pool` has it."""
    stage_file = folder / "stage.txt"
    stage = stage_file.read_text() if stage_file.is_file() else "start"
    end = tail(folder / "log.txt")
    if status is None:
        reason, message = "timeout", f"ran past {case.limits.wall_s:g} s in {stage}"
    elif isinstance(status, str):
        written = f"wrote more than {case.limits.file_gib:g} GiB of files in {stage}"
        reason, message = status, written
    elif any(w in end for w in MEMORY_WORDS):
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
        "traceback": end,
    }


def tail(path: Path) -> str:
    with path.open("rb") as f:
        f.seek(0, os.SEEK_END)
        f.seek(max(0, f.tell() - _TAIL))
        return f.read().decode("utf-8", "replace")
