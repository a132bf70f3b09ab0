"""Stacks of cells that a comprehension makes: each cell takes what the one before it gives.

RNN([LSTMCell(n) for n in (4, 6)])      [LSTMCell(D, 4), LSTMCell(4, 6)]
RNN([LSTMCell(n) for n in sizes])       [LSTMCell(d, n) for d, n in zip((D, *sizes), sizes)]
RNN([LSTMCell(8) for _ in range(3)])    [LSTMCell(8 if i else D, 8) for i in range(3)]
"""

from __future__ import annotations

from collections.abc import Sequence as Items

from ....ir.dims import Dim, from_expression
from ....ir.nodes import (
    Argument,
    Call,
    Comprehension,
    Conditional,
    Constant,
    Expression,
    Generator,
    List,
    Name,
    Node,
    Starred,
    Subscript,
    Tuple,
    map_children,
    replace_node,
    walk,
)
from ..nodes import Pending
from ..sites import LayerTarget, Site

_FEATURES = "features"


def unrolled(code: Expression) -> Expression:
    """A comprehension over a display of constants as the list that it gives."""
    match code:
        case Comprehension(
            kind="list" | "generator",
            element=element,
            generators=(
                Generator(
                    target=Name(id=name),
                    iterable=Tuple(elements=items) | List(elements=items),
                    conditions=(),
                ),
            ),
        ) if items and all(isinstance(item, Constant) for item in items):
            return List(tuple(_with(element, name, item) for item in items), span=code.span)
        case _:
            return code


def _with(code: Expression, name: str, value: Expression) -> Expression:
    """A copy with a value for a name: each is a place of its own."""

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id == name:
            return value
        new = map_children(node, visit)
        return replace_node(new) if new is node else new

    result = visit(code)
    assert isinstance(result, Expression)
    return result


class Looped:
    """Cells made in one comprehension: `size` is what each of them takes, said inside of it; `last`
    what the last one gives; `code` the comprehension that tells each its size."""

    def __init__(self, size: Dim, last: Dim, code: Expression) -> None:
        self.size, self.last, self.code = size, last, code


def looped(code: Expression, site: Site, first: Dim | None, taken: Items[str]) -> Looped | None:
    """The sizes of the cells of `site`, which are made in a loop; None where the loop does not tell
    them. `first` is the size of the input; `taken` are names in use."""
    alike = from_expression(units_of(site) or Constant(None))
    if alike is not None and alike == first:
        return Looped(alike, alike, code)
    match code:
        case Comprehension(
            kind="list",
            element=Pending(),
            generators=(Generator(target=Name(id=name), iterable=iterable, conditions=()),),
        ):
            units = units_of(site)
        case _:
            return None
    if units is None or first is None:
        return None
    start = first.to_expression()
    if isinstance(units, Name) and units.id == name:
        own = _free(_FEATURES, taken)
        pairs = Call(Name("zip"), (Argument(Tuple((start, Starred(iterable)))), Argument(iterable)))
        last = Dim.variable(Subscript(iterable, Constant(-1)))
        target: Expression = Tuple((Name(own), Name(name)))
        return Looped(Dim.named(own), last, _over(code, target, pairs))
    size = from_expression(units)
    if size is None or any(isinstance(n, Name) and n.id == name for n in walk(units)):
        return None
    if not _is_range(iterable):
        return None
    index = _free("i", taken) if name == "_" else name
    own_size = Dim.variable(Conditional(Name(index), units, start))
    return Looped(own_size, size, _over(code, Name(index), iterable))


def is_loop(code: Expression) -> bool:
    """Whether layers are made in a comprehension."""
    return isinstance(code, Comprehension)


def units_of(site: Site) -> Expression | None:
    """The code for the size of what a cell gives."""
    if isinstance(site.target, LayerTarget):
        return site.target.static.bound.get("units")
    return None


def _over(code: Comprehension, target: Expression, iterable: Expression) -> Comprehension:
    (generator,) = code.generators
    new = replace_node(generator, target=target, iterable=iterable)
    return replace_node(code, generators=(new,))


def _is_range(code: Expression) -> bool:
    match code:
        case Call(function=Name(id="range"), arguments=(_,)):
            return True
        case _:
            return False


def _free(wanted: str, taken: Items[str]) -> str:
    while wanted in taken:
        wanted += "_"
    return wanted
