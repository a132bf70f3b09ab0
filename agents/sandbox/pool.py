"""The two sandbox processes, from the outside: started when needed, ended when silent or dead."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Role = Literal["source", "target"]
START_SECONDS = 240.0
"""For the import of a framework on a busy machine."""
WAITING = 8.0
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT")
ANSWER_BYTES = 1 << 24


class Sandbox:
    """One worker process of a role. Its environment holds nothing of the caller's but where
    programs are, so that no secret can reach what runs in it; it works in an empty folder, and
    writes there and in `writable` only. `held`: which parts of the verifier's sandbox the kernel
    enforces on it, known once it has started."""

    def __init__(self, role: Role, writable: Path | None = None) -> None:
        self.role: Role = role
        self.held: tuple[str, ...] = ()
        self._writable = writable
        self._process: asyncio.subprocess.Process | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="tfjax-agents-")
        self._lock = asyncio.Lock()

    async def call(self, job: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The worker's answer; {"error": ...} when it died, or ran past `seconds` of the processor
        or WAITING times as long on the clock."""
        async with self._lock:
            fresh = self._process is None
            process = self._process or await self._start()
            assert process.stdin is not None and process.stdout is not None
            limit = WAITING * seconds + START_SECONDS * fresh
            try:
                process.stdin.write((json.dumps({**job, "seconds": seconds}) + "\n").encode())
                await process.stdin.drain()
                if fresh:
                    said = await asyncio.wait_for(process.stdout.readline(), limit)
                    self.held = tuple(json.loads(said)["sandbox"]) if said else ()
                line = await asyncio.wait_for(process.stdout.readline(), limit)
            except TimeoutError:
                await self._end()
                return {"error": f"ran past {seconds:g} s", "kind": "timeout"}
            except (BrokenPipeError, ConnectionResetError):
                line = b""
            if not line:
                status = await self._end()
                if status == -signal.SIGXCPU:
                    return {"error": f"ran past {seconds:g} s", "kind": "timeout"}
                return {"error": f"the process died with status {status}", "kind": "crash"}
            return json.loads(line)

    async def _start(self) -> asyncio.subprocess.Process:
        folder = Path(self._folder.name)
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env |= {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONHASHSEED": "0"}
        env |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1", "PYTHONWARNINGS": "ignore"}
        env |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        env |= {"TF_ENABLE_ONEDNN_OPTS": "0", "KERAS_BACKEND": "tensorflow"}
        env |= {"TF_USE_LEGACY_KERAS": "0", "JAX_PLATFORMS": "cpu"}
        # The compiler's optimizer costs more than the tiny programs it would speed up.
        env |= {"XLA_FLAGS": "--xla_backend_optimization_level=0"}
        log = (folder / "log.txt").open("ab")
        with log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", f"{__package__}.worker", self.role),
                *(() if self._writable is None else (str(self._writable.absolute()),)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=folder,
                env=env,
                limit=ANSWER_BYTES,
                start_new_session=True,
            )
        return self._process

    async def _end(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        await asyncio.sleep(0.1)
        status = process.returncode
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        return status

    async def close(self) -> None:
        """Ends the process and removes what it wrote."""
        await self._end()
        self._folder.cleanup()
