"""Operands that must fit each other: broadcasting, reductions, products."""
# pyright: basic

from __future__ import annotations

import re
from collections.abc import Sequence as Many
from typing import Any, cast

from ...ir.dims import Dim
from ...ir.keys import same as same_code
from .shape_sizes import Argument, ListOf
from .shapes import UNKNOWN, Shape, Size, batch_of, is_own


def broadcast(*operands: Argument) -> Shape:
    """NumPy broadcasting, of shapes or of one list of them. Sizes that are not both known are taken
    from the side that is not 1."""
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        operands = tuple(cast(Many[Any], operands[0]))
    flat = [
        o for x in operands for o in (cast(Many[Any], x) if isinstance(x, (list, tuple)) else [x])
    ]
    operands = tuple(s.first if isinstance(s, ListOf) else s for s in flat)
    shapes = [s for s in operands if isinstance(s, Shape) and s.rank != 0]
    others = [s for s in operands if not isinstance(s, Shape)]
    if not shapes:
        return Shape(()) if operands and len(others) < len(operands) else UNKNOWN
    if len(shapes) == 1:
        return shapes[0]
    shapes = [_at_rank_of(s, shapes) for s in shapes]
    if any(s.dims is None for s in shapes):
        lasts = [d for d in (s.axis(-1) for s in shapes) if d != Dim.of(1)]
        known_lasts = [d for d in lasts if d is not None]
        agreed = known_lasts and (len(known_lasts) == len(lasts) or len(set(known_lasts)) == 1)
        return _main(shapes).with_last(simplest(known_lasts) if agreed else None)
    rank = max(len(s.dims or ()) for s in shapes)
    batches = {s.dims[0] for s in shapes if s.dims and s.dims[0] is not None}
    result: list[Size] = []
    for axis in range(-rank, 0):
        found = [s.axis(axis) for s in shapes if len(s.dims or ()) >= -axis]
        larger = [d for d in found if d != Dim.of(1)]
        known = [d for d in larger if d is not None]
        if not larger:
            result.append(Dim.of(1))
        elif known and (len(known) == len(larger) or len(set(known)) == 1):
            own = [d for d in known if axis < -1 and is_own(d, batches)]
            # An input's own size stays: what adds to its input keeps its shape, also in loops.
            result.append(simplest(own or known))
        else:
            result.append(None)
    return Shape(tuple(result))


def _at_rank_of(shape: Shape, others: Many[Shape]) -> Shape:
    """A shape of unknown rank beside one that has the same batch in front: whatever the batch, they
    only fit at the same rank."""
    known = shape.base or shape.lead
    if shape.dims is not None or known is None:
        return shape
    batch = batch_of(known)
    ranks = {len(s.dims) for s in others if s.dims and len(s.dims) > 1 and s.dims[0] == batch}
    return shape.at_rank(ranks.pop()) if len(ranks) == 1 else shape


def _main(shapes: Many[Shape]) -> Shape:
    """The operand that tells the other axes: the only one that is more than a repeated 1, where all
    others of its kind agree."""
    main = [s for s in shapes if s.dims is None and s.axis(-1) != Dim.of(1)]
    ranked = [s for s in shapes if s.dims is not None and len(s.dims) > 1]
    if not main and len(ranked) == 1:
        return ranked[0]
    if ranked or not main:
        return UNKNOWN
    lead = main[0].base or main[0].lead
    alike = all(same_code(lead, s.base or s.lead) for s in main)
    return main[0] if alike and lead is not None else UNKNOWN


def simplest(dims: Many[Dim]) -> Dim:
    """Of sizes that must be equal for the program to be valid, the one that is easiest to write: a
    number, else one that no other object has to be asked for, else one over parameters rather than
    over variables that carry sizes."""

    def cost(d: Dim) -> tuple[bool, bool, int, int, int]:
        asked = sum(repr(a.key).count("('Attribute', ('Attribute'") for a in d.atoms())
        carried = sum("features'" in repr(a.key) or "_size" in repr(a.key) for a in d.atoms())
        return d.is_hidden, d.constant is None, asked, carried, len(repr(d))

    return min(dims, key=cost)


def reduce(x: Argument, axis: Argument = None, keepdims: Argument = False) -> Shape:
    if not isinstance(x, Shape) or not isinstance(keepdims, bool):
        return UNKNOWN
    if axis is None:
        return (
            Shape((Dim.of(1),) * x.rank)
            if keepdims and x.rank is not None
            else Shape(() if not keepdims else None)
        )
    axes = (
        [axis] if isinstance(axis, int) else list(axis) if isinstance(axis, (tuple, list)) else None
    )
    if axes is None or not all(isinstance(a, int) for a in axes):
        return UNKNOWN
    if x.dims is None:
        if -1 in axes:
            return Shape(None, Dim.of(1)) if keepdims else UNKNOWN
        return Shape(None, x.axis(-1)) if all(a >= 0 for a in axes) else UNKNOWN
    positive = {a % len(x.dims) for a in axes if -len(x.dims) <= a < len(x.dims)}
    if keepdims:
        return Shape(tuple(Dim.of(1) if i in positive else d for i, d in enumerate(x.dims)))
    return Shape(tuple(d for i, d in enumerate(x.dims) if i not in positive))


