"""The strata of a domain: kinds of inputs that are each tried, however few cases are drawn.

Distinct values first, so that a counterexample is not blamed on NaN when any input would do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..language.records import Rule
from .arrays import FLOATS, dtypes_of
from .derive import RuleDomain
from .domain import Domain, ListOf, OneOf, TensorDomain

LADDER = 2
"""Raise it when the ladder finds more than it did, and mark the strata that are new, or stricter,
with it: of a rule that is proved already only those are tried.

2: ties in which nothing explains a jump; extreme values; NaN and infinities for layers with weights
and for metrics."""
COMMON = (
    *("float32", "int32", "bool", "float16", "bfloat16", "int8", "uint8", "int16", "int64"),
    *("float64", "complex64"),
)
"""What a rule without a `where` is tried with; TensorFlow rejects those that it does not take."""
OF_KERAS = ("float32", "int32", "float16", "bool")
"""The same for functions of Keras; layers cast their inputs, and are tried with float32."""
FLOAT_ONLY = ("keras.layers.", "keras.metrics.", "keras.optimizers.", "tensorflow_addons.")
INEXACT = (*FLOATS, "complex64", "complex128")


@dataclass(frozen=True, slots=True)
class Stratum:
    """`style` says what the arrays hold (`arrays.STYLES`); `shape` asks for an empty array or rank
    0; `turn` for the dtype of that number among those that the rule covers; `cases` are drawn.
    `since`: the ladder (`LADDER`) that first tried it as it is now."""

    style: str
    cases: int
    shape: Literal["", "empty", "scalar"] = ""
    turn: int | None = None
    since: int = 1


def strata(rule: Rule, domain: RuleDomain, symbol: str, cases: int) -> Iterator[Stratum]:
    """Those that differ for the domain; the first has about half of the cases."""
    tensors = [t for d in (*domain.inputs.values(), *domain.parameters.values()) for t in _in(d)]
    if rule.kind == "optimizer":  # each case is many steps
        yield Stratum("general", max(2, cases // 3))
        return
    yield Stratum("general", max(2, cases // 2))
    if not tensors:
        return
    few = max(1, cases // 6)
    free = any(t.values in (None, "any") for t in tensors)
    layer = rule.kind in ("layer", "metric")
    if free:
        stateful = rule.kind == "metric" or (layer and bool(rule.weights))
        yield Stratum("special", 2 * few, since=2 if stateful else 1)
        yield Stratum("ties", few, since=2)
        yield Stratum("large", 1)
        yield Stratum("extreme", 1, since=2)
    if not layer:
        yield Stratum("general", 1, "empty")
        yield Stratum("general", 1, "scalar")
        count = max(len(options(t, domain, symbol)) for t in tensors)
        for turn in range(1, count):
            yield Stratum("general", 1, turn=turn)


def newest(rule: Rule, domain: RuleDomain, symbol: str) -> int:
    """The ladder that a proof of the rule must not be older than."""
    return max(stratum.since for stratum in strata(rule, domain, symbol, 2))


def options(tensor: TensorDomain, domain: RuleDomain, symbol: str) -> tuple[str, ...]:
    """The dtypes of a tensor, the most common first."""
    if tensor.dtypes:
        return tensor.dtypes
    if tensor.letter in domain.dtypes:
        found = dtypes_of(domain.dtypes[tensor.letter])
        if symbol.startswith("keras."):  # Keras knows no complex128
            found = tuple(name for name in found if name != "complex128")
        return found or ("float32",)
    if symbol.startswith(FLOAT_ONLY):
        return ("float32",)
    return OF_KERAS if symbol.startswith("keras.") else COMMON


def inexact(found: tuple[str, ...]) -> tuple[str, ...]:
    """Those that have NaN."""
    return tuple(name for name in found if name in INEXACT)


def _in(domain: Domain) -> Iterator[TensorDomain]:
    match domain:
        case TensorDomain():
            yield domain
        case OneOf(options=options):
            for option in options:
                yield from _in(option)
        case ListOf(element=element):
            yield from _in(element)
        case _:
            pass
