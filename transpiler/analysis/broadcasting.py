"""Operands that must fit each other: broadcasting and matrix products."""

from __future__ import annotations

from collections.abc import Sequence

from ...ir.dims import Dim
from .machine import Machine
from .solver import ONE
from .text import dim_text, shape_text
from .values import Place, Tensor

WHAT = "the matrix product"


def broadcast(
    m: Machine, operands: Sequence[Tensor], place: Place, what: str = "broadcast"
) -> Tensor | None:
    """The shape of an elementwise operation; None when the operands do not fit."""
    if not operands or any(t.dims is None for t in operands):
        return Tensor(None, last=_last(operands))
    found = operands[0]
    for other in operands[1:]:
        pair = broadcast_pair(m, found, other, place, what)
        if pair is None:
            return None
        found = pair
    return Tensor(found.dims, None, found.origins)


def _last(operands: Sequence[Tensor]) -> Dim | None:
    """With an operand of unknown rank, the last size is told by one that is not 1."""
    for t in operands:
        last = t.last if t.dims is None else t.dims[-1] if t.dims else None
        if last is not None and last.constant not in (None, 1):
            return last
    return None


def broadcast_pair(
    m: Machine, left: Tensor, right: Tensor, place: Place, what: str
) -> Tensor | None:
    a, b = left.dims or (), right.dims or ()
    rank = max(len(a), len(b))
    dims: list[Dim] = []
    origins: list[Place | None] = []
    for axis in range(-rank, 0):
        one, other = (a[axis] if -axis <= len(a) else ONE), (b[axis] if -axis <= len(b) else ONE)
        here, there = left.origin(axis), right.origin(axis)
        if one == other or other == ONE:
            dims.append(one)
            origins.append(here)
            continue
        if one == ONE:
            dims.append(other)
            origins.append(there)
            continue
        sure_one, sure_other = m.not_one(one), m.not_one(other)
        answer = m.equal(one, other)
        if answer == "no" and sure_one and sure_other:
            m.report(
                "TJ4002",
                place,
                f"shapes {shape_text(a)} and {shape_text(b)} do not {what}: axis {axis} is "
                f"{sizes_text(m, one)} on one side and {sizes_text(m, other)} on the other",
                (*side(left, axis), *side(right, axis)),
                "the sizes must be equal, or one of them 1",
            )
            return None
        if answer == "yes":
            dims.append(one if one.constant is not None else other)
            origins.append(here or there)
        elif sure_one or sure_other:
            dims.append(one if sure_one else other)
            origins.append(here if sure_one else there)
        else:
            dims.append(_either(m, one, other, place))
            origins.append(None)
    return Tensor(tuple(dims), None, tuple(origins))


def _either(m: Machine, one: Dim, other: Dim, place: Place) -> Dim:
    """The result of sizes that are equal, or one of them 1: the same size for the same pair."""
    message = f"{dim_text(one)} and {dim_text(other)} are broadcast"
    m.need(one, other, place, message, broadcast=True)
    pair = frozenset({m.solver.normal(one), m.solver.normal(other)})
    known = m.solver.pairs.get(pair)
    if known is None:
        known = m.solver.fresh("?")
        m.trail.write(m.solver.pairs, pair, known)
    return known


def sizes_text(m: Machine, dim: Dim) -> str:
    """The size as it is written, and its value where that is known by now."""
    number = m.number(dim)
    text = dim_text(dim)
    return text if number is None or text == str(number) else f"{text} = {number}"


def same_shape(m: Machine, tensors: Sequence[Tensor], place: Place, what: str) -> bool:
    """All of one rank and size (`stack`)."""
    known = [t for t in tensors if t.dims is not None]
    for other in known[1:]:
        first = known[0]
        if first.rank != other.rank:
            a, b = shape_text(first.dims), shape_text(other.dims)
            notes = (whole(first), whole(other))
            m.report("TJ4003", place, f"{what} of shapes {a} and {b} of unequal rank", notes)
            return False
        for axis in range(len(first.dims or ())):
            if not sizes_agree(m, first, other, axis, axis, place, what):
                return False
    return True


Notes = tuple[tuple[Place | None, str], ...]


def side(tensor: Tensor, axis: int) -> Notes:
    """Where one side of a conflict comes from: the size, and the tensor that has it."""
    assert tensor.dims is not None
    origin = tensor.origin(axis)
    size = (origin, f"{dim_text(tensor.dims[axis])} is fixed here")
    if tensor.made is None or tensor.made == origin:
        return (size,)
    return size, whole(tensor)


