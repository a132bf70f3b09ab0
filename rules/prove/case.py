"""One proof case: source text over named arrays, and how it is to be compared."""
# pyright: basic

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .receivers import MUTABLE


@dataclass(slots=True)
class Case:
    """`text` mentions the names of `arrays`; for a layer it makes the layer, `inputs` are the
    names it is applied to and `call` its call arguments as text. `merge`: the inputs are one list.

    `style` says what the arrays hold (see `arrays.STYLES`). `jit`: the result's shape does not
    depend on data. `tolerance` widens the comparison for a fixed case whose reason is in its table.
    `facts`: the translation must know dtypes and shapes. `moving`: the statistics of a layer are
    compared after a step. `kind` is that of the record. `variables` are inputs that are variables.
    """

    text: str
    arrays: dict[str, np.ndarray]
    keras: str = "keras3"
    owner: str = ""
    style: str = "general"
    random: bool = False
    inputs: tuple[str, ...] = ()
    call: dict[str, str] = field(default_factory=dict[str, str])
    merge: bool = False
    jit: bool = True
    grad: bool = True
    gives: bool = True
    moving: bool = True
    facts: bool = False
    tolerance: float = 0.0
    optional: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    kind: str = "rule"

    @property
    def receiver(self) -> str:
        """The name of what a member is looked up on."""
        return self.text.partition(".")[0] if self.owner else ""

    @property
    def mutable(self) -> tuple[str, ...]:
        """The names of what calls may change."""
        return (self.receiver, *self.variables) if self.owner in MUTABLE else self.variables

    def owner_of(self, name: str) -> str:
        """The class of a named input; "" for a plain array."""
        if name in self.variables:
            return "tf.Variable"
        return self.owner if name == self.receiver else ""

    @property
    def is_layer(self) -> bool:
        return bool(self.inputs) and self.kind != "metric"

    def shown(self) -> str:
        """The case as a person would write it."""
        if not self.inputs:
            return self.text
        names = ", ".join(self.inputs)
        given = "".join(f", {k}={v}" for k, v in self.call.items())
        return f"{self.text}({f'[{names}]' if self.merge else names}{given})"

    def mark(self) -> str:
        """Equal for equal cases."""
        state = hashlib.sha256(f"{self.shown()} {self.style}".encode())
        for name, array in self.arrays.items():
            state.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
        return state.hexdigest()

    def bindings(self) -> dict[str, str]:
        """The arrays that the case uses, as text."""
        return {name: show_array(array) for name, array in self.arrays.items()}


def show_array(array: Any) -> str:
    """`float32[2, 3] [[...]]`, long arrays by shape alone."""
    array = np.asarray(array)
    sizes = ", ".join(map(str, array.shape))
    text = f"{array.dtype}[{sizes}]"
    if array.size > 24:
        return text
    return f"{text} {array.tolist()}"
