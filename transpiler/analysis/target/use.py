"""A call of a target function with its arguments by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from ....ir.dims import Dim
from ....rules.api import Signature, TargetApi, bind
from ..dtypes import dtype_of
from ..machine import Machine
from ..tensors import stacked
from ..values import (
    NONE,
    UNKNOWN,
    Arguments,
    Const,
    External,
    Fixed,
    Place,
    Real,
    Size,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
)
from .dtypes import canonical


@dataclass(frozen=True, slots=True)
class Use:
    """`rest` are what `*args` of the signature took, `more` what `**kwargs` took."""

    m: Machine
    name: str
    bound: Mapping[str, Value]
    rest: tuple[Value, ...]
    more: Mapping[str, Value]
    place: Place

    def get(self, name: str, default: Value = NONE) -> Value:
        return self.bound.get(name, self.more.get(name, default))

    def tensor(self, name: str) -> Tensor:
        return array(self.m, self.get(name, UNKNOWN))

    def dtype(self, name: str = "dtype", default: str | None = None) -> str | None:
        """The dtype that an argument names; `default` where it is None."""
        value = self.get(name)
        return default if value == NONE else named_dtype(value)

    def flag(self, name: str) -> bool | None:
        found = const(self.get(name, Const(False)))
        return bool(found) if isinstance(found, bool) or found is None else None

    def report(self, code: str, message: str) -> Tensor:
        self.m.report(code, self.place, message)
        return Tensor()


Semantics = Callable[[Use], Value]


def named_dtype(value: Value) -> str | None:
    """The dtype that a value names, as JAX takes it without 64-bit types."""
    if isinstance(value, External):
        plain = {"builtins.int": "int32", "builtins.float": "float32"}.get(value.dotted)
        if plain is not None:
            return plain
        if value.dotted.endswith(".bool_"):
            return "bool"
    return canonical(dtype_of(value))


def array(m: Machine, value: Value) -> Tensor:
    """What `jnp.asarray` makes of a value: Python numbers are weakly typed."""
    match value:
        case Tensor():
            return value
        case Const(bool()):
            return Tensor((), "bool")
        case Const(int()) | Size(_, True):
            return Tensor((), "int32", weak=True)
        case Const(float()) | Real():
            return Tensor((), "float32", weak=True)
        case Const(complex()):
            return Tensor((), "complex64", weak=True)
        case Fixed() if (items := items_of(value)) is not None and any(
            isinstance(v, Tensor) for v in items
        ):
            return _stack(m, items)
        case _:
            found = stacked(m, value)
            if found is None:
                return Tensor()
            return replace(found, dtype=canonical(found.dtype), symbolic=False)


def _stack(m: Machine, items: Sequence[Value]) -> Tensor:
    inner = [array(m, v) for v in items]
    first = inner[0]
    if first.dims is None or any(t.dims != first.dims for t in inner):
        return Tensor()
    dtypes = {t.dtype for t in inner if not t.weak}
    return Tensor((Dim.of(len(items)), *first.dims), dtypes.pop() if len(dtypes) == 1 else None)


def axis_of(value: Value, rank: int) -> int | None:
    """A single axis, counted from the front; None when it is not known or out of range."""
    at = integer(value)
    return at % rank if at is not None and rank and -rank <= at < rank else None


def axes_of(value: Value, rank: int) -> tuple[int, ...] | None:
    """Axes as `axis=` takes them: None is all of them."""
    if value == NONE:
        return tuple(range(rank))
    items = items_of(value)
    found = [axis_of(v, rank) for v in ((value,) if items is None else items)]
    known = [a for a in found if a is not None]
    return tuple(known) if len(known) == len(found) else None


def out_of_range(value: Value, rank: int) -> bool:
    """Whether some axis certainly does not exist."""
    items = items_of(value)
    numbers = [integer(v) for v in ((value,) if items is None else items)]
    return any(n is not None and not -rank <= n < rank for n in numbers)


def sizes_of(value: Value) -> tuple[Dim | None, ...] | None:
    """A shape argument: one size or several."""
    items = items_of(value)
    if items is None:
        single = dim_of(value)
        return None if single is None else (single,)
    return tuple(dim_of(v) for v in items)


def numbers_of(value: Value, count: int) -> tuple[int, ...] | None:
    """`count` integers from one, or from a sequence of as many."""
    items = items_of(value)
    found = [integer(v) for v in ((value,) * count if items is None else items)]
    known = [n for n in found if n is not None]
    return tuple(known) if len(known) == len(found) == count else None


def dims_of(value: Value, count: int) -> tuple[Dim, ...] | None:
    items = items_of(value)
    found = [dim_of(v) for v in ((value,) * count if items is None else items)]
    known = [n for n in found if n is not None]
    return tuple(known) if len(known) == len(found) == count else None


def filled(m: Machine, dims: Sequence[Dim | None]) -> tuple[Dim, ...]:
    """Unknown sizes by name."""
    return tuple(m.solver.fresh("?") if d is None else d for d in dims)


def bound_use(m: Machine, name: str, given: Arguments, place: Place) -> Use | None:
    """The call with its arguments bound and literal defaults filled in; None when it does not
    fit."""
    signature = _signature(name)
    if signature is None or not given.complete:
        return None
    found = bind(signature, given.positional, given.keywords)
    if not found.ok:
        m.report("TJ4003", place, f"`{name}` does not take these arguments")
        return None
    values = dict(found.values)
    for parameter, default in _defaults(name).items():
        values.setdefault(parameter, default)
    return Use(m, name, values, found.extra_positional, found.extra_keywords, place)


@cache
def _signature(name: str) -> Signature | None:
    return TargetApi.load().signature(name)


@cache
def _defaults(name: str) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for parameter in _signature(name) or ():
        if parameter.is_variadic:
            continue
        if parameter.has_literal_default:
            found[parameter.name] = _literal(parameter.literal_default())
        elif parameter.default is not None:
            found[parameter.name] = External(parameter.default)
    return found


def _literal(value: object) -> Value:
    if isinstance(value, (tuple, list)):
        return Fixed(tuple(_literal(v) for v in cast(Sequence[object], value)))
    return Const(value)
