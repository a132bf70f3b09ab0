"""Arguments of API calls by the names that rules give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from ...rules.language.facts import literal
from ...rules.language.records import Parameter, Rule
from .values import UNKNOWN, Const, Fixed, Listing, Value, const, items_of

HARMLESS = frozenset(
    {
        *("name", "dtype", "trainable", "weights", "autocast", "batch_size"),
        *("input_shape", "input_dim", "batch_input_shape", "input_length"),
    }
)
"""Arguments of layers that change no shape, whether the rule knows them or not."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The parameters of a rule as one of its symbols has them."""

    rule: Rule
    renames: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    defaults: Mapping[str, Value]

    @staticmethod
    def of(rule: Rule, symbol: str) -> Heading:
        alias = next((a for a in rule.aliases if a.symbol == symbol), None)
        own = dict(alias.defaults) if alias else {}
        defaults: dict[str, Value] = {}
        for parameter in (*rule.parameters, *rule.inputs):
            default = own.get(parameter.name, parameter.default)
            known = None if default is None else literal(default)
            defaults[parameter.name] = UNKNOWN if known is None else python_value(known.value)
        parameters = {p.name: p for p in rule.parameters}
        return Heading(rule, dict(alias.renames) if alias else {}, parameters, defaults)

    def bind(self, bound: Mapping[str, Value]) -> dict[str, Value] | None:
        """Arguments by the names of the rule, defaults included; None when the rule does not cover
        them."""
        found = dict(self.defaults)
        for name, value in bound.items():
            parameter = self.parameters.get(self.renames.get(name, name))
            if parameter is None and name in HARMLESS:
                continue
            if parameter is None or not allowed(parameter, value):
                return None
            found[parameter.name] = value
        return found


@dataclass(frozen=True, slots=True)
class Headings:
    """Those that were asked for, by rule and symbol."""

    made: dict[tuple[int, str], Heading] = field(default_factory=dict[tuple[int, str], Heading])

    def bind(self, rule: Rule, symbol: str, bound: Mapping[str, Value]) -> dict[str, Value] | None:
        heading = self.made.get((id(rule), symbol))
        if heading is None:
            # It keeps the rule alive, and so its identity.
            heading = self.made[id(rule), symbol] = Heading.of(rule, symbol)
        return heading.bind(bound)


def allowed(parameter: Parameter, value: Value) -> bool:
    """Whether the rule covers the argument."""
    if parameter.name == "data_format":
        word = const(value)
        return word is None or (
            isinstance(word, str) and word in ("channels_last", "NHWC", "NWC", "NDHWC")
        )
    if parameter.type.kind != "Fixed":
        return True
    allowed = [known.value for e in parameter.type.values if (known := literal(e)) is not None]
    given = python(value)
    return given is not ... and given in allowed


def python(value: Value) -> object:
    """The Python value, `...` when it is not known."""
    items = items_of(value)
    if items is not None:
        inner = [python(v) for v in items]
        return ... if ... in inner else inner if isinstance(value, Listing) else tuple(inner)
    return const(value)


def python_value(value: object) -> Value:
    if isinstance(value, (tuple, list)):
        return Fixed(tuple(python_value(v) for v in cast(Sequence[object], value)))
    return Const(value)
