"""What was found out about a function and its translation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ....ir.span import Span

Verdict = Literal["proved", "refuted", "unknown"]
DtypeVerdict = Literal["equal", "x64", "differs", "unknown"]
VERDICTS: tuple[Verdict, ...] = ("proved", "unknown", "refuted")


@dataclass(frozen=True, slots=True)
class ArrayType:
    """A dtype, and sizes: numbers, names, and "_" for what is neither."""

    dtype: str
    sizes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """`name` in the source, `target` in the translation.

    "proved": for all sizes under `assumptions` the results have the same structure, ranks, sizes
    and dtypes; "refuted": they differ, for the sizes of `example` if it depends on them, as
    `reason` says; "unknown": for the reason given. `dtype` "x64": equal but for 64-bit types,
    which JAX narrows unless told otherwise. `inputs` and `result` are types in words.
    """

    module: str
    name: str
    target: str
    span: Span | None
    verdict: Verdict
    dtype: DtypeVerdict
    reason: str = ""
    assumptions: tuple[str, ...] = ()
    example: Mapping[str, int] = field(default_factory=dict[str, int])
    inputs: str = ""
    result: str = ""
    # Where the calls are known: types of parameters (by name, or by place) and of the result.
    types: Mapping[str | int, ArrayType] = field(default_factory=dict["str | int", ArrayType])
    gives: ArrayType | None = None
    # Whether something tells what it is called with: a call in the program, or a signature.
    called: bool = True


@dataclass(frozen=True, slots=True)
class Proof:
    """All claims; `seconds` is what they took beyond the analysis of the source."""

    claims: tuple[Claim, ...]
    seconds: float = 0.0

    def of_module(self, module: str) -> tuple[Claim, ...]:
        return tuple(c for c in self.claims if c.module == module)

    def uncalled(self) -> int:
        """How many are unknown of which nothing tells how they are called."""
        return sum(c.verdict == "unknown" and not c.called for c in self.claims)

    def counts(self) -> dict[Verdict, int]:
        found: dict[Verdict, int] = dict.fromkeys(VERDICTS, 0)
        for claim in self.claims:
            found[claim.verdict] += 1
        return found
