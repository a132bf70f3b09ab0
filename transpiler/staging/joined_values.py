"""What is known of a variable after branches, or of the elements of a list together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...ir.keys import same
from ..shapes.shapes import Shape
from .evaluation.flags import settled
from .sites import Site, are_alike, either_listed, settled_site
from .values import (
    ByName,
    Choice,
    Closure,
    Defined,
    Flagged,
    GraphModel,
    Instance,
    Known,
    Mapped,
    Sequence,
    Several,
    ShapeOf,
    SomeFunction,
    Static,
    Tensor,
    Unknown,
    Value,
    Weight,
    is_dynamic,
    may_be_none,
)


def join_values(left: Value, right: Value) -> Value:
    """What is known when either may be the case; sizes that differ become unknown (see
    `with_shadows`)."""
    if left == right:
        return left
    if isinstance(left, Flagged) or isinstance(right, Flagged):
        return join_values(settled(left), settled(right))
    match left, right:
        case Tensor(), Tensor():
            dtype = left.dtype if left.dtype == right.dtype else None
            mask = left.mask if same(left.mask, right.mask) else None
            optional, assumed = left.optional or right.optional, left.assumed or right.assumed
            return Tensor(join_shapes(left.shape, right.shape), dtype, mask, optional, assumed)
        case Weight(), Weight():
            dtype = left.dtype if left.dtype == right.dtype else None
            optional = left.optional or right.optional
            return Weight(join_shapes(left.shape, right.shape), dtype, optional)
        case Static(), Static():
            constant = left.constant if left.constant == right.constant else None
            return Static(constant, left.kind if left.kind is right.kind else None)
        case Sequence(kind=kind), Sequence():
            items = sequence_item(left), sequence_item(right)
            optional = left.optional or right.optional
            if (
                left.items is not None
                and right.items is not None
                and len(left.items) == len(right.items)
            ):
                joined = tuple(
                    join_values(a, b) for a, b in zip(left.items, right.items, strict=True)
                )
                return Sequence(kind, joined, None, left.shadow or right.shadow, optional)
            known = [i for i in items if i is not None]
            item = known[0] if len(known) == 1 else join_items(*known) if known else None
            return Sequence(kind, None, item, left.shadow or right.shadow, optional)
        case Mapped(), Mapped():
            entries = {**left.entries, **right.entries}
            for k in left.entries.keys() & right.entries.keys():
                entries[k] = join_values(left.entries[k], right.entries[k])
            return Mapped(entries, left.shadow or right.shadow)
        case GraphModel(), GraphModel() if same(left.expression, right.expression):
            return left
        case ByName(), ByName() if (
            same(left.name, right.name) and left.candidates.keys() == right.candidates.keys()
        ):
            return left
        case Instance(site=first), Instance(site=second) if (
            one := settled_site(first, second)
        ) is not None:
            return Instance(one, left.optional or right.optional)
        case ((Instance() | Several() | Choice()), (Instance() | Several() | Choice())) if (
            together := _together(left, right)
        ) is not None:
            return together
        case ShapeOf(), ShapeOf():
            return ShapeOf(join_shapes(left.shape, right.shape))
        case ((Defined() | Closure() | SomeFunction()), (Defined() | Closure() | SomeFunction())):
            both = (v.functions if isinstance(v, SomeFunction) else (v,) for v in (left, right))
            return SomeFunction(tuple(f for functions in both for f in functions))
        case (ShapeOf(), Sequence() as other) | (Sequence() as other, ShapeOf()) if _holds_integers(
            other
        ):
            return Sequence(other.kind, None, Static(kind=int))
        case (Unknown(), Tensor() as other) | (Tensor() as other, Unknown()):
            # An optional input that is replaced where it is missing: what replaces it tells its
            # shape. Or one that is changed where it is there, and is None still where not.
            return replace(other, optional=True)
        case (Static(constant=Known(None)), other) | (other, Static(constant=Known(None))):
            match other:
                case Tensor() | Sequence() if is_dynamic(other):
                    return replace(other, optional=True)
                case Instance() | Weight():
                    return replace(other, optional=True)
                case _ if is_dynamic(other) or isinstance(other, GraphModel):
                    return other
                case _:
                    return Static()
        case (Static(), (Sequence() | ShapeOf()) as other) | (
            (Sequence() | ShapeOf()) as other,
            Static(),
        ) if _is_numbers(other):
            # `sizes if isinstance(sizes, list) else [sizes] * n`
            return Static()
        case _:
            if is_dynamic(left) or is_dynamic(right):
                optional = any(_perhaps_none(v) for v in (left, right))
                holds = any(isinstance(v, (Sequence, Mapped)) for v in (left, right))
                return Tensor(optional=optional, assumed=holds)
            return Unknown()


def _holds_integers(value: Sequence) -> bool:
    item = sequence_item(value)
    return isinstance(item, Static) and item.kind is int


def _is_numbers(value: Value) -> bool:
    """Whether a value is made of what Python computes, however deep."""
    match value:
        case Static() | ShapeOf():
            return True
        case Sequence(items=items, item=item):
            return all(_is_numbers(i) for i in (*(items or ()), *([item] if item else ())))
        case _:
            return False


def _perhaps_none(value: Value) -> bool:
    """Whether a value is None at times, or nothing says that it is not."""
    unknown = isinstance(value, Static) and value.constant is None and value.kind is None
    return unknown or may_be_none(value)


def _together(left: Value, right: Value) -> Several | None:
    """One of several modules: of the project, or layers of one kind."""
    parts = _modules(left), _modules(right)
    if parts[0] is None or parts[1] is None:
        return None
    sites = list(dict.fromkeys([*parts[0], *parts[1]]))
    return Several(tuple(sites)) if are_alike(sites) else None


def _modules(value: Value) -> tuple[Site, ...] | None:
    """The modules that a value may be; None where it may be something else."""
    match value:
        case Instance(site=site, optional=False):
            return (site,)
        case Several(sites=sites):
            return sites
        case Choice(then=then, otherwise=otherwise):
            either = _modules(then), _modules(otherwise)
            return None if either[0] is None or either[1] is None else (*either[0], *either[1])
        case _:
            return None


def join_shapes(left: Shape, right: Shape) -> Shape:
    if left == right:
        return left
    if left.dims is not None and right.dims is not None and len(left.dims) == len(right.dims):
        return Shape(
            tuple(a if a == b else None for a, b in zip(left.dims, right.dims, strict=True))
        )
    last = left.size(-1)
    lead, other = left.base or left.lead, right.base or right.lead
    return Shape(
        None,
        last if last == right.size(-1) else None,
        left.base if same(left.base, right.base) else None,
        lead if same(lead, other) else None,
    )


def sequence_item(value: Sequence) -> Value | None:
    """One value that stands for every element."""
    if value.item is not None or not value.items:
        return value.item
    item = value.items[0]
    for other in value.items[1:]:
        item = join_items(item, other)
    return item


def join_items(left: Value, right: Value) -> Value:
    """What is known of either of two elements of a list."""
    match left, right:
        case Instance(site=first), Instance(site=second):
            either = either_listed(first, second)
            if either is not None:
                return Instance(either, left.optional or right.optional)
        case _:
            pass
    return join_values(left, right)


def join_all(values: Iterable[Value]) -> Value:
    result: Value | None = None
    for value in values:
        result = value if result is None else join_values(result, value)
    return result if result is not None else Unknown()
