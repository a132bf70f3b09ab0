"""Questions to the source's side, and its answers: files in two folders, see `oracle_search`."""
# pyright: basic

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .tensors import load_tensors, save_tensors

_WAIT_S = 240.0
_POLL_S = 0.01


@dataclass
class Exchange:
    """Files to and from the source's side."""

    asks: Path
    answers: Path
    number: int = 0

    def ask(self, arrays: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None for a point that the source does not take. Raises TimeoutError."""
        self.asks.mkdir(exist_ok=True)
        part = self.asks / f"{self.number}.part"
        save_tensors(part, arrays)
        part.rename(self.asks / f"{self.number}.safetensors")
        answer = self.answers / f"{self.number}.safetensors"
        until = time.monotonic() + _WAIT_S
        while not answer.exists():
            if time.monotonic() > until or (self.answers.parent / "result.json").exists():
                raise TimeoutError("the source's side does not answer")
            time.sleep(_POLL_S)
        self.number += 1
        found = load_tensors(answer)
        return None if "error" in found else found