def whole(tensor: Tensor) -> tuple[Place | None, str]:
    """Where a tensor comes from."""
    known = (o for o in reversed(tensor.origins) if o is not None)
    return tensor.made or next(known, None), f"{shape_text(tensor.dims)} is made here"


def sizes_agree(
    m: Machine,
    left: Tensor,
    right: Tensor,
    axis: int,
    other_axis: int,
    place: Place,
    what: str,
    hint: str | None = None,
) -> bool:
    """Requires two axes to have one size."""
    assert left.dims is not None and right.dims is not None
    one, other = left.dims[axis], right.dims[other_axis]
    if one == other:
        return True
    axes = f"axis {axis}" if axis == other_axis else f"axes {axis} and {other_axis}"
    message = (
        f"{what} needs equal sizes along {axes}, but {shape_text(left.dims)} has "
        f"{sizes_text(m, one)} and {shape_text(right.dims)} has {sizes_text(m, other)}"
    )
    notes = (*side(left, axis), *side(right, other_axis))
    return m.require(one, other, place, message, notes, hint=hint)


def matmul(
    m: Machine,
    a: Tensor,
    b: Tensor,
    transpose_a: bool | None,
    transpose_b: bool | None,
    place: Place,
    vectors: bool = False,
) -> Tensor | None:
    """`vectors`: operands of rank 1 are allowed, as NumPy and Keras 3 have it."""
    if (
        a.dims is None
        and a.last is not None
        and b.dims
        and len(b.dims) > 1
        and transpose_a is False
    ):
        # Without its rank, the last size of the left operand is all that there is to compare.
        left = Tensor((a.last,), None, (a.made,), made=a.made)
        other = -1 if transpose_b else -2
        if transpose_b is not None and not sizes_agree(m, left, b, -1, other, place, WHAT):
            return None
    if a.dims is None or b.dims is None or transpose_a is None or transpose_b is None:
        columns = b.dims[-2 if transpose_b else -1] if b.dims and len(b.dims) > 1 else None
        return Tensor(None, last=columns if transpose_b is not None else None)
    if min(len(a.dims), len(b.dims)) < 2:
        if vectors:
            return _with_vectors(m, a, b, place)
        low, which = (a, "left") if len(a.dims) < 2 else (b, "right")
        m.report(
            "TJ4003",
            place,
            f"a matrix product needs matrices, but the {which} operand has shape "
            f"{shape_text(low.dims)}",
            (whole(low),),
        )
        return None
    rows, inner = (-1, -2) if transpose_a else (-2, -1)
    other, columns = (-1, -2) if transpose_b else (-2, -1)
    if not sizes_agree(m, a, b, inner, other, place, WHAT, _swap_hint(m, a, b)):
        return None
    batch = broadcast_pair(m, _batch(a), _batch(b), place, "broadcast as batches of matrices")
    if batch is None:
        return None
    dims = (*(batch.dims or ()), a.dims[rows], b.dims[columns])
    return Tensor(dims, None, (*batch.origins, a.origin(rows), b.origin(columns)))


def _with_vectors(m: Machine, a: Tensor, b: Tensor, place: Place) -> Tensor | None:
    """The product of vectors, or of a vector and matrices, as NumPy has it."""
    if not a.dims or not b.dims:
        return Tensor()
    if not sizes_agree(m, a, b, -1, -1 if len(b.dims) == 1 else -2, place, WHAT):
        return None
    left, right = len(a.dims) - 1, len(b.dims) - 1
    if len(b.dims) == 1:
        return Tensor(a.dims[:left], None, a.origins[:left])
    origins = (*b.origins[: right - 1], b.origin(right)) if b.origins else ()
    return Tensor((*b.dims[: right - 1], b.dims[right]), None, origins)


def _swap_hint(m: Machine, a: Tensor, b: Tensor) -> str | None:
    """What would make the product possible."""
    if a.dims is None or b.dims is None:
        return None
    if m.equal(a.dims[-1], b.dims[-1]) == "yes":
        return "the right operand transposed would fit"
    if m.equal(b.dims[-1], a.dims[-2]) == "yes" and len(a.dims) == len(b.dims):
        return "the operands the other way round would fit"
    return None


def _batch(tensor: Tensor) -> Tensor:
    return Tensor((tensor.dims or ())[:-2], None, tensor.origins[:-2])
