"""An OpenAI-compatible server, such as vLLM's (`/v1/chat/completions`).

https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx

from .messages import ModelError, Request, Response, Sample

RETRIED = (408, 409, 425, 429, 500, 502, 503, 504)
PROBE: Mapping[str, Any] = {
    "type": "object",
    "properties": {"word": {"type": "string", "enum": ["quince"]}},
    "required": ["word"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """`tries` in all, `seconds` for one; waits of `pause`, twice as long each time, up to `most`,
    with jitter so that clients do not come back together."""

    tries: int = 5
    seconds: float = 600.0
    pause: float = 0.5
    most: float = 20.0


class HttpModel:
    """`endpoint` is the server's base address, with or without `/v1`. At most `concurrent` requests
    at a time. Nothing else is ever contacted: proxies and redirects are not followed."""

    def __init__(
        self,
        endpoint: str,
        model: str | None = None,
        patience: Patience = Patience(),
        concurrent: int = 4,
        key: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        base = endpoint.rstrip("/").removesuffix("/v1") + "/v1"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(
            base_url=base,
            timeout=patience.seconds,
            headers=headers,
            transport=transport,
            trust_env=False,
            follow_redirects=False,
        )
        self._endpoint = base
        self._model = model
        self._patience = patience
        self._slots = asyncio.Semaphore(concurrent)

    @property
    def name(self) -> str:
        return self._model or self._endpoint

    async def answer(self, request: Request) -> Response:
        """Raises ModelError when the server gives no answer within the retries."""
        async with self._slots:
            model = await self._model_name()
            start = time.monotonic()
            data = await self._post("/chat/completions", _body(request, model))
        return _response(data, model, time.monotonic() - start)

    async def honours_schemas(self) -> bool:
        """Whether the server really keeps answers to a JSON schema: some ignore the field with
        status 200. Asked with a schema that no free answer would fit."""
        from .messages import Message

        question = (Message("user", "Name a fruit in one word."),)
        request = Request(question, temperature=0.0, max_tokens=32, schema=PROBE)
        response = await self.answer(request)
        try:
            return json.loads(response.samples[0].text) == {"word": "quince"}
        except (ValueError, IndexError):
            return False

    async def close(self) -> None:
        await self._client.aclose()

    async def _model_name(self) -> str:
        if self._model is None:
            data = await self._send("GET", "/models", None)
            listed: list[dict[str, Any]] = data.get("data") or []
            if not listed:
                raise ModelError(f"{self._endpoint} serves no model", fatal=True)
            self._model = str(listed[0]["id"])
        return self._model

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._send("POST", path, body)

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        patience, pause, last = self._patience, self._patience.pause, ""
        for number in range(patience.tries):
            if number:
                # Jitter needs no secret randomness.
                await asyncio.sleep(pause * (0.5 + random.random()))
                pause = min(pause * 2, patience.most)
            try:
                reply = await self._client.request(method, path, json=body)
            except httpx.HTTPError as error:
                last = f"{type(error).__name__}: {error}".rstrip(": ")
                continue
            if reply.status_code == 200:
                try:
                    return cast("dict[str, Any]", reply.json())
                except ValueError:
                    last = "the answer is no JSON"
                    continue
            last = f"status {reply.status_code}: {reply.text[:300]}"
            if reply.status_code not in RETRIED:
                raise ModelError(f"{self._endpoint}{path}: {last}", fatal=True)
        raise ModelError(f"{self._endpoint}{path}: {last} ({patience.tries} tries)")


def _body(request: Request, model: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "n": request.n,
        "temperature": request.temperature,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
        "logprobs": True,
    }
    if request.stop:
        body["stop"] = list(request.stop)
    if request.schema is not None:
        schema = {"name": "answer", "schema": dict(request.schema), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _response(data: Mapping[str, Any], model: str, seconds: float) -> Response:
    try:
        samples = tuple(_sample(choice) for choice in data["choices"])
    except (KeyError, TypeError) as error:
        raise ModelError(f"the answer has another form: {error!r}") from error
    usage: dict[str, Any] = data.get("usage") or {}
    return Response(
        samples,
        int(usage.get("prompt_tokens") or 0),
        int(usage.get("completion_tokens") or 0),
        round(seconds, 3),
        model,
    )


def _sample(choice: Mapping[str, Any]) -> Sample:
    text = choice["message"].get("content") or ""
    logprobs: dict[str, Any] = choice.get("logprobs") or {}
    tokens: list[dict[str, Any]] = logprobs.get("content") or []
    total = sum(float(t["logprob"]) for t in tokens) if tokens else None
    return Sample(text, choice.get("finish_reason") != "length", total)
