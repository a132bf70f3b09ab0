"""vLLM's engine in this process, without a server: for batch runs on a machine with a GPU.

https://docs.vllm.ai/en/latest/serving/offline_inference.html
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import time
from pathlib import Path
from typing import Any

from .messages import ModelError, Request, Response, Sample

CONTEXT = 4096
"""Tokens of a prompt and its answer; regions need fewer."""
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "VLLM_NO_USAGE_STATS", "DO_NOT_TRACK")


class EngineModel:
    """Loads the model in the folder `path` when it is first asked. Raises ModelError for what can
    be known before: vLLM is missing, or the folder holds no model."""

    def __init__(self, path: str) -> None:
        if importlib.util.find_spec("vllm") is None:
            hint = "install vllm here, or name a server that has it with --endpoint"
            raise ModelError("vLLM is not installed here", fatal=True, hint=hint)
        if not (Path(path) / "config.json").is_file():
            hint = "--engine takes a folder with config.json and weights"
            raise ModelError(f"{path} is no folder of a model", fatal=True, hint=hint)
        self._path = path
        self._engine: Any = None
        self._vllm: Any = None
        self._lock = asyncio.Lock()

    @property
    def name(self) -> str:
        return Path(self._path).name

    async def answer(self, request: Request) -> Response:
        """Raises ModelError when vLLM cannot load the model, or fails."""
        async with self._lock:
            return await asyncio.to_thread(self._answer, request)

    def _answer(self, request: Request) -> Response:
        engine, vllm = self._load()
        start = time.monotonic()
        options: dict[str, Any] = {}
        if request.schema is not None:
            sampling = importlib.import_module("vllm.sampling_params")
            options["structured_outputs"] = sampling.StructuredOutputsParams(
                json=dict(request.schema)
            )
        settings = vllm.SamplingParams(
            n=request.n,
            temperature=request.temperature,
            max_tokens=request.max_tokens,
            seed=request.seed,
            stop=list(request.stop) or None,
            logprobs=0,
            **options,
        )
        messages = [{"role": m.role, "content": m.content} for m in request.messages]
        try:
            found = engine.chat([messages], settings, use_tqdm=False)[0]
        # A prompt that is too long, a schema that cannot be compiled, a device without memory.
        except Exception as error:
            raise ModelError(f"vLLM fails: {type(error).__name__}: {error}") from error
        samples = tuple(
            Sample(o.text, o.finish_reason != "length", o.cumulative_logprob) for o in found.outputs
        )
        tokens = sum(len(o.token_ids) for o in found.outputs)
        seconds = round(time.monotonic() - start, 3)
        return Response(samples, len(found.prompt_token_ids or ()), tokens, seconds, self.name)

    def _load(self) -> tuple[Any, Any]:
        if self._engine is None:
            os.environ.update(dict.fromkeys(OFFLINE, "1"))
            try:
                self._vllm = importlib.import_module("vllm")
                self._engine = self._vllm.LLM(
                    model=self._path,
                    max_model_len=CONTEXT,
                    enable_prefix_caching=True,
                    # On a CPU, a prompt read in parts ends the engine where requests have seeds.
                    enable_chunked_prefill=False,
                    disable_log_stats=True,
                )
            # vLLM raises errors of many kinds for what it cannot load, or has no memory for.
            except Exception as error:
                text = f"vLLM cannot load {self._path}: {type(error).__name__}: {error}"
                raise ModelError(text, fatal=True) from error
        return self._engine, self._vllm

    async def close(self) -> None:
        self._engine = None
