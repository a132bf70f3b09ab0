"""A warm process: imports the framework of one side once, then forks a worker for each job.

Run as `python -m tfjax.transpiler.verify.zygote MODULE`, where MODULE is the worker's. Jobs come in
on standard input, one path of a job file a line; events go out on standard output, one JSON list a
line:

    ["ready"]           the imports are done
    ["started", JOB, PID]     ["ended", JOB, STATUS]

A job runs in a process and process group of its own, so that nothing that user code does to its
process reaches the next job. Neither TensorFlow nor JAX may have run anything before the fork:
only imports happen here.
"""
# pyright: basic

from __future__ import annotations

import importlib
import json
import os
import selectors
import signal
import sys
import tempfile
from pathlib import Path

PRELOADED = {
    "oracle_worker": ("tensorflow", ".source_env", ".oracle_hooks", ".oracle_run", ".oracle_tree"),
    "observe_worker": ("tensorflow", ".source_env", ".oracle_inputs"),
    "probe_worker": ("tensorflow", ".source_env", ".oracle_run", ".probe_values"),
    "jax_worker": ("flax.nnx", "jax.export", ".jax_compare", ".pairing"),
}
_POLL_S = 0.02


def main() -> None:
    name = sys.argv[1]
    events = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what imports print goes to the log
    worker = importlib.import_module(f".{name}", __package__)
    for module in PRELOADED[name]:
        importlib.import_module(module, __package__ if module.startswith(".") else None)
    worker.preload()
    print(json.dumps(["ready"]), file=events)
    _serve(worker, events)


def _serve(worker, events) -> None:
    running: dict[int, str] = {}
    waiting = b""
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    while True:
        if selector.select(_POLL_S if running else None):
            data = os.read(0, 1 << 16)
            if not data:
                break
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                job = line.decode()
                pid = fork(worker, job, events)
                running[pid] = job
                print(json.dumps(["started", job, pid]), file=events)
        while running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            if pid in running:
                code = os.waitstatus_to_exitcode(status)
                print(json.dumps(["ended", running.pop(pid), code]), file=events)
    for pid in running:  # the verifier is gone: nothing outlives it
        os.killpg(pid, signal.SIGKILL)


def fork(worker, job: str, events) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:  # the child never leaves this block
        os.setpgid(0, 0)
        os.close(events.fileno())
        folder = Path(job).parent
        null = os.open(os.devnull, os.O_RDONLY)
        log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for source, target in ((null, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.chdir(folder / "cwd")
        os.environ |= {"HOME": os.getcwd(), "TMPDIR": os.getcwd()}
        tempfile.tempdir = None  # what the imports found is not writable in the sandbox
        sys.argv = ["case"]
        worker.start(Path(job))
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
