"""What a run may spend: tokens, seconds, requests."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from .messages import Model, Request, Response


class Spent(Exception):
    """A budget is used up."""


@dataclass(slots=True)
class Budget:
    """None: without limit. `seconds` counts from the making of the object."""

    tokens: int | None = None
    seconds: float | None = None
    requests: int | None = None
    used_tokens: int = 0
    used_requests: int = 0
    started: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raises Spent."""
        if self.tokens is not None and self.used_tokens >= self.tokens:
            raise Spent(f"the budget of {self.tokens} tokens is used up")
        if self.seconds is not None and time.monotonic() - self.started >= self.seconds:
            raise Spent(f"the budget of {self.seconds:g} s is used up")
        if self.requests is not None and self.used_requests >= self.requests:
            raise Spent(f"the budget of {self.requests} requests is used up")

    def add(self, response: Response) -> None:
        self.used_tokens += response.prompt_tokens + response.completion_tokens
        self.used_requests += 1


class BudgetedModel:
    """A model that stops answering when the budget is used up."""

    def __init__(self, model: Model, budget: Budget) -> None:
        self._model, self.budget = model, budget

    @property
    def name(self) -> str:
        return self._model.name

    async def answer(self, request: Request) -> Response:
        """Raises Spent, ModelError."""
        self.budget.check()
        response = await self._model.answer(request)
        self.budget.add(response)
        return response

    async def close(self) -> None:
        await self._model.close()
