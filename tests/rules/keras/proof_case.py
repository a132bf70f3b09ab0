"""What a proof of a rule runs: a table entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BOTH = ("keras2", "keras3")


@dataclass(frozen=True, slots=True)
class Case:
    """`layer` is source text; `inputs` are shapes, or `("int", shape, below)`; `call` are call
    arguments as text.

    `target` is the expected constructor text (or, for a layer without one, the expected call),
    checked when given.
    A `merge` layer takes its inputs as one list. `gradients` compares them for inputs and weights.
    """

    layer: str
    inputs: tuple[object, ...]
    target: str | None = None
    flavours: tuple[str, ...] = BOTH
    call: Mapping[str, str] = field(default_factory=dict[str, str])
    merge: bool = False
    gradients: bool = False
    tolerance: float = 1e-5


def case(layer: str, *inputs: object, **options: object) -> Case:
    """`inputs`: one shape, or several."""
    return Case(layer, inputs, **options)  # pyright: ignore
