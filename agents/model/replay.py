"""Recordings of answers: a model that needs no model, and one that records another."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .messages import Model, ModelError, Request, Response

TASK = re.compile(r"^TensorFlow:\n```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def _region(messages: Sequence[str]) -> str:
    """The region that a conversation is about: the last one that it shows."""
    found = [text for message in messages for text in TASK.findall(message)]
    return found[-1] if found else ""


class ReplayModel:
    """Answers from a file of recordings, a JSON object a line: {"key", "request", "response"}."""

    def __init__(self, path: Path, exact: bool = False) -> None:
        """Without `exact`, a question on the same region in other words is answered, too: prompts
        change with versions, and what an answer is worth is decided by tests.

        Raises ModelError for a file that cannot be read."""
        self._path, self._exact = path, exact
        self._found: dict[str, Response] = {}
        self._alike: dict[tuple[str, int], Response] = {}
        try:
            lines = path.read_text("utf-8").splitlines()
            for line in lines:
                data = json.loads(line)
                response = Response.from_json(data["response"])
                self._found[data["key"]] = response
                request = data.get("request", {})
                region = _region([m["content"] for m in request.get("messages", ())])
                if region and request.get("schema") is None:
                    self._alike[region, request["seed"]] = response
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} holds no recordings: {error}", fatal=True) from error

    @property
    def name(self) -> str:
        return f"recordings in {self._path.name}"

    async def answer(self, request: Request) -> Response:
        """Raises ModelError for a request that was not recorded."""
        if request.key in self._found:
            return self._found[request.key]
        if not self._exact and request.schema is None:
            region = _region([message.content for message in request.messages])
            found = self._alike.get((region, request.seed))
            if found is not None and len(found.samples) >= request.n:
                return replace(found, samples=found.samples[: request.n])
        raise ModelError(f"{self._path.name} has no answer to this request", fatal=True)

    async def close(self) -> None:
        pass


class RecordingModel:
    """Passes requests on and appends the answers to a file; asks nothing twice."""

    def __init__(self, model: Model, path: Path) -> None:
        self._model, self._path = model, path
        self._known = ReplayModel(path, exact=True) if path.exists() else None

    @property
    def name(self) -> str:
        return self._model.name

    async def answer(self, request: Request) -> Response:
        if self._known is not None:
            try:
                return await self._known.answer(request)
            except ModelError:
                pass
        response = await self._model.answer(request)
        entry = {"key": request.key, "request": request.to_json(), "response": response.to_json()}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, sort_keys=True) + "\n")
        return response

    async def close(self) -> None:
        await self._model.close()
