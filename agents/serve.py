"""Starts a vLLM server for a local model and waits until it is healthy.

The flags that matter on a CPU: eager mode, one process (the second one spins on two cores), a
context no longer than prompts need, and a grammar backend that cannot loop on white space.
https://docs.vllm.ai/en/latest/cli/serve.html
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

HOST = "127.0.0.1"


class ServeError(Exception):
    """The server did not come up: the reason, and the end of its log."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """`model`: a folder of weights; `python`: an interpreter with vLLM; `context` in tokens."""

    model: Path
    port: int = 8103
    name: str = "coder"
    device: str = "auto"
    context: int = 4096
    python: str = sys.executable
    wait_seconds: float = 600.0
    extra: tuple[str, ...] = ()


def has_gpu() -> bool:
    """Whether an NVIDIA GPU is at hand, as far as its tools tell."""
    return shutil.which("nvidia-smi") is not None and Path("/dev/nvidiactl").exists()


def command(options: ServeOptions) -> list[str]:
    """The server's command line. The module, not the script: it works for every build of vLLM."""
    gpu = options.device == "gpu" or (options.device == "auto" and has_gpu())
    structured = {"backend": "xgrammar", "disable_any_whitespace": True}
    words = [options.python, "-m", "vllm.entrypoints.openai.api_server"]
    words += ["--model", str(options.model), "--served-model-name", options.name]
    words += ["--host", HOST, "--port", str(options.port)]
    words += ["--max-model-len", str(options.context), "--enable-prefix-caching"]
    words += ["--structured-outputs-config", json.dumps(structured)]
    if not gpu:
        words += ["--enforce-eager", "--dtype", "bfloat16", "--max-num-seqs", "16"]
        # A prompt that is read in parts ends a CPU's engine where requests have seeds (0.32).
        words += ["--no-enable-chunked-prefill"]
    return [*words, *options.extra]


def environment(options: ServeOptions) -> dict[str, str]:
    """The server's environment: offline, nothing reported, no second process on a CPU."""
    env = dict(os.environ)
    env |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    env |= {"DO_NOT_TRACK": "1"}
    if options.device == "cpu" or (options.device == "auto" and not has_gpu()):
        env |= {"VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
    return env


def start(options: ServeOptions, log: Path) -> subprocess.Popen[bytes]:
    """The healthy server. Raises ServeError."""
    check(options)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command(options),
            env=environment(options),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + options.wait_seconds
    while not healthy(options.port):
        status = process.poll()
        if status is not None:
            raise ServeError(f"the server ended with status {status}\n{_tail(log)}")
        if time.monotonic() > deadline:
            stop(process)
            raise ServeError(f"not healthy after {options.wait_seconds:g} s\n{_tail(log)}")
        time.sleep(1.0)
    return process


def check(options: ServeOptions) -> None:
    """Raises ServeError for what can be known before the start."""
    if not (options.model / "config.json").is_file():
        raise ServeError(f"{options.model} is no folder of a model: it has no config.json")
    if options.python == sys.executable and importlib.util.find_spec("vllm") is None:
        raise ServeError("vLLM is not installed here; --python names an interpreter that has it")
    if healthy(options.port):
        raise ServeError(f"port {options.port} is taken by another server")


def healthy(port: int) -> bool:
    try:
        reply = httpx.get(f"http://{HOST}:{port}/health", timeout=5.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return reply.status_code == 200


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the server and what it started."""
    for number, seconds in ((signal.SIGTERM, 20.0), (signal.SIGKILL, 20.0)):
        try:
            os.killpg(process.pid, number)
            process.wait(seconds)
            return
        except ProcessLookupError:
            process.wait()
            return
        except subprocess.TimeoutExpired:
            continue


def _tail(log: Path, lines: int = 15) -> str:
    text: Sequence[str] = log.read_text("utf-8", "replace").splitlines()
    return "\n".join(text[-lines:])
