"""Worker processes: each imports the frameworks once and proves one symbol after the other."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...rules.prove.outcome import Failure, UnitResult
from ...rules.prove.packages import IMPORTS
from .cache import fingerprint
from .memory import resident
from .units import Unit

START_SECONDS = 300.0
"""For the import of the frameworks on a busy machine."""
WATCH_SECONDS = 1.0
"""How often the memory of a worker at work is looked at."""
KEPT = (
    *("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT"),
    *("HOME", "TMPDIR", "XDG_CACHE_HOME", "PYTHONPYCACHEPREFIX", "TFJAX_CACHE_DIR"),
)
# The compiler's optimizer costs more than the tiny programs it would speed up.
XLA = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


@dataclass(frozen=True, slots=True)
class Settings:
    """`unit_seconds` bounds the drawing of cases for one symbol; a worker that is silent for
    `patience` seconds is ended, and its symbol fails.

    `memory` (MiB): a worker that holds more when it has answered is replaced, and one that reaches
    `most_memory` is ended, and its symbol fails. `recycle` is how many symbols a worker proves.
    `imports`: modules, from the current folder or installed, whose functions the rules are of."""

    jobs: int = 1
    cases: int = 12
    unit_seconds: float = 20.0
    patience: float = 180.0
    rules: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    memory: int = 1800
    most_memory: int = 4000
    recycle: int = 150


def worker_environment() -> dict[str, str]:
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0"}
    env |= {"JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "tensorflow", "TF_USE_LEGACY_KERAS": "0"}
    return env | {"PYTHONHASHSEED": "0", "XLA_FLAGS": XLA, "PYTHONWARNINGS": "ignore"}


def prove_units(
    units: Sequence[Unit],
    settings: Settings,
    done: Callable[[UnitResult], None],
    since: Mapping[str, int] = MappingProxyType({}),
) -> list[UnitResult]:
    """The results in the order of the units; `done` is told each as it comes, from one thread at a
    time. `since`: by key, the ladder by which a unit is proved already."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(units)):
        waiting.put(number)
    results: list[UnitResult | None] = [None] * len(units)
    lock = threading.Lock()

    def serve() -> None:
        worker = _Worker(settings)
        try:
            while True:
                try:
                    number = waiting.get_nowait()
                except queue.Empty:
                    return
                unit = units[number]
                result = worker.prove(unit, since.get(unit.key, 0))
                result.family, result.uses = unit.family, list(unit.uses)
                with lock:
                    results[number] = result
                    done(result)
        finally:
            worker.close()

    threads = [threading.Thread(target=serve, daemon=True) for _ in range(max(1, settings.jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [result for result in results if result is not None]


class _Worker:
    """One process, started when first needed and again after it died."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._process: subprocess.Popen[str] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="tfjax-prove-")
        self._stage = Path(self._folder.name) / "stage.txt"
        self._log = Path(self._folder.name) / "log.txt"
        self._answers = 0

    def prove(self, unit: Unit, since: int = 0) -> UnitResult:
        fresh = self._process is None
        process = self._process or self._start()
        job = {"symbol": unit.symbol, "keras": unit.keras, "fixed": unit.fixed, "since": since}
        job["fingerprint"] = fingerprint(unit.rule)
        assert process.stdin is not None
        patience = self.settings.patience + len(unit.fixed) * 5 + START_SECONDS * fresh
        try:
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            line = self._answer(process, patience)
        except (BrokenPipeError, TimeoutError, MemoryError) as error:
            return self._lost(unit, error)
        if not line:
            return self._lost(unit, None)
        data: dict[str, Any] = json.loads(line)
        self._answers += 1
        if data["memory"] > self.settings.memory or self._answers >= self.settings.recycle:
            self._end()
        return UnitResult.from_json(data)

    def _answer(self, process: subprocess.Popen[str], patience: float) -> str:
        """Raises TimeoutError or MemoryError."""
        assert process.stdout is not None
        end = time.monotonic() + patience
        while True:
            ready, _, _ = select.select([process.stdout], [], [], WATCH_SECONDS)
            if ready:
                return process.stdout.readline()
            if time.monotonic() > end:
                raise TimeoutError(f"no result after {patience:g} s")
            held = resident(process.pid)
            if held > self.settings.most_memory:
                raise MemoryError(f"it held {held} MiB")

    def _start(self) -> subprocess.Popen[str]:
        settings = {
            "rules": self.settings.rules,
            "cases": self.settings.cases,
            "seconds": self.settings.unit_seconds,
            "stage": str(self._stage),
            "folders": [os.getcwd()] if self.settings.imports else [],
        }
        self._stage.write_text("the start", encoding="utf-8")
        command = [sys.executable, "-m", f"{__package__}.worker", json.dumps(settings)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=worker_environment() | {IMPORTS: " ".join(self.settings.imports)},
            )
        return self._process

    def _lost(self, unit: Unit, error: Exception | None) -> UnitResult:
        """The process died or hangs: a failure of this symbol, and a new process for the next."""
        case = self._stage.read_text(encoding="utf-8", errors="replace")
        status = None
        if self._process is not None:
            time.sleep(0.2)
            status = self._process.poll()
        self._end()
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        known = isinstance(error, TimeoutError | MemoryError)
        message = str(error) if known else f"exit status {status}"
        causes = tuple(lines[-3:])
        failure = Failure("L2", f"the worker process ended: {message}", case, causes=causes)
        found = UnitResult(unit.symbol, unit.keras, unit.rule.name, failures=[failure], lost=True)
        return found.settle()

    def _end(self) -> None:
        process, self._process, self._answers = self._process, None, 0
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def close(self) -> None:
        self._end()
        self._folder.cleanup()