def matmul(
    a: Argument, b: Argument, transpose_a: Argument = False, transpose_b: Argument = False
) -> Shape:
    if not isinstance(a, Shape) or not isinstance(b, Shape):
        return UNKNOWN
    if 1 in (a.rank, b.rank):
        return _with_vectors(a, b)
    columns = b.axis(-2 if transpose_b is True else -1) if isinstance(transpose_b, bool) else None
    if a.dims is None or b.dims is None or len(a.dims) < 2 or len(b.dims) < 2:
        return Shape(None, columns)
    rows = a.axis(-1 if transpose_a is True else -2) if isinstance(transpose_a, bool) else None
    batch = (
        broadcast(Shape(a.dims[:-2]), Shape(b.dims[:-2]))
        if a.dims[:-2] and b.dims[:-2]
        else Shape(a.dims[:-2] or b.dims[:-2])
    )
    return Shape((*(batch.dims or ()), rows, columns))


def contract(x: Argument, y: Argument) -> Shape:
    """The last axis of `x` with the last but one of `y`; nothing is shared between them."""
    if not isinstance(x, Shape) or not isinstance(y, Shape):
        return UNKNOWN
    if x.dims is None or y.dims is None or len(y.dims) < 2:
        return Shape(None, y.axis(-1) if y.dims is None or len(y.dims) > 1 else None)
    return Shape((*x.dims[:-1], *y.dims[:-2], y.dims[-1]))


def _with_vectors(a: Shape, b: Shape) -> Shape:
    """Products with vectors, as NumPy has them."""
    if a.dims is None or b.dims is None:
        return UNKNOWN
    if len(b.dims) == 1:
        return Shape(a.dims[:-1])
    return Shape((*b.dims[:-2], b.dims[-1]))


def einsum(equation: Argument, xs: Argument) -> Shape:
    if not isinstance(equation, str) or not isinstance(xs, (tuple, list)) or "->" not in equation:
        return UNKNOWN
    left, right = equation.replace(" ", "").split("->")
    table: dict[str, Size] = {}
    terms = left.split(",")
    for term, shape in zip(terms, cast(Many[Any], xs), strict=False):
        if "..." in term:
            head, _, tail = term.partition("...")
            if isinstance(shape, Shape):
                for i, letter in enumerate(reversed(tail), 1):
                    table.setdefault(letter, shape.axis(-i))
                for i, letter in enumerate(head):
                    table.setdefault(letter, shape.axis(i))
            continue
        if isinstance(shape, Shape):
            shape = shape.at_rank(len(term))
            for i, letter in enumerate(term):
                if table.get(letter) is None:
                    table[letter] = shape.axis(i)
    if "..." in right:
        return Shape(None, table.get(right[-1]) if right[-1].isalpha() else None)
    return Shape(tuple(table.get(letter) for letter in re.findall(r"[A-Za-z]", right)))


def attention(xs: Argument, return_scores: Argument = False) -> Any:
    """Keras' attention over [query, value] or [query, value, key]; scores are a second result."""
    listed = isinstance(xs, (tuple, list)) and len(cast(Many[Any], xs)) > 1
    query, value = cast(Many[Any], xs)[:2] if listed else (UNKNOWN, UNKNOWN)
    if not isinstance(query, Shape) or not isinstance(value, Shape):
        return UNKNOWN
    output = query.with_last(value.axis(-1))
    if return_scores is not True:
        return output if return_scores is False else UNKNOWN
    return [output, query.with_last(value.axis(-2))]


def dot(xs: Argument, axes: Argument) -> Shape:
    """Keras' Dot layer: one axis of each side is contracted, the batch is shared."""
    if not isinstance(xs, (tuple, list)) or len(cast(Many[Any], xs)) != 2:
        return UNKNOWN
    left, right = cast(Many[Any], xs)
    pair = cast(Many[Any], axes) if isinstance(axes, (tuple, list)) else (axes, axes)
    if not isinstance(left, Shape) or not isinstance(right, Shape):
        return UNKNOWN
    if not right.dims or not all(isinstance(a, int) for a in pair):
        return UNKNOWN
    second = pair[1] % len(right.dims)
    if left.dims is None:
        if len(right.dims) < 3 or second == len(right.dims) - 1:
            return UNKNOWN
        return Shape(None, right.dims[-1])  # what is left of the right side comes last
    first = pair[0] % len(left.dims)
    rest = [d for i, d in enumerate(left.dims) if i not in (0, first)]
    rest += [d for i, d in enumerate(right.dims) if i not in (0, second)]
    return Shape((left.dims[0], *(rest or [Dim.of(1)])))
