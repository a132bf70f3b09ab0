"""The domains of `try` clauses: which values a parameter is tried with.

`tensor(rank=0..4, dims={0, 1, 2}, values=finite, dtypes={float32}, like=x)`, `like(x)`,
`variable(...)` likewise, `axis_of(x)`, `axes_of(x)`, `indices(below=3)`, `list(DOMAIN, 1..3)`,
`1..8`, `omitted`, any Python literal or source expression, and alternatives `A | B`.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

VALUES = (
    *("any", "finite", "positive", "nonnegative", "nonzero", "unit", "probability", "distinct"),
    "ties",
)
"""What the elements of a tensor may be; "any" includes NaN, infinities and -0.0,
"ties" has equal values."""


@dataclass(frozen=True, slots=True)
class TensorDomain:
    """`letter` and `shape` are the dtype variable and shape pattern of the parameter's type.
    `variable`: a variable that holds such a tensor."""

    ranks: tuple[int, ...] | None = None
    dims: tuple[int, ...] | None = None
    values: str | None = None
    dtypes: tuple[str, ...] = ()
    like: str | None = None
    letter: str | None = None
    pattern: tuple[str, ...] | None = None
    shape: str | None = None
    variable: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class Indices:
    """Integers from 0; `below` is the exclusive bound."""

    ranks: tuple[int, ...] = (0, 1, 2)
    dims: tuple[int, ...] = (2, 1, 3)
    below: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """Source text: a literal, or an expression over the source packages."""

    text: str


@dataclass(frozen=True, slots=True)
class AxisOf:
    """An axis of a tensor parameter; several (distinct) when `several`."""

    parameter: str
    several: bool = False


@dataclass(frozen=True, slots=True)
class ListOf:
    element: Domain
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    options: tuple[Domain, ...]


@dataclass(frozen=True, slots=True)
class Omitted:
    """The argument is not passed."""


Domain = TensorDomain | Indices | Text | AxisOf | ListOf | OneOf | Omitted


class DomainError(ValueError):
    """A `try` clause that cannot be read."""


def parse_domain(text: str) -> Domain:
    """Raises DomainError."""
    prepared = re.sub(r"(-?\d+)\.\.(-?\d+)", r"__range__(\1, \2)", text)
    try:
        node = ast.parse(prepared, mode="eval").body
    except SyntaxError:
        raise DomainError(f"`{text}` is no domain") from None
    return _read(node)


def _read(node: ast.expr) -> Domain:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            options: list[Domain] = []
            for side in (_read(left), _read(right)):
                options += side.options if isinstance(side, OneOf) else (side,)
            return OneOf(tuple(options))
        case ast.Name(id="omitted"):
            return Omitted()
        case ast.Call(func=ast.Name(id="__range__")):
            return OneOf(tuple(Text(str(n)) for n in _numbers(node)))
        case ast.Call(func=ast.Name(id="tensor"), args=[], keywords=keywords):
            return _tensor({k.arg or "": k.value for k in keywords})
        case ast.Call(func=ast.Name(id="variable"), args=[], keywords=keywords):
            return replace(_tensor({k.arg or "": k.value for k in keywords}), variable=True)
        case ast.Call(func=ast.Name(id="like"), args=[ast.Name(id=name)]):
            return TensorDomain(like=name)
        case ast.Call(func=ast.Name(id="axis_of"), args=[ast.Name(id=name)]):
            return AxisOf(name)
        case ast.Call(func=ast.Name(id="axes_of"), args=[ast.Name(id=name)]):
            return AxisOf(name, several=True)
        case ast.Call(func=ast.Name(id="indices"), args=[], keywords=keywords):
            given = {k.arg or "": k.value for k in keywords}
            below = _numbers(given["below"])[-1] if "below" in given else 2
            ranks = _numbers(given["rank"]) if "rank" in given else (0, 1, 2)
            dims = _numbers(given["dims"]) if "dims" in given else (2, 1, 3)
            return Indices(ranks, dims, below)
        case ast.Call(func=ast.Name(id="list"), args=[element, lengths]):
            return ListOf(_read(element), _numbers(lengths))
        case _:
            return Text(ast.unparse(node))


def _tensor(given: dict[str, ast.expr]) -> TensorDomain:
    unknown = given.keys() - {"rank", "dims", "values", "dtypes", "like"}
    if unknown:
        raise DomainError(f"tensor() has no `{min(unknown)}`")
    values = _word(given["values"]) if "values" in given else None
    if values is not None and values not in VALUES:
        raise DomainError(f"values are one of {', '.join(VALUES)}")
    dtypes = given.get("dtypes")
    return TensorDomain(
        ranks=_numbers(given["rank"]) if "rank" in given else None,
        dims=_numbers(given["dims"]) if "dims" in given else None,
        values=values,
        dtypes=tuple(map(_word, dtypes.elts)) if isinstance(dtypes, ast.Set) else (),
        like=_word(given["like"]) if "like" in given else None,
    )


def _word(node: ast.expr) -> str:
    if not isinstance(node, ast.Name):
        raise DomainError(f"`{ast.unparse(node)}` is no name")
    return node.id


def _numbers(node: ast.expr) -> tuple[int, ...]:
    match node:
        case ast.Call(func=ast.Name(id="__range__"), args=[low, high]):
            return tuple(range(ast.literal_eval(low), ast.literal_eval(high) + 1))
        case ast.Set(elts=elements):
            return tuple(n for e in elements for n in _numbers(e))
        case ast.Constant(value=int() as n):
            return (n,)
        case _:
            raise DomainError(f"`{ast.unparse(node)}` is no set of numbers")
