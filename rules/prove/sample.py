"""Draws cases from a rule's domain with hypothesis, which also shrinks those that fail."""
# pyright: basic

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..language.records import Rule
from . import arrays
from .case import Case
from .derive import RuleDomain
from .domain import AxisOf, Domain, Indices, ListOf, Omitted, OneOf, TensorDomain, Text
from .strata import Stratum, inexact, options

SIZES = (2, 3, 1, 0)
MANY = (9, 5)
"""Sizes of vectors that are to hold each of the special values."""
GENERAL = Stratum("general", 1)
SPATIAL = ("H", "W", "E")
LARGEST = 400


@dataclass(slots=True)
class Draw:
    """What one case has bound so far."""

    data: Any
    domain: RuleDomain
    stratum: Stratum
    kind: str
    symbol: str
    sizes: dict[str, int] = field(default_factory=dict)
    stars: dict[str, tuple[int, ...]] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    tensors: dict[str, tuple[int, ...]] = field(default_factory=dict)
    found: dict[str, np.ndarray] = field(default_factory=dict)
    variables: list[str] = field(default_factory=list)

    def pick(self, options: Any) -> Any:
        return self.data.draw(st.sampled_from(tuple(options)))


def draw_case(
    data: Any, rule: Rule, domain: RuleDomain, symbol: str, keras: str, owner: str,
    names: Collection[str] = (), stratum: Stratum = GENERAL,
) -> Case:  # fmt: skip
    """One case for a symbol of the rule; `names` are those of its real parameters, if known."""
    draw = Draw(data, domain, stratum, rule.kind, symbol)
    alias = next((a for a in rule.aliases if a.symbol == symbol), None)
    theirs = {ours: name for name, ours in alias.renames} if alias else {}
    values: dict[str, str] = {}
    inputs = {p.name: _value(draw, p.name, domain.inputs[p.name]) for p in rule.inputs}
    for tensors_first in (True, False):
        for p in rule.parameters:
            wanted = domain.parameters[p.name]
            if _mentions_axis(wanted) != tensors_first:
                if names and p.default is not None and theirs.get(p.name, p.name) not in names:
                    continue
                found = _value(draw, p.name, wanted)
                if found is not None:
                    values[p.name] = found
    optional = tuple(p.name for p in rule.parameters if p.default is not None and p.name in values)
    case = Case("", draw.found, keras, owner, stratum.style, optional=optional, kind=rule.kind)
    case.variables = tuple(draw.variables)
    if owner:
        first = values.pop("self", "x")
        if first == "self":  # a name that templates do not use
            first, draw.found["x"] = "x", draw.found.pop("self")
        member = symbol.rpartition(".")[2]
        case.text = f"{first}.{member}"
        if rule.is_call:
            case.text += f"({_arguments(rule, values, theirs)})"
        return case
    case.text = f"{symbol}({_arguments(rule, values, theirs)})" if rule.is_call else symbol
    if rule.kind in ("layer", "metric"):
        names = [p.name for p in rule.inputs if p.default is None and inputs[p.name]]
        case.merge = any(p.type.kind == "list" for p in rule.inputs)
        if case.merge:
            names = (inputs[names[0]] or "").strip("[]").split(", ")
        case.inputs = tuple(names)
        case.call = {
            p.name: inputs[p.name] or ""
            for p in rule.inputs
            if p.default is not None and inputs[p.name]
        }
    return case


def _arguments(rule: Rule, values: dict[str, str], theirs: dict[str, str]) -> str:
    return ", ".join(
        f"{theirs.get(p.name, p.name)}={values[p.name]}"
        for p in rule.parameters
        if p.name in values and p.name != "self"
    )


def _mentions_axis(domain: Domain) -> bool:
    if isinstance(domain, OneOf):
        return any(map(_mentions_axis, domain.options))
    return isinstance(domain, AxisOf)


def _value(draw: Draw, name: str, domain: Domain) -> str | None:
    """The text of an argument, None for one that is left out."""
    match domain:
        case OneOf(options=options):
            return _value(draw, name, draw.pick(options))
        case Text(text=text):
            return text
        case Omitted():
            return None
        case AxisOf(parameter=parameter, several=several):
            return _axis(draw, draw.tensors.get(parameter), several)
        case Indices(ranks=ranks, dims=dims, below=below):
            shape = tuple(draw.pick(dims) for _ in range(draw.pick(ranks)))
            seed = draw.pick(range(4))
            rng = np.random.default_rng([seed, *shape])
            draw.found[name] = rng.integers(0, below, shape).astype(np.int32)
            draw.tensors[name] = shape
            return name
        case ListOf(element=element, lengths=lengths):
            count = draw.pick(lengths)
            for i in range(count):
                _value(draw, f"{name}{i}", element)
            return "[" + ", ".join(f"{name}{i}" for i in range(count)) + "]"
        case TensorDomain():
            _tensor(draw, name, domain)
            return name


