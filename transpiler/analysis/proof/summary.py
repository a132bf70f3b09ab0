"""What all calls of a function together say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ....ir.nodes import ClassDef, FunctionDef
from ..conflicts import Need
from ..definitions import is_keras
from ..structures import leaves
from ..text import type_text
from ..values import Const, Graph, Instance, Size, Stack, Tensor, Value
from .claims import Claim
from .compare import Finding, has_lost, worst
from .entries import Entry
from .pairs import Pair
from .types import array_types


@dataclass(frozen=True, slots=True)
class Followed:
    """A run of the source: its result, what it asks of sizes, and what it takes for granted."""

    result: Value
    needs: tuple[Need, ...]
    assumptions: tuple[str, ...]


def speaks(value: Value) -> bool:
    """Whether the result says something of tensors that could be compared."""
    return any(map(_speaks, leaves(value)))


def _speaks(leaf: Value | None) -> bool:
    match leaf:
        case Tensor() | Graph():
            return True
        case Stack(cell=cell):
            return isinstance(cell.get("output"), Tensor)
        case Instance(cls, attributes) if not is_keras(cls):
            return any(isinstance(v, Tensor) for a in attributes.values() for v in leaves(a))
        case _:
            return False


def is_complete(value: Value) -> bool:
    """Whether all ranks and sizes are known."""
    return all(map(_is_complete, leaves(value)))


def _is_complete(leaf: Value | None) -> bool:
    match leaf:
        case Tensor(dims=dims):
            return dims is not None and not any(map(has_lost, dims))
        case Const() | Size() | Graph() | Stack():
            return True
        case Instance(cls, attributes) if not is_keras(cls):
            inner = [v for a in attributes.values() for v in leaves(a)]
            return all(not isinstance(v, Instance) and _is_complete(v) for v in inner)
        case _:
            return False


def summary(
    pair: Pair,
    name: str,
    target: str,
    node: FunctionDef | ClassDef | None,
    found: Sequence[tuple[Entry, Finding, Followed]],
) -> Claim:
    """All calls together. Guessed ranks that say nothing do not count where another does."""
    settled = [f for f in found if f[1].verdict != "unknown" or not f[0].guess or f[1].doubtful]
    used = settled or list(found[:1])
    whole = worst([finding for _, finding, _ in used])
    entry, _, followed = next((f for f in used if f[1].verdict == whole.verdict), used[0])
    guessed = dict.fromkeys(t for e, _, _ in used for t in (e.guess, *e.taken) if t)
    texts = [f"taken: {'; '.join(guessed)}"] if guessed else []
    texts += [f"needs {a}" for _, _, run in used for a in run.assumptions]
    texts += [a for _, finding, _ in used for a in finding.assumptions]
    return Claim(
        pair.module,
        name,
        target,
        None if node is None else node.span,
        whole.verdict,
        whole.dtype,
        whole.reason,
        tuple(dict.fromkeys(texts)),
        whole.example,
        ", ".join(f"{k}: {t}" for k, v in entry.given.items() if (t := type_text(v))),
        type_text(followed.result) or "",
        *array_types([(e.given, run.result) for e, _, run in used if not e.guess]),
        called=any(e.called for e, _, _ in used),
    )
