"""Run a command under limits: time, memory, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is negative when a signal ended the command; `tail` is the end of its output."""

    code: int
    timed_out: bool
    seconds: float
    tail: str


def run_limited(
    command: Sequence[str],
    *,
    log: Path,
    timeout_s: float,
    memory_gib: float,
    cwd: Path,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Output goes to the file `log`. At the time limit the whole process group is killed."""
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        # From outside, as preexec_fn is not safe beside threads. Children inherit it.
        with contextlib.suppress(ProcessLookupError, AttributeError):
            limit = int(memory_gib * GIB)
            resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, limit))
        timed_out = not _ended(process.pid, start + timeout_s)
        # Also after a normal end, as a worker may have left children; and before the process is
        # reaped, as its number may belong to another group afterwards.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    text = log.read_bytes()[-4000:].decode("utf-8", "replace")
    return Outcome(process.returncode, timed_out, time.monotonic() - start, text)


def _ended(pid: int, deadline: float) -> bool:
    """Waits for a child without reaping it; False at the deadline (of `time.monotonic`)."""
    flags = os.WEXITED | os.WNOWAIT | os.WNOHANG
    while os.waitid(os.P_PID, pid, flags) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
