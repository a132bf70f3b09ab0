"""Documents and their layout: flat where it fits, broken at the outermost group where it does not.

The same scheme as the printers of prettier and of `ruff format`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Union
from unicodedata import east_asian_width


@dataclass(frozen=True, slots=True)
class Line:
    """A place that may become a line end; `flat` is its text otherwise."""

    flat: str = " "


@dataclass(frozen=True, slots=True)
class Indent:
    body: Doc


@dataclass(frozen=True, slots=True)
class Group:
    """Laid out flat if it fits, else with all its own lines broken. `broken` forces the latter."""

    body: Doc
    broken: bool = False


@dataclass(frozen=True, slots=True)
class IfBreak:
    """`broken` when the enclosing group is broken, else `flat`."""

    broken: Doc
    flat: Doc = ""


@dataclass(frozen=True, slots=True)
class OptionalParentheses:
    """Parentheses that appear only when the content does not fit.

    `bare` cannot break outside its own brackets, `inside` can. With `omit`, breaking in those
    brackets is preferred to adding parentheses, as long as the first line fits. With `useful`,
    parentheses are added only if they make the content fit.
    """

    bare: Doc
    inside: Doc
    omit: bool
    useful: bool = False


Doc = Union[str, "tuple[Doc, ...]", Line, Indent, Group, IfBreak, OptionalParentheses]

SOFT = Line("")
LINE = Line(" ")

_Item = tuple[str, bool, Doc]  # indentation, flat, document


def text_width(text: str) -> int:
    """Columns of a line as `ruff` counts them: a tab is four, a wide character two."""
    width = len(text) + 3 * text.count("\t")
    if not text.isascii():
        width += sum(east_asian_width(c) in "WF" for c in text)
    return width


def _parenthesized(doc: OptionalParentheses) -> Doc:
    return Group(("(", Indent((SOFT, doc.inside)), SOFT, ")"), broken=True)


def _fits(items: list[_Item], rest: list[_Item], room: int) -> bool:
    """Do the items, and the rest up to its first possible line end, fit in `room` columns?"""
    stack = list(items)
    at = len(rest)
    while room >= 0:
        if not stack:
            if at == 0:
                return True
            at -= 1
            stack.append(rest[at])
        indent, flat, doc = stack.pop()
        match doc:
            case str():
                head, newline, _ = doc.partition("\n")
                room -= text_width(head)
                if newline:
                    return room >= 0
            case tuple():
                stack.extend((indent, flat, d) for d in reversed(doc))
            case Line():
                if not flat:
                    return True
                room -= len(doc.flat)
            case Indent():
                stack.append((indent, flat, doc.body))
            case Group():
                if doc.broken and flat and at == len(rest):
                    return False
                stack.append((indent, flat and not doc.broken, doc.body))
            case IfBreak():
                stack.append((indent, flat, doc.flat if flat else doc.broken))
            case OptionalParentheses():
                if not flat and at < len(rest):
                    return room >= 1  # it can break after its opening parenthesis
                stack.append((indent, flat, doc.bare))
    return False


def layout(
    doc: Doc,
    *,
    width: int,
    indent: str = "",
    column: int | None = None,
    unit: str = "    ",
    after: str = "",
) -> str:
    """The text of a document that starts at `column` on a line indented by `indent`.

    `after` is what follows on its last line; the result uses "\\n" as line end.
    """
    out: list[str] = []
    column = text_width(indent) if column is None else column
    stack: list[_Item] = [(indent, False, after), (indent, False, doc)]
    while len(stack) > 1:
        indent, flat, doc = stack.pop()
        match doc:
            case str():
                out.append(doc)
                tail = doc.rpartition("\n")
                column = text_width(tail[2]) + (0 if tail[1] else column)
            case tuple():
                stack.extend((indent, flat, d) for d in reversed(doc))
            case Line():
                if flat:
                    out.append(doc.flat)
                    column += len(doc.flat)
                else:
                    out.append("\n" + indent)
                    column = text_width(indent)
            case Indent():
                stack.append((indent if flat else indent + unit, flat, doc.body))
            case Group():
                item: _Item = (indent, True, doc.body)
                fits = not doc.broken and (flat or _fits([item], stack, width - column))
                stack.append(item if fits else (indent, False, doc.body))
            case IfBreak():
                stack.append((indent, flat, doc.flat if flat else doc.broken))
            case OptionalParentheses():
                if flat or _fits([(indent, True, doc.bare)], stack, width - column):
                    stack.append((indent, True, doc.bare))
                    continue
                room = width - text_width(indent + unit)
                without = doc.omit and _fits([(indent, False, doc.bare)], stack, width - column)
                if not without and doc.useful:
                    without = not _fits([(indent, True, doc.inside)], [], room)
                stack.append((indent, False, doc.bare if without else _parenthesized(doc)))
    return "".join(out)


def flat(doc: Doc) -> str:
    """The document on one line."""
    return layout(Group(doc), width=1 << 30)


def join(items: Sequence[Doc], separator: Doc) -> Doc:
    """The items with the separator between them."""
    return tuple(chain.from_iterable((separator, item) for item in items))[1:]