def _axis(draw: Draw, shape: tuple[int, ...] | None, several: bool) -> str:
    rank = len(shape) if shape is not None else 1
    if not rank:
        return "[]" if several else "0"
    axes = [*range(rank), *(i - rank for i in range(rank))]
    if not several:
        return str(draw.pick(axes))
    count = draw.pick(range(1, rank + 1))
    chosen = sorted(draw.data.draw(st.permutations(range(rank)))[:count])
    return str([a - rank if draw.pick((False, True)) else a for a in chosen])


def _tensor(draw: Draw, name: str, domain: TensorDomain) -> None:
    shape = _shape(draw, domain)
    shape = _bounded(shape)
    draw.tensors[name] = shape
    if domain.shape is not None:
        draw.shapes.setdefault(domain.shape, shape)
    dtype = _dtype(draw, domain)
    values = domain.values or "any"
    seed = draw.pick(range(4))
    # Arrays of one case start at different special values, so that these meet.
    seed += len(draw.found) * 7
    if domain.variable:
        draw.variables.append(name)
    draw.found[name] = arrays.make(shape, dtype, draw.stratum.style, values, seed)


def _bounded(shape: tuple[int, ...]) -> tuple[int, ...]:
    """At most `LARGEST` elements: the outer axes, which are batches and channels, go first, so that
    images keep their sizes as long as they can."""
    for axis in (0, -1, *range(1, len(shape) - 1)):
        if int(np.prod(shape)) <= LARGEST:
            break
        at = axis % len(shape)
        shape = tuple(min(d, 2) if i == at else d for i, d in enumerate(shape))
    return shape


def _dtype(draw: Draw, domain: TensorDomain) -> str:
    letter = domain.letter or ""
    if letter in draw.letters:
        return draw.letters[letter]
    if domain.like is not None and domain.like in draw.found and not domain.dtypes:
        return str(draw.found[domain.like].dtype)
    found = options(domain, draw.domain, draw.symbol)
    if draw.stratum.turn is not None:
        dtype = found[draw.stratum.turn % len(found)]
    elif draw.stratum.style == "special":
        found = inexact(found) or found
        dtype = draw.pick((found[0],) * 2 + found)
    elif draw.stratum.style == "extreme":
        dtype = (inexact(found) or found)[0]
    else:
        dtype = draw.pick((found[0],) * 3 + found[1:])
    if letter:
        draw.letters[letter] = dtype
    return dtype


def _shape(draw: Draw, domain: TensorDomain) -> tuple[int, ...]:
    if domain.like is not None and domain.like in draw.tensors:
        return draw.tensors[domain.like]
    if domain.pattern is not None:
        return tuple(n for part in domain.pattern for n in _part(draw, part, domain))
    if domain.shape is not None and domain.shape in draw.shapes:
        return draw.shapes[domain.shape]
    if domain.ranks is None and domain.dims is None and draw.shapes and domain.shape:
        return _related(draw, next(iter(draw.shapes.values())))
    ranks = domain.ranks or ((2, 3, 4) if draw.kind == "layer" else (1, 2, 0, 3))
    dims = domain.dims or ((2, 3, 1, 4) if draw.kind == "layer" else SIZES)
    wanted = draw.stratum.shape
    if wanted == "scalar" and 0 in ranks:
        return ()
    if wanted == "empty" and 0 in dims and max(ranks) > 0:
        rank = draw.pick([r for r in ranks if r > 0])
        at = draw.pick(range(rank))
        return tuple(0 if i == at else draw.pick(dims) for i in range(rank))
    if draw.stratum.style == "extreme":  # never without an element
        dims = tuple(n for n in dims if n) or dims
    rank = draw.pick(ranks)
    if draw.stratum.style in ("special", "ties") and domain.dims is None:
        dims = MANY if rank == 1 else tuple(n for n in dims if n > 1)
    return tuple(draw.pick(dims) for _ in range(rank))


def _part(draw: Draw, part: str, domain: TensorDomain) -> tuple[int, ...]:
    if part.startswith("*"):
        if part not in draw.stars:
            ranks = [r - len(domain.pattern or ()) + 1 for r in domain.ranks or (2, 3)]
            count = draw.pick([r for r in ranks if r >= 0] or [1])
            draw.stars[part] = tuple(draw.pick(domain.dims or (2, 3, 1)) for _ in range(count))
        return draw.stars[part]
    if part.isdigit():
        return (int(part),)
    if part not in draw.sizes:
        usual = (4, 5, 6, 3) if part in SPATIAL else (2, 3, 1, 4)
        draw.sizes[part] = draw.pick(domain.dims or usual)
    return (draw.sizes[part],)


def _related(draw: Draw, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts with another."""
    how = draw.pick(("same", "scalar", "ones", "tail"))
    match how:
        case "scalar":
            return ()
        case "ones":
            return tuple(1 if draw.pick((False, True)) else n for n in shape)
        case "tail":
            return shape[draw.pick(range(len(shape) + 1)) :]
        case _:
            return shape
