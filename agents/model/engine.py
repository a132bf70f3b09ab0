"""vLLM's engine in this process, without a server: for batch runs on a machine with a GPU.

https://docs.vllm.ai/en/latest/serving/offline_inference.html
"""

from __future__ import annotations

import asyncio
import importlib
import time
from typing import Any

from .messages import ModelError, Request, Response, Sample


class EngineModel:
    """Loads the model at `path` when it is first asked."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._engine: Any = None
        self._vllm: Any = None
        self._lock = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._path

    async def answer(self, request: Request) -> Response:
        """Raises ModelError when vLLM is missing or cannot load the model."""
        async with self._lock:
            return await asyncio.to_thread(self._answer, request)

    def _answer(self, request: Request) -> Response:
        start = time.monotonic()
        engine, vllm = self._load()
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
        found = engine.chat([messages], settings, use_tqdm=False)[0]
        samples = tuple(
            Sample(o.text, o.finish_reason != "length", o.cumulative_logprob) for o in found.outputs
        )
        tokens = sum(len(o.token_ids) for o in found.outputs)
        seconds = round(time.monotonic() - start, 3)
        return Response(samples, len(found.prompt_token_ids or ()), tokens, seconds, self._path)

    def _load(self) -> tuple[Any, Any]:
        if self._engine is None:
            try:
                self._vllm = importlib.import_module("vllm")
                self._engine = self._vllm.LLM(model=self._path, enable_prefix_caching=True)
            except ImportError as error:
                raise ModelError("vLLM is not installed here", fatal=True) from error
            # vLLM raises errors of many kinds for a model that it cannot load.
            except Exception as error:
                raise ModelError(f"vLLM cannot load {self._path}: {error}", fatal=True) from error
        return self._engine, self._vllm

    async def close(self) -> None:
        self._engine = None
