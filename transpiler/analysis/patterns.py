"""What the patterns of tensors in rules tell: sizes by name, and ranks."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir.nodes import Starred, Tuple
from ...rules.language.records import Rule, variable_name
from .machine import Machine
from .values import (
    Fixed,
    Size,
    Tensor,
    Value,
    size,
)


def ask_ranks(m: Machine, rule: Rule, names: Mapping[str, Value]) -> None:
    """Takes note of the ranks that patterns ask of arguments of which nothing is known."""
    for parameter in (*rule.parameters, *rule.inputs):
        pattern = parameter.type.shape
        if not isinstance(pattern, Tuple):
            continue
        value = names.get(parameter.name)
        if not isinstance(value, Size) or value.sure:
            continue
        if not any(isinstance(e, Starred) for e in pattern.elements):
            m.demand(value.dim, len(pattern.elements))


def pattern_sizes(rule: Rule, names: Mapping[str, Value]) -> dict[str, Value]:
    """The sizes that the patterns of tensors name: `Tensor[T, (*B, D)]`."""
    found: dict[str, Value] = {}
    for parameter in (*rule.parameters, *rule.inputs):
        pattern = parameter.type.shape
        if not isinstance(pattern, Tuple):
            continue
        value = names.get(parameter.name)
        if not isinstance(value, Tensor):
            continue
        parts = pattern.elements
        star = next((i for i, e in enumerate(parts) if isinstance(e, Starred)), len(parts))
        for i, part in enumerate(parts):
            name = variable_name(part.value if isinstance(part, Starred) else part)
            if name is None:
                continue
            if isinstance(part, Starred):
                if value.dims is not None and len(value.dims) >= len(parts) - 1:
                    rest = value.dims[i : len(value.dims) - (len(parts) - 1 - i)]
                    found[name] = Fixed(tuple(size(d) for d in rest))
                continue
            axis = i if i < star else i - len(parts)
            if value.dims is not None and -len(value.dims) <= axis < len(value.dims):
                found[name] = size(value.dims[axis])
            elif value.dims is None and axis == -1 and value.last is not None:
                found[name] = size(value.last)
    return found
