"""Recorded answers by task, variant and round, so that they stay usable when a prompt changes.

Each line of the file is a JSON object: {"task", "variant", "round", "model", "samples",
"prompt_tokens", "completion_tokens", "seconds"}. Fewer samples than recorded may be asked for:
those of one request are drawn independently; the first ones are what a smaller request gives.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfjax.agents.coder import ROUNDS
from tfjax.agents.model.messages import Model, ModelError, Request, Response, Sample

from .tasks import Task


@dataclass(slots=True)
class Answers:
    """A model that answers a task's rounds from a file. With `model`, what is missing is asked
    there and appended. Raises ModelError for a file that holds no answers."""

    path: Path
    tasks: Sequence[Task]
    variant: str
    model: Model | None = None
    _known: dict[tuple[str, str, int], dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self._known = {}
        try:
            lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
            for entry in map(json.loads, lines):
                self._known[entry["task"], entry["variant"], entry["round"]] = entry
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{self.path} holds no answers: {error}", fatal=True) from error

    def has(self, task: Task) -> bool:
        """Whether the first round of the task is on record."""
        return (task.name, self.variant, 0) in self._known

    @property
    def name(self) -> str:
        return self.model.name if self.model is not None else f"answers in {self.path.name}"

    async def answer(self, request: Request) -> Response:
        """Raises ModelError for what is not recorded, when there is no model to ask."""
        key = (self._task(request), self.variant, request.seed)
        found, first = self._known.get(key), 0
        if found is None:
            # A later wave may stand in the answer to one request for all samples.
            first, round_ = divmod(request.seed, ROUNDS)
            found = self._known.get((*key[:2], round_))
        if found is None or len(found["samples"]) < first + request.n:
            if self.model is None:
                raise ModelError(f"no answer is recorded for {key}")
            found, first = self._record(key, await self.model.answer(request)), 0
        samples = tuple(Sample(**one) for one in found["samples"][first : first + request.n])
        share = len(samples) / max(len(found["samples"]), 1)
        tokens = round(found["completion_tokens"] * share)
        return Response(samples, found["prompt_tokens"], tokens, found["seconds"], found["model"])

    def _record(self, key: tuple[str, str, int], response: Response) -> dict[str, Any]:
        entry = {
            **dict(zip(("task", "variant", "round"), key, strict=True)),
            "model": response.model,
            "samples": [{"text": s.text, "finished": s.finished} for s in response.samples],
            "prompt_tokens": response.prompt_tokens,
            "completion_tokens": response.completion_tokens,
            "seconds": response.seconds,
        }
        self._known[key] = entry
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        return entry

    def _task(self, request: Request) -> str:
        texts = [message.content for message in request.messages]
        found = [t for t in self.tasks if any(t.region.source in text for text in texts)]
        if len(found) != 1:
            raise ModelError("the request belongs to no task", fatal=True)
        return found[0].name

    async def close(self) -> None:
        if self.model is not None:
            await self.model.close()
