"""Records of the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from .signature import Signature, parse_signature

Flavour = Literal["keras2", "keras3"]
SymbolKind = Literal[
    "function",
    "class",
    "constant",
    "dtype",
    "module",
    "method",
    "classmethod",
    "staticmethod",
    "property",
]
FLAVOURS: tuple[Flavour, ...] = ("keras2", "keras3")


@dataclass(frozen=True, slots=True)
class Symbol:
    """One API symbol.

    `bases` are the public ancestors in method resolution order; `signature` is that of the call
    (constructors and methods without `self`), None where there is none or it is not known;
    `value` is the literal of a constant; `flavours` is empty for symbols outside Keras.
    """

    name: str
    kind: SymbolKind
    signature: Signature | None = None
    bases: tuple[str, ...] = ()
    value: str | None = None
    flavours: tuple[Flavour, ...] = ()

    @property
    def base(self) -> str | None:
        return self.bases[0] if self.bases else None

    @property
    def leaf(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def is_callable(self) -> bool:
        return self.kind in ("function", "class", "method", "classmethod", "staticmethod")


def decode(name: str, fields: list[str], flavours: tuple[Flavour, ...] = ()) -> Symbol:
    """The symbol of a table row: fields kind, bases, text (signature or value)."""
    kind, bases, text = fields
    is_call = text.startswith("(") and kind not in ("constant", "dtype", "property")
    return Symbol(
        name=name,
        kind=cast(SymbolKind, kind),
        signature=parse_signature(text) if is_call else None,
        bases=tuple(bases.split()),
        value=None if is_call or not text else text,
        flavours=flavours,
    )
