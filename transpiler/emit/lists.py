"""Edits of comma-separated lists in the original text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...ir import nodes as ir
from .edits import Edit
from .layout import Doc
from .source import SourceText

Entry = tuple[str, ir.Node]  # what is written before the value, the value
Pairs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class ListText:
    """A bracketed list: the offsets inside its brackets and those of its items."""

    start: int
    end: int
    segments: tuple[tuple[int, int], ...]


def _same_place(new: ir.Node, old: ir.Node) -> bool:
    return new is old or (new.span is not None and new.span == old.span)


def align(news: Sequence[Entry], olds: Sequence[Entry]) -> Pairs | None:
    """Which new item stands for which old one, in order; None when items changed places."""
    anchors: Pairs = []
    for i, (_, new) in enumerate(news):
        for j, (_, old) in enumerate(olds):
            if _same_place(new, old):
                anchors.append((i, j))
                break
    if any(a[1] >= b[1] for a, b in pairwise(anchors)):
        return None
    out: Pairs = []
    last_i = last_j = -1
    for i, j in [*anchors, (len(news), len(olds))]:
        run_i, run_j = list(range(last_i + 1, i)), list(range(last_j + 1, j))
        if len(run_i) == len(run_j):
            out += zip(run_i, run_j, strict=True)
        else:
            for k in run_i:  # by keyword, for the ones given by keyword
                same = [m for m in run_j if news[k][0] and news[k][0] == olds[m][0]]
                if same and (not out or out[-1][1] < same[0]):
                    out.append((k, same[0]))
        if i < len(news):
            out.append((i, j))
        last_i, last_j = i, j
    return out


def list_edits(
    source: SourceText, brackets: ListText, pairs: Pairs, docs: Sequence[Doc]
) -> list[Edit]:
    """Removes the items that no pair names and inserts the new ones; `docs` are all new items."""
    text, segments = source.text, brackets.segments
    kept = {j for _, j in pairs}
    place = dict(pairs)
    if not docs:
        return [Edit(brackets.start, brackets.end, "")] if segments else []
    if not kept:
        if not segments:
            return [Edit(brackets.start, brackets.end, _joined(docs))]
        return [Edit(segments[0][0], segments[-1][1], _joined(docs))]
    out: list[Edit] = []
    own_lines = _one_a_line(source, brackets)
    style = segments[-1][0]
    separator = "," + source.newline + source.indentation(style) if own_lines else ", "
    # Removals: up to the next kept item, or back to the last kept one.
    last_kept = max(kept)
    for j, (start, end) in enumerate(segments):
        if j in kept:
            continue
        if j < last_kept:
            out.append(Edit(start, segments[j + 1][0], ""))
        else:
            before = segments[j - 1][1] if j > 0 else brackets.start
            line = source.line_start(start)
            if "#" in text[before:start] and line > before:
                before = len(text[:line].rstrip("\r\n"))
                end_comma = text[end : brackets.end].lstrip()
                end += text[end : brackets.end].index(",") + 1 if end_comma.startswith(",") else 0
            out.append(Edit(before, end, ""))
    # Insertions: after the item before, or in front of the first kept one.
    at = -1
    waiting: list[Doc] = []
    for i, doc in enumerate(docs):
        if i in place:
            if waiting:
                start = segments[place[i]][0]
                out.append(Edit(start, start, tuple(x for d in waiting for x in (d, separator))))
                waiting = []
            at = place[i]
        elif at < 0:
            waiting.append(doc)
        else:
            end = segments[at][1]
            out.append(Edit(end, end, (separator, doc)))
    return _merged(out)


def _joined(docs: Sequence[Doc]) -> Doc:
    return tuple(x for doc in docs for x in (", ", doc))[1:]


def _one_a_line(source: SourceText, brackets: ListText) -> bool:
    starts = [source.line_start(s) for s, _ in brackets.segments]
    alone = len(starts) == 1 and starts[0] == source.line_start(brackets.start)
    return not alone and len(set(starts)) == len(starts)


def _merged(edits: list[Edit]) -> list[Edit]:
    """Touching edits as one, so that each place is edited once."""
    out: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if out and edit.start < out[-1].end:
            last = out.pop()
            edit = Edit(last.start, max(last.end, edit.end), (last.doc, edit.doc))
        out.append(edit)
    return out
