"""The checklist of an output, from the compiler's own facts: what must be there, item by item.

Items come from the source tree (definitions, layers, losses, metrics, regularizers, other API
calls); whether an item is met is read from the ledger. Judges that are models get the items and the
output, never the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..ir.nodes import ClassDef, FunctionDef, Module, Node, OpCall, children
from ..ir.span import Span
from ..transpiler.report import LedgerEntry

KINDS = (
    ("keras.layers.", "layer"),
    ("keras.losses.", "loss"),
    ("keras.metrics.", "metric"),
    ("keras.regularizers.", "regularizer"),
    ("keras.optimizers.", "optimizer"),
    ("keras.initializers.", "initializer"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """`text` says what must be there without quoting the source; `met` is the ledger's verdict."""

    number: int
    kind: str
    text: str
    met: bool
    path: str
    line: int


def checklist(
    modules: Mapping[str, Module], ledgers: Mapping[str, Sequence[LedgerEntry]]
) -> list[Item]:
    """`modules`: source trees; `ledgers`: the entries of each module."""
    items: list[Item] = []
    for name, module in modules.items():
        entries = ledgers.get(name, ())
        for kind, text, span in _facts(module, ()):
            met = _met(span, entries)
            items.append(Item(len(items) + 1, kind, text, met, module.path, span.start_line))
    return items


def _facts(node: Node, scope: tuple[str, ...]) -> Iterator[tuple[str, str, Span]]:
    for child in children(node):
        inner = scope
        match child:
            case FunctionDef(name=name, span=Span() as span):
                inner = (*scope, name)
                if not name.startswith("__"):
                    yield "definition", f"a function or method `{name}`{_where(scope)}", span
            case ClassDef(name=name, span=Span() as span):
                inner = (*scope, name)
                yield "definition", f"a class `{name}`", span
            case OpCall(symbol=symbol, span=Span() as span):
                kind = next((k for prefix, k in KINDS if symbol.startswith(prefix)), "call")
                yield kind, f"what `{symbol.rpartition('.')[2]}` does{_where(scope)}", span
            case _:
                pass
        yield from _facts(child, inner)


def _where(scope: tuple[str, ...]) -> str:
    return f" in `{'.'.join(scope)}`" if scope else ""


def _met(span: Span, entries: Sequence[LedgerEntry]) -> bool:
    """Whether nothing inside the span is unhandled, and something in the output stands for it."""
    held = [e for e in entries if _meet(e.span, span)]
    inside = [e for e in held if e.kind == "unhandled" and _within(e.span, span)]
    exact = [e for e in held if e.kind == "unhandled" and _within(span, e.span)]
    whole = bool(exact) and all(e.span == span for e in exact)
    return bool(held) and not inside and not whole


def _meet(a: Span, b: Span) -> bool:
    return a.start_line <= b.end_line and b.start_line <= a.end_line


def _within(inner: Span, outer: Span) -> bool:
    start = (outer.start_line, outer.start_column) <= (inner.start_line, inner.start_column)
    return start and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
