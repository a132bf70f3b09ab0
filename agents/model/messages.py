"""What is asked of a model and what comes back, whatever the back end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """`n` samples of a continuation. `schema`: the answer is JSON of this JSON schema, enforced by
    the server. The parts that many requests share stand first in `messages`, so that the server's
    prefix cache holds them."""

    messages: tuple[Message, ...]
    n: int = 1
    temperature: float = 0.8
    max_tokens: int = 512
    seed: int = 0
    stop: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def key(self) -> str:
        """Equal for equal requests: what recordings are found by."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Sample:
    """One continuation. `logprob`: the sum over its tokens, where the server tells. `finished` is
    false for one that was cut at `max_tokens`."""

    text: str
    finished: bool = True
    logprob: float | None = None


@dataclass(frozen=True, slots=True)
class Response:
    samples: tuple[Sample, ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    model: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Response:
        samples = tuple(Sample(**one) for one in data["samples"])
        read: dict[str, Any] = {**data, "samples": samples}
        return Response(**read)


class ModelError(Exception):
    """The model gave no answer: no server, a refusal, or nothing within the retries.

    `fatal`: asking again cannot help (wrong address, unknown model, no recording). `hint`: what to
    do about it."""

    def __init__(self, message: str, fatal: bool = False, hint: str = "") -> None:
        super().__init__(message)
        self.fatal, self.hint = fatal, hint


class Model(Protocol):
    """Answers requests. Raises ModelError."""

    @property
    def name(self) -> str: ...

    async def answer(self, request: Request, /) -> Response: ...

    async def close(self) -> None: ...
