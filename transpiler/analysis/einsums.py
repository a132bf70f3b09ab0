"""Einsum: one size a label, and broadcast axes for `...`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...ir.dims import Dim
from .broadcasting import broadcast_pair, side, sizes_text, whole
from .machine import Machine
from .solver import ONE
from .text import shape_text
from .values import Place, Tensor

LABEL = re.compile(r"[A-Za-z]")
Table = dict[str, tuple[Tensor, int, str]]


def einsum(m: Machine, equation: str, operands: Sequence[Tensor], place: Place) -> Tensor | None:
    """One size a label; terms as long as the ranks; output labels that some input has."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        m.report(
            "TJ4003",
            place,
            f"the equation {equation!r} has {len(terms)} terms for {len(operands)} operands",
        )
        return None
    table: Table = {}
    middle: Tensor | None = Tensor(())
    for term, operand in zip(terms, operands, strict=True):
        if not _read_term(m, term, operand, table, place):
            return None
        if "..." in term and middle is not None:
            rest = _dotted(term, operand)
            middle = None if rest is None else _joined(m, middle, rest, place)
    if not arrow:
        right = _implied(left)
    labels, known = LABEL.findall(right), set(LABEL.findall(left))
    if any(label not in known for label in labels):
        missing = next(label for label in labels if label not in known)
        m.report("TJ4002", place, f"the result of {equation!r} has a label `{missing}` of no input")
        return None
    head, dots, tail = right.partition("...")
    if dots and (middle is None or middle.dims is None):
        last = table.get(tail[-1:])
        return Tensor(None, last=None if last is None else _size(last))
    parts = [_axis(m, table, label) for label in head]
    if dots and middle is not None and middle.dims is not None:
        parts += [(d, middle.origin(i)) for i, d in enumerate(middle.dims)]
    parts += [_axis(m, table, label) for label in tail]
    return Tensor(tuple(d for d, _ in parts), None, tuple(o for _, o in parts))


def _implied(left: str) -> str:
    """The output where the equation states none: the labels that occur once, in order."""
    letters = LABEL.findall(left)
    once = "".join(sorted(c for c in letters if letters.count(c) == 1))
    return f"...{once}" if "..." in left else once


def _dotted(term: str, operand: Tensor) -> Tensor | None:
    """The axes that `...` stands for."""
    if operand.dims is None:
        return None
    head, _, tail = term.partition("...")
    axes = slice(len(head), len(operand.dims) - len(tail))
    return Tensor(operand.dims[axes], None, operand.origins[axes])


def _joined(m: Machine, left: Tensor, right: Tensor, place: Place) -> Tensor | None:
    return broadcast_pair(m, left, right, place, "broadcast along `...`")


def _axis(m: Machine, table: Table, label: str) -> tuple[Dim, Place | None]:
    found = table.get(label)
    if found is None:
        return m.solver.fresh("?"), None
    return _size(found), found[0].origin(found[1])


def _read_term(m: Machine, term: str, operand: Tensor, table: Table, place: Place) -> bool:
    if operand.dims is None:
        return True
    head, dots, tail = term.partition("...")
    rank = len(head) + len(tail)
    if rank > len(operand.dims) or (not dots and rank != len(operand.dims)):
        shape = shape_text(operand.dims)
        m.report(
            "TJ4003",
            place,
            f"`{term}` has {rank} labels for an operand of shape {shape}",
            (whole(operand),),
        )
        return False
    axes = [*enumerate(head), *((i - len(tail), label) for i, label in enumerate(tail))]
    for axis, label in axes:
        size = operand.dims[axis]
        known = table.get(label)
        if known is None:
            table[label] = operand, axis, term
        elif (other := _size(known)) != ONE and size != ONE:
            message = (
                f"label `{label}` of the equation has size {sizes_text(m, other)} in `{known[2]}` "
                f"and {sizes_text(m, size)} in `{term}`"
            )
            notes = (*side(known[0], known[1]), *side(operand, axis))
            if not m.require(other, size, place, message, notes):
                return False
    return True


def _size(entry: tuple[Tensor, int, str]) -> Dim:
    """The size of the axis that an entry of the table of labels names."""
    assert entry[0].dims is not None
    return entry[0].dims[entry[1]]
