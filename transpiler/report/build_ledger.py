"""The ledger of one file: where the emitter put each statement, and what the stages say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...ir.nodes import Import, Module, Statement
from ...ir.span import Span
from ..emit import Emitted
from ..emit.blocks import bodies
from ..staging.project import Translation
from .ledger import LedgerEntry, LedgerKind

_LINE_END = re.compile(r"\r\n|\r|\n")


def statements_of(module: Module) -> list[Statement]:
    """Every statement of a source tree, outer ones first."""
    return list(_statements(module.body))


def build_ledger(
    path: str,
    module: Module,
    text: str,
    emitted: Emitted,
    translations: Sequence[Translation],
    passes: Mapping[Span, str],
) -> tuple[LedgerEntry, ...]:
    """One entry for each statement of the source tree, and one more for each further place and
    each further outcome inside it.

    `passes`: the structural pass responsible for each definition that has one, by its span.
    """
    if emitted.text == text and not translations:
        statements = (s.span for s in _statements(module.body))
        return tuple(LedgerEntry(path, s, "kept", "source", s) for s in statements if s is not None)
    return tuple(_Builder(path, text, emitted, passes).entries(module, translations))


def _statements(body: Sequence[Statement]) -> Iterator[Statement]:
    for statement in body:
        yield statement
        for inner in bodies(statement):
            yield from _statements(inner)


@dataclass(slots=True)
class _Owned:
    """A statement, the pass of the definition around it, and what was said of its own parts."""

    node: Statement
    span: Span
    owner: str | None
    said: list[Translation] = field(default_factory=list[Translation])


class _Builder:
    def __init__(self, path: str, text: str, emitted: Emitted, passes: Mapping[Span, str]) -> None:
        self.path, self.passes = path, passes
        self.source, self.target = _LINE_END.split(text), _LINE_END.split(emitted.text)
        self.places: dict[Span, list[Span]] = {}
        for entry in emitted.line_map:
            if entry.span is not None:
                last = self.target[entry.last - 1] if entry.last <= len(self.target) else ""
                place = Span(entry.first, 0, entry.last, len(last))
                self.places.setdefault(entry.span, []).append(place)

    def entries(self, module: Module, translations: Sequence[Translation]) -> Iterator[LedgerEntry]:
        owned = list(self._owned(module.body, None))
        _assign(owned, translations)
        for one in owned:
            yield from self._entries_of(one)

    def _owned(self, body: Sequence[Statement], owner: str | None) -> Iterator[_Owned]:
        for node in body:
            inner = owner
            if node.span is not None:
                inner = self.passes.get(node.span, owner)
                yield _Owned(node, node.span, inner)
            for block in bodies(node):
                yield from self._owned(block, inner)

    def _entries_of(self, one: _Owned) -> Iterator[LedgerEntry]:
        places = self.places.get(one.span, [])
        by_kind: dict[str, list[Translation]] = {}
        for said in one.said:
            by_kind.setdefault(said.kind, []).append(said)
        for said in dict.fromkeys(by_kind.get("unhandled", ())):
            target = places[0] if places else None
            yield LedgerEntry(
                self.path, said.span, "unhandled", said.by, target, said.note, said.code
            )
        if not places:
            yield self._without_place(one, by_kind)
            return
        first, *further = places
        kind, by = self._kind(one, first, by_kind)
        notes = [t.note for t in one.said if t.note and t.kind != "unhandled"]
        yield LedgerEntry(
            self.path, one.span, kind, by, first, "; ".join(dict.fromkeys(notes)) or None
        )
        for place in further:
            yield LedgerEntry(self.path, one.span, "moved", by, place)

    def _without_place(self, one: _Owned, by_kind: Mapping[str, list[Translation]]) -> LedgerEntry:
        dropped = by_kind.get("dropped", [])
        notes = "; ".join(dict.fromkeys(t.note for t in dropped if t.note)) or None
        if isinstance(one.node, Import):
            note = notes or "nothing in the output uses it"
            by = _authors(dropped) or "imports"
            return LedgerEntry(self.path, one.span, "dropped", by, None, note)
        done = [t for t in one.said if t.kind in ("translated", "kept")]
        by = _authors(done) or _authors(dropped) or one.owner or "staging"
        if done or self._lives_on(one.node):
            # What it holds is in the statements that were made of it.
            return LedgerEntry(self.path, one.span, "moved", by, None, notes)
        return LedgerEntry(self.path, one.span, "dropped", by, None, notes)

    def _lives_on(self, node: Statement) -> bool:
        """Whether something inside of a block has a place, although the block has none."""
        inner = (s for body in bodies(node) for s in _statements(body))
        return any(s.span in self.places for s in inner if s.span is not None)

    def _kind(
        self, one: _Owned, place: Span, by_kind: Mapping[str, list[Translation]]
    ) -> tuple[LedgerKind, str]:
        if self._is_kept(one.span, place):
            return "kept", "source"
        by = _authors([*by_kind.get("translated", ()), *by_kind.get("kept", ())])
        by = by or _authors(by_kind.get("dropped", ())) or one.owner or "staging"
        return "translated", by

    def _is_kept(self, span: Span, place: Span) -> bool:
        """The same text, perhaps at another indentation, without comments around it."""
        first, last = span.start_line - 1, span.end_line
        if last - first != place.end_line - place.start_line + 1:
            return False
        old = self.source[first:last]
        new = self.target[place.start_line - 1 : place.end_line]
        if last - first == 1:
            return old[0][span.start_column : span.end_column] in new[0]
        return all(a.strip() == b.strip() for a, b in zip(old, new, strict=True))


def _assign(owned: Sequence[_Owned], translations: Sequence[Translation]) -> None:
    """Gives each translation to the innermost statement around its span."""
    ordered = sorted(owned, key=lambda one: (_start(one.span), _after(one.span)))
    waiting = sorted(dict.fromkeys(translations), key=lambda t: _start(t.span))
    stack: list[_Owned] = []
    at = 0
    for said in waiting:
        while at < len(ordered) and _start(ordered[at].span) <= _start(said.span):
            stack.append(ordered[at])
            at += 1
        while stack and _end(stack[-1].span) < _end(said.span):
            stack.pop()
        # Decorators stand before the span of their statement.
        owner = stack[-1] if stack else ordered[at] if at < len(ordered) else None
        if owner is not None:
            owner.said.append(said)


def _start(span: Span) -> tuple[int, int]:
    return span.start_line, span.start_column


def _end(span: Span) -> tuple[int, int]:
    return span.end_line, span.end_column


def _after(span: Span) -> tuple[int, int]:
    return -span.end_line, -span.end_column


def _authors(translations: Sequence[Translation]) -> str:
    return ", ".join(dict.fromkeys(t.by for t in translations))
