"""Patches of `def` and `class` headers: names, parameters, bases, return annotations."""

from __future__ import annotations

from ...ir import nodes as ir
from .edits import CannotPatch, Edit
from .layout import Doc
from .lists import ListText, align, list_edits
from .patch import Patcher
from .places import Slot
from .shapes import Precedence
from .source import closing, solid, split_commas

P = Precedence
Definition = ir.FunctionDef | ir.ClassDef


def parameter_edits(
    patcher: Patcher, new: Definition, old: Definition, start: int, end: int
) -> list[Edit]:
    """The edits of the header between two offsets, which starts after the decorators."""
    text = patcher.source.text
    tokens = list(solid(text, start, end))
    at = next((i for i, t in enumerate(tokens) if t.text in ("def", "class")), -1)
    if at < 0 or at + 1 >= len(tokens):
        raise CannotPatch
    name = tokens[at + 1]
    edits: list[Edit] = []
    if new.name != old.name:
        edits.append(Edit(name.start, name.end, new.name))
    opening = tokens[at + 2] if at + 2 < len(tokens) else None
    if isinstance(new, ir.ClassDef) and isinstance(old, ir.ClassDef):
        return edits + _bases(patcher, new, old, name.end, opening.start if opening else end)
    if not isinstance(new, ir.FunctionDef) or not isinstance(old, ir.FunctionDef):
        raise CannotPatch
    if opening is None or opening.text != "(" or new.is_async != old.is_async:
        raise CannotPatch
    close = closing(text, opening.start)
    edits += _parameters(patcher, new, old, opening.end, close)
    if new.returns is not None and old.returns is not None:
        edits += patcher.child(Slot(new.returns, P.TEST), old.returns, old)
    elif new.returns is not None:
        doc = patcher.printer.doc(new.returns, inside=False)
        edits.append(Edit(close + 1, close + 1, (" -> ", doc)))
    elif old.returns is not None:
        edits.append(Edit(close + 1, end - 1, ""))
    return edits


def _bases(
    patcher: Patcher, new: ir.ClassDef, old: ir.ClassDef, name_end: int, opening: int
) -> list[Edit]:
    text = patcher.source.text
    if text[opening] != "(":
        if not new.bases:
            return []
        return [Edit(name_end, name_end, patcher.printer.arguments(new.bases))]
    close = closing(text, opening)
    if not new.bases and old.bases:
        return [Edit(opening, close + 1, "")]
    segments = split_commas(text, opening + 1, close)
    if len(segments) != len(old.bases):
        raise CannotPatch
    news = [patcher.item(a) for a in new.bases]
    olds = [patcher.item(a) for a in old.bases]
    return patcher.items(news, olds, ListText(opening + 1, close, tuple(segments)), old)


def _parameters(
    patcher: Patcher, new: ir.FunctionDef, old: ir.FunctionDef, start: int, end: int
) -> list[Edit]:
    if all(map(patcher.originals.same, new.parameters, old.parameters)) and len(
        new.parameters
    ) == len(old.parameters):
        return []
    text, printer = patcher.source.text, patcher.printer
    segments = [s for s in split_commas(text, start, end) if text[s[0] : s[1]] not in ("*", "/")]
    if len(segments) != len(old.parameters):
        raise CannotPatch
    pairs = align([(p.name, p) for p in new.parameters], [(p.name, p) for p in old.parameters])
    if pairs is None or not _kinds_agree(new, old, pairs):
        # Markers would have to move: print the list fresh.
        docs = printer.with_markers(new.parameters, [printer.parameter(p) for p in new.parameters])
        full = printer.bracketed(docs) if docs else "()"
        return [Edit(start - 1, end + 1, full)]
    edits: list[Edit] = []
    for i, j in pairs:
        edits += _parameter(patcher, new.parameters[i], old.parameters[j], segments[j])
    docs = [printer.parameter(p) for p in new.parameters]
    return edits + list_edits(patcher.source, ListText(start, end, tuple(segments)), pairs, docs)


def _kinds_agree(new: ir.FunctionDef, old: ir.FunctionDef, pairs: list[tuple[int, int]]) -> bool:
    """Do the `/` and `*` markers of the text stay right?"""
    marked = ("positional_only", "keyword_only", "varargs")
    if any(new.parameters[i].kind != old.parameters[j].kind for i, j in pairs):
        return False
    count_new = [sum(p.kind == k for p in new.parameters) for k in marked]
    count_old = [sum(p.kind == k for p in old.parameters) for k in marked]
    return count_new == count_old


def _parameter(
    patcher: Patcher, new: ir.Parameter, old: ir.Parameter, segment: tuple[int, int]
) -> list[Edit]:
    if patcher.originals.same(new, old):
        return []
    same_parts = (new.default is None) == (old.default is None) and (new.annotation is None) == (
        old.annotation is None
    )
    if not same_parts:
        return [Edit(*segment, patcher.printer.parameter(new))]
    edits: list[Edit] = []
    if new.name != old.name:
        tokens = solid(patcher.source.text, *segment)
        name = next(t for t in tokens if t.kind == "name")
        edits.append(Edit(name.start, name.end, new.name))
    for a, b in ((new.annotation, old.annotation), (new.default, old.default)):
        if a is not None and b is not None:
            edits += patcher.child(Slot(a, P.TEST), b, old)
    return edits


__all__ = ["Definition", "Doc", "parameter_edits"]
