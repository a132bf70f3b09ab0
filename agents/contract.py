"""What a region promises to its surroundings: the contract that a candidate has to fulfil."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

ValueKind = Literal["tensor", "static", "unknown"]


@dataclass(frozen=True, slots=True)
class Operand:
    """One live-in: the parameter `name`, how the code around it spells it, and what the analysis
    knows of it. `shape` holds sizes and names of sizes, None where the rank is unknown."""

    name: str
    spelling: str
    kind: ValueKind = "unknown"
    dtype: str | None = None
    shape: tuple[int | str, ...] | None = None

    def shown(self) -> str:
        """`x: float32[B, 28, 28]`, as prompts have it."""
        if self.kind == "static":
            return f"{self.name}: Python value"
        sizes = "..." if self.shape is None else ", ".join(map(str, self.shape))
        return f"{self.name}: {self.dtype or 'array'}[{sizes}]"


@dataclass(frozen=True, slots=True)
class Region:
    """A place that nothing translates, as a pure function of its operands.

    `body` is the TensorFlow expression over the operands, `symbols` the API symbols in it,
    `snippet` the source lines around it. `refusal` says why no agent may try, empty where one may.
    """

    key: str
    module: str
    path: str
    line: int
    scope: tuple[str, ...]
    code: str
    message: str
    keras: str
    operands: tuple[Operand, ...]
    body: str
    symbols: tuple[str, ...]
    snippet: str
    refusal: str = ""

    @property
    def signature(self) -> str:
        return f"def region({', '.join(one.name for one in self.operands)}):"

    @property
    def source(self) -> str:
        """The TensorFlow function that a candidate has to equal."""
        return f"{self.signature}\n    return {self.body}\n"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Region:
        operands = tuple(
            Operand(**(one | {"shape": None if one["shape"] is None else tuple(one["shape"])}))
            for one in data["operands"]
        )
        read: dict[str, Any] = {
            **data,
            "operands": operands,
            "scope": tuple(data["scope"]),
            "symbols": tuple(data["symbols"]),
        }
        return Region(**read)
