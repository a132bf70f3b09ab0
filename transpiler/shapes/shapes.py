"""Shapes of tensors during staging: sizes that may be numbers, static expressions, or unknown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...ir.dims import Dim
from ...ir.keys import key
from ...ir.nodes import Constant, Expression, Subscript, Unary

Size = Dim | None


@dataclass(frozen=True, slots=True)
class Shape:
    """`dims` when the rank is known; sizes that no code can say are hidden there. Otherwise
    `last` is the size of the last axis if that is known, and `base` a static expression for the
    tuple of all sizes but the batch's (from `Input(shape=base)`), or `lead` for one that agrees
    but for the last."""

    dims: tuple[Size, ...] | None = None
    last: Size = None
    base: Expression | None = None
    lead: Expression | None = None

    @property
    def rank(self) -> int | None:
        return None if self.dims is None else len(self.dims)

    def at_rank(self, rank: int) -> Shape:
        """The same shape, once an operation has told its rank. A shape of another known rank is
        returned as it is."""
        if self.dims is not None:
            return self
        known = self.base or self.lead
        if known is not None and rank:
            inner: list[Size] = [_element(known, i, rank - 1) for i in range(rank - 1)]
            if inner and (self.last is not None or self.base is None):
                inner[-1] = self.last
            return Shape((batch_of(known), *inner))
        return Shape((*(None,) * (rank - 1), self.last)) if rank else Shape(())

    @property
    def sizes(self) -> tuple[Size, ...] | None:
        """The sizes that code can say, where the rank is known."""
        return None if self.dims is None else tuple(said(d) for d in self.dims)

    def size(self, axis: int) -> Size:
        """The size of one axis, counted from the end when negative, if code can say it."""
        return said(self.axis(axis))

    def axis(self, axis: int) -> Size:
        """As `size`; a size that no code can say is hidden."""
        if self.dims is not None:
            return self.dims[axis] if -len(self.dims) <= axis < len(self.dims) else None
        # Without a rank, axis 3 is taken for the channels of a batch of images.
        if axis in (-1, 3) and self.last is not None:
            return self.last
        known = self.base or self.lead
        if known is not None and axis == 0:
            return batch_of(known)
        if self.base is not None:
            if axis == -1:
                return _element(self.base, 0, 1)
            return Dim.variable(Subscript(self.base, _constant(axis if axis < 0 else axis - 1)))
        if self.lead is not None and axis < -1:
            return Dim.variable(Subscript(self.lead, _constant(axis)))
        return None

    def with_last(self, size: Size) -> Shape:
        if self.dims:
            return Shape((*self.dims[:-1], size))
        return Shape(None, size, None, self.base or self.lead)


def said(size: Size) -> Size:
    """A size that code can say, or None."""
    return None if size is None or size.is_hidden else size


def batch_of(known: Expression) -> Dim:
    """The size of the first axis of the tensor whose other sizes `known` holds."""
    return Dim.hidden(("batch", key(known)))


def is_own(size: Dim, batches: Collection[Dim]) -> bool:
    """Whether this is an inner size of a tensor whose batch is one of `batches`."""
    match [a.expression for a in size.atoms() if Dim.atom(a) == size]:
        case [Subscript(value=known)]:
            return batch_of(known) in batches
        case _:
            return False


def _element(known: Expression, index: int, count: int) -> Dim:
    return Dim.variable(Subscript(known, _constant(-1 if index == count - 1 else index)))


def _constant(index: int) -> Expression:
    return Unary("-", Constant(-index)) if index < 0 else Constant(index)


@dataclass(frozen=True, slots=True)
class Led:
    """A list of sizes: those of `lead` (see `Shape`) with the batch, then `inner`."""

    lead: Expression
    inner: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """The list of all sizes of a tensor of unknown rank."""

    shape: Shape


UNKNOWN = Shape()
