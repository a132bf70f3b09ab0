"""Shapes of tensors during staging: sizes that may be numbers, static expressions, or unknown."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir.dims import Dim
from ...ir.nodes import Constant, Expression, Subscript, Unary

Size = Dim | None


@dataclass(frozen=True, slots=True)
class Shape:
    """`dims` when the rank is known. Otherwise `last` is the size of the last axis if that is
    known, and `base` a static expression for the tuple of all sizes but the batch's (from
    `Input(shape=base)`)."""

    dims: tuple[Size, ...] | None = None
    last: Size = None
    base: Expression | None = None

    @property
    def rank(self) -> int | None:
        return None if self.dims is None else len(self.dims)

    def at_rank(self, rank: int) -> Shape:
        """The same shape, once an operation has told its rank. A shape of another known rank is
        returned as it is."""
        if self.dims is not None:
            return self
        if self.base is not None:
            inner = [self._of_base(i, rank - 1) for i in range(rank - 1)]
            if inner and self.last is not None:
                inner[-1] = self.last
            return Shape((None, *inner))
        return Shape((*(None,) * (rank - 1), self.last)) if rank else Shape(())

    def _of_base(self, index: int, count: int) -> Dim:
        assert self.base is not None
        position = Unary("-", Constant(1)) if index == count - 1 else Constant(index)
        return Dim.variable(Subscript(self.base, position))

    def size(self, axis: int) -> Size:
        """The size of one axis, counted from the end when negative."""
        if self.dims is not None:
            return self.dims[axis] if -len(self.dims) <= axis < len(self.dims) else None
        # Without a rank, axis 3 is taken for the channels of a batch of images.
        if axis in (-1, 3) and self.last is not None:
            return self.last
        if self.base is not None and axis != 0:
            if axis == -1:
                return self._of_base(0, 1)
            index = axis if axis < 0 else axis - 1
            constant = Unary("-", Constant(-index)) if index < 0 else Constant(index)
            return Dim.variable(Subscript(self.base, constant))
        return None

    def with_last(self, size: Size) -> Shape:
        if self.dims:
            return Shape((*self.dims[:-1], size))
        return Shape(None, size)


UNKNOWN = Shape()
