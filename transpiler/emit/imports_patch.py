"""Patches of import statements: names added to or removed from the list as it is written."""

from __future__ import annotations

from ...ir import nodes as ir
from .edits import CannotPatch, Edit
from .lists import ListText, align, list_edits
from .source import SourceText, closing, solid, split_commas


def _text(alias: ir.ImportAlias) -> str:
    return f"{alias.name} as {alias.alias}" if alias.alias else alias.name


def import_edits(source: SourceText, new: ir.Import, old: ir.Import) -> list[Edit]:
    """The edits for an import whose names changed."""
    if (new.module, new.level) != (old.module, old.level) or old.span is None or not new.names:
        raise CannotPatch
    start, end = source.range(old.span)
    tokens = list(solid(source.text, start, end))
    keyword = next((t for t in tokens if t.text == "import"), None)
    if keyword is None:
        raise CannotPatch
    first = tokens[tokens.index(keyword) + 1]
    low, high = keyword.end, end
    if first.text == "(":
        low, high = first.end, closing(source.text, first.start)
    segments = split_commas(source.text, low, high)
    if len(segments) != len(old.names):
        raise CannotPatch
    pairs = align([(_text(a), a) for a in new.names], [(_text(a), a) for a in old.names])
    if pairs is None:
        raise CannotPatch
    # Only removals are patched: a merged import is sorted, so it is printed fresh.
    if any(_text(new.names[i]) != _text(old.names[j]) for i, j in pairs):
        raise CannotPatch
    if len(pairs) != len(new.names):
        raise CannotPatch
    docs = [_text(a) for a in new.names]
    return list_edits(source, ListText(low, high, tuple(segments)), pairs, docs)
