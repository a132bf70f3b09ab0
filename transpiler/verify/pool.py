"""Warm workers for many cases: one `zygote` for each kind, which forks a process for each job."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .case import VerifyCase
from .codec import encode
from .limits import GIB, Limits
from .process import death, tail, worker_env

_START_S = 300.0
WATCH_S = 0.25
"""How often what a program writes is counted."""
_BLOCK = 4096
GIB_A_JOB = 3.0
"""What a pair of workers on a model of moderate size takes: how many run at a time follows."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the processes of one zygote have in common."""

    module: str
    flavour: str
    platform: str
    python: str
    hurry: bool = False


class Zygote:
    """A started zygote and the events of its jobs."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.log = folder / "log.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [kind.python, "-m", f"{__package__}.zygote", kind.module],
                cwd=folder,
                env=worker_env(kind.flavour, folder, kind.platform, hurry=kind.hurry),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.jobs: dict[str, queue.SimpleQueue[list[Any]]] = {}
        self.ready = threading.Event()
        self.lost = False
        self.lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            match json.loads(line):
                case ["ready"]:
                    self.ready.set()
                case [kind, job, value]:
                    self.jobs[job].put([kind, value])
                case _:
                    pass
        self.lost = True
        self.ready.set()
        for events in list(self.jobs.values()):
            events.put(["lost", None])

    def submit(self, job: Path) -> queue.SimpleQueue[list[Any]]:
        """The queue of the job's events: started, ended or lost."""
        events: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
        self.jobs[str(job)] = events
        if not self.ready.wait(_START_S) or self.lost:
            events.put(["lost", None])
            return events
        assert self.process.stdin is not None
        with self.lock, contextlib.suppress(OSError):
            self.process.stdin.write(f"{job}\n")
            self.process.stdin.flush()
        return events

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class WorkerPool:
    """Starts zygotes when they are first needed; a context manager that ends them.

    With `compiled`, a folder, the JAX side compiles in a hurry and shares what it has compiled: for
    many variants of small programs that are trusted, as each of them may write there.
    """

    def __init__(self, compiled: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tfjax-workers-"))
        self.compiled = compiled
        self.zygotes: dict[Kind, Zygote] = {}
        self.lock = threading.Lock()

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        for zygote in self.zygotes.values():
            zygote.stop()
        self.zygotes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _zygote(self, kind: Kind) -> Zygote:
        with self.lock:
            found = self.zygotes.get(kind)
            if found is None or found.lost:
                place = self.folder / f"{kind.module}-{time.monotonic_ns()}"
                found = self.zygotes[kind] = Zygote(kind, place)
            return found

    def run(
        self,
        module: str,
        case: VerifyCase,
        folder: Path,
        extra: Mapping[str, Any],
        python: str | None = None,
    ) -> dict[str, Any]:
        """The worker's result, or an error result with the reason why there is none.

        `folder` is new and holds everything that the worker writes; `module` is the worker's name.
        """
        (folder / "cwd").mkdir(parents=True)
        (folder / "log.txt").touch()
        job = folder / "job.json"
        data: dict[str, Any] = {"case": encode(case), "folder": str(folder), **extra}
        oracle = module in ("oracle_worker", "observe_worker", "probe_worker")
        flavour, platform = (case.flavour, "cpu") if oracle else ("", case.platform)
        hurry = self.compiled is not None and not oracle
        if hurry:
            data["compiled"] = str(self.compiled)
        job.write_text(json.dumps(data))
        zygote = self._zygote(Kind(module, flavour, platform, python or sys.executable, hurry))
        start = time.monotonic()
        events = zygote.submit(job)
        status = _outcome(events, case.limits, folder)
        seconds = time.monotonic() - start
        result_file = folder / "result.json"
        if status == "lost":
            text = tail(zygote.log)
            message = f"the worker process could not start or was lost\n{text[-500:]}"
            result = {"status": "error", "reason": "crash", "message": message, "traceback": text}
        elif status is not None and result_file.is_file():
            result = json.loads(result_file.read_text())
        else:
            result = death(status, folder, case)
        if status == "disk":
            shutil.rmtree(folder / "cwd", ignore_errors=True)
            (folder / "log.txt").unlink()
        return result | {"seconds": seconds}


def _outcome(events: queue.SimpleQueue[list[Any]], limits: Limits, folder: Path) -> Any:
    """The exit status, None after the time limit, "disk" past the limit of what is written, "lost"
    where the zygote died."""
    kind, value = events.get()
    if kind == "lost":
        return "lost"
    pid: int = value
    until = time.monotonic() + limits.wall_s
    try:
        while (left := until - time.monotonic()) > 0:
            try:
                kind, value = events.get(timeout=min(left, WATCH_S))
            except queue.Empty:
                if size_of(folder / "cwd") + size_of(folder / "log.txt") > limits.file_gib * GIB:
                    return "disk"
            else:
                return value if kind == "ended" else "lost"
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def size_of(path: Path) -> int:
    """Bytes that a file or folder takes; of each thing in a folder at least a block."""
    total = 0
    waiting = [path]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError):  # gone in between
            status = one.lstat()
            total += max(512 * status.st_blocks, _BLOCK)
            if stat.S_ISDIR(status.st_mode):
                waiting += one.iterdir()
    return total


def jobs_that_fit(wanted: int) -> int:
    """At most `wanted` cases at a time, as many as memory and processors allow."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        free = sizes["MemAvailable"] / (1 << 20)
    except (OSError, KeyError, ValueError, IndexError):
        free = GIB_A_JOB
    return max(1, min(wanted, os.cpu_count() or 1, int(free / GIB_A_JOB)))
