"""Recordings of answers: a model that needs no model, and one that records another."""

from __future__ import annotations

import json
from pathlib import Path

from .messages import Model, ModelError, Request, Response


class ReplayModel:
    """Answers from a file of recordings, a JSON object a line: {"key", "request", "response"}."""

    def __init__(self, path: Path) -> None:
        """Raises ModelError for a file that cannot be read."""
        self._path = path
        self._found: dict[str, Response] = {}
        try:
            lines = path.read_text("utf-8").splitlines()
            for line in lines:
                data = json.loads(line)
                self._found[data["key"]] = Response.from_json(data["response"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} holds no recordings: {error}", fatal=True) from error

    @property
    def name(self) -> str:
        return f"recordings in {self._path.name}"

    async def answer(self, request: Request) -> Response:
        """Raises ModelError for a request that was not recorded."""
        if request.key not in self._found:
            raise ModelError(f"{self._path.name} has no answer to this request", fatal=True)
        return self._found[request.key]

    async def close(self) -> None:
        pass


class RecordingModel:
    """Passes requests on and appends the answers to a file; asks nothing twice."""

    def __init__(self, model: Model, path: Path) -> None:
        self._model, self._path = model, path
        self._known = ReplayModel(path) if path.exists() else None

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
