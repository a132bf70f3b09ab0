"""Would a writer have laid the changed statement out in this way?

A patch keeps the line ends of the original. Where those only made long code fit, and the new code
is short, or where new code had to break in the middle of an old line, the statement is printed
fresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .layout import Doc, flat
from .source import Token, scan

_OPEN, _CLOSE = ("(", "[", "{"), (")", "]", "}")


@dataclass(slots=True)
class _Bracket:
    opening: Token
    replaced: bool
    lines: int = 0
    own_lines: bool = False  # a line end follows the opening
    commas: list[int] = field(default_factory=lambda: [])
    edges: set[int] = field(default_factory=lambda: set())  # where items start and end


def breaks_badly(before: str, text: str, doc: Doc, after: str) -> bool:
    """Is the text of an edit broken over lines, and not alone on the first and last of them?

    `before` and `after` are the rest of these lines.
    """
    if "\n" not in text or text.count("\n") == flat(doc).count("\n"):
        return False
    signs = [t.text for t in scan(before) if t.kind == "operator"]
    depth = sum((sign in _OPEN) - (sign in _CLOSE) for sign in signs)
    if "," in signs or _items_share_lines(text):
        return True
    tail = (t for t in scan(after) if t.kind not in ("space", "newline", "comment"))
    return depth > 0 or any(t.text not in (",", ":", *_CLOSE) for t in tail)


def _items_share_lines(text: str) -> bool:
    """Does a comma outside brackets have something after it on its line?"""
    depth, comma = 0, False
    for token in scan(text):
        if comma and token.kind not in ("space", "comment"):
            if token.kind != "newline":
                return True
            comma = False
        if token.kind == "operator":
            depth += (token.text in _OPEN) - (token.text in _CLOSE)
            comma = token.text == "," and depth == 0
    return False


def is_alone(text: str, start: int, end: int, offset: int) -> bool:
    """Do the brackets around an offset stand at the ends and starts of lines, as a formatter has
    them?
    """
    stack: list[tuple[Token, bool]] = []
    previous: Token | None = None
    line_end = False
    for token in scan(text, start, end):
        if token.kind in ("space", "comment"):
            continue
        if token.kind == "newline":
            line_end = True
            continue
        if stack and previous is stack[-1][0]:
            stack[-1] = (stack[-1][0], line_end)
        if token.kind == "operator" and token.text in _OPEN:
            stack.append((token, False))
        elif token.kind == "operator" and token.text in _CLOSE and stack:
            opening, free = stack.pop()
            if opening.start < offset <= token.start:
                return free and line_end
        previous, line_end = token, False
    return True


def may_join(text: str, start: int, end: int, edits: Sequence[tuple[int, int, Doc]]) -> bool:
    """May the lines between two offsets be joined now that the edits shorten them?

    Not when their author lined them up under a bracket, ended them with backslashes or comments,
    or asked for lines by a comma after the last item of a list that keeps its items.
    """
    stack: list[_Bracket] = []
    previous: Token | None = None
    broken = False
    for token in scan(text, start, end):
        replaced = any(low <= token.start < high for low, high, _ in edits)
        if token.kind == "newline":
            broken = broken or not replaced
            for bracket in stack:
                bracket.lines += 1
            if stack and previous is stack[-1].opening:
                stack[-1].own_lines = True
            continue
        if not replaced and (token.kind == "comment" or token.text[0] == "\\"):
            return False
        if token.kind in ("space", "comment"):
            continue
        if stack and previous is not None and previous.end in stack[-1].commas:
            stack[-1].edges.add(token.start)
        if stack and previous is stack[-1].opening:
            stack[-1].edges.add(token.start)
        if token.text in _OPEN and token.kind == "operator":
            stack.append(_Bracket(token, replaced))
        elif token.text in _CLOSE and token.kind == "operator" and stack:
            bracket = stack.pop()
            magic = previous is not None and previous.end in bracket.commas
            if previous is not None and not magic:
                bracket.edges.add(previous.end)
            kept = not bracket.own_lines or (magic and _keeps_items(bracket, edits))
            if kept and bracket.lines and not bracket.replaced:
                return False
        elif token.text == "," and stack:
            stack[-1].commas.append(token.end)
            if previous is not None:
                stack[-1].edges.add(previous.end)
        previous = token
    return broken


def _keeps_items(bracket: _Bracket, edits: Sequence[tuple[int, int, Doc]]) -> bool:
    for low, high, doc in edits:
        if any(low < comma <= high for comma in bracket.commas):
            return False
        if low == high and not isinstance(doc, str) and low in bracket.edges:
            return False
    return True
