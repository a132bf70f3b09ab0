"""Layers that a loop of the constructor makes and that `call` takes out of their list by a place.

    for _ in range(n):                            x = self.convs[0](inputs)
        self.convs.append(Conv2D(8, 3))           for i in range(1, n):
                                                      x = self.convs[i](x)

The first meets one size, the others another one: a variable carries it through the loop.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir.dims import from_expression
from ....ir.keys import key
from ....ir.nodes import (
    Argument,
    Call,
    Constant,
    Expression,
    Name,
    Node,
    Subscript,
    children,
    map_children,
)
from ..frame import Frame
from ..sites import Site

SIZE = "features"


def note_application(frame: Frame, site: Site, callee: Expression) -> None:
    """Keeps whether a layer of a list is first applied as its first, before any loop."""
    if frame.kind != "call" or site.loop is None or "met" in site.details:
        return
    match callee:
        case Subscript(index=Constant(value=index)):
            first = index == 0
        case _:
            first = isinstance(callee, Name)
    site.details["met"] = first and frame.loop is None


def is_watched(frame: Frame, site: Site) -> bool:
    """Whether a layer of a list that is built already is applied for real."""
    built = isinstance(site.details.get("construct"), Expression)
    return built and frame.kind == "call" and site.loop is not None and not frame.is_trial()


def met_again(frame: Frame, site: Site, construct: Expression) -> None:
    """A layer of a list that is built meets sizes which are not those of the one met first."""
    before = site.details.get("construct")
    if not is_watched(frame, site) or not isinstance(before, Expression):
        return
    if {"chain", "use", "unlike"} & site.details.keys() or key(before) == key(construct):
        return
    found = {(key(old), key(new)): (old, new) for old, new in _differences(before, construct)}
    pairs = list(found.values())
    sizes = [(from_expression(old), from_expression(new)) for old, new in pairs]
    if len(pairs) == 1 and site.details.get("met") and frame.loop is not None:
        entry, end = sizes[0]
        if entry is not None and end is not None:
            site.details["construct"] = _carried(before, construct)
            site.details["chain"] = (SIZE, entry, end)
            return
    message = f"every `{site.hint}` that this loop makes gets the sizes of the one applied first"
    hint = "give each its size where it is made, or apply them all in one loop"
    frame.program.note(frame, "TJ6023", message, site.span, hint)
    site.details["unlike"] = True


def _differences(old: Node, new: Node) -> Iterator[tuple[Expression, Expression]]:
    """The parts of a constructor's call in which two of them differ."""
    if key(old) == key(new):
        return
    if _are_alike(old, new):
        for one, other in zip(children(old), children(new), strict=True):
            yield from _differences(one, other)
    elif isinstance(old, Expression) and isinstance(new, Expression):
        yield old, new


def _are_alike(old: Node, new: Node) -> bool:
    """Whether the parts of two calls can be set side by side."""
    if not isinstance(old, Call | Argument) or type(old) is not type(new):
        return False
    return len(list(children(old))) == len(list(children(new)))


def _carried(old: Node, new: Node) -> Node:
    """A constructor's call with the variable in place of the size in which two of them differ."""
    if key(old) == key(new):
        return old
    if not _are_alike(old, new):
        return Name(SIZE)
    others = iter(list(children(new)))
    return map_children(old, lambda part: _carried(part, next(others)))
