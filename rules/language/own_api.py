"""The API with the functions, layers and constants of other packages that rules speak of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ..api import Flavour, SourceApi, Symbol
from ..api.signature import Parameter, Signature
from .namespaces import is_source
from .records import Rule, Status, Value
from .ruleset import RuleSet


def api_with_own_symbols(api: SourceApi, rules: RuleSet) -> SourceApi:
    """`api`, knowing the symbols outside of TF and Keras that `rules` have records for."""
    keys = (key.partition(":")[2] for key in (*rules.index.calls, *rules.index.values))
    own = frozenset(name for name in keys if not is_source(name))
    return _Extended(api, rules, own) if own else api


def _symbol(name: str, record: Rule | Value | Status, api: SourceApi) -> Symbol:
    match record:
        case Rule(kind="layer"):
            layer = api.symbol("keras.Layer")
            bases = ("keras.Layer", *(layer.bases if layer is not None else ()))
            return Symbol(name, "class", _signature(record), bases)
        case Rule():
            return Symbol(name, "function", _signature(record))
        case Value():
            return Symbol(name, "constant")
        case Status():
            return Symbol(name, "function")


def _signature(rule: Rule) -> Signature:
    return Signature(
        tuple(
            Parameter(p.name, "positional_or_keyword", None if p.default is None else "None")
            for p in rule.parameters
            if p.name != "self"
        )
    )


class _Extended(SourceApi):
    """Answers for its own symbols, and asks the API for the others. Records are read when they
    are asked for: there may be thousands."""

    def __init__(self, api: SourceApi, rules: RuleSet, own: Collection[str]) -> None:
        self._api = api
        self._rules = rules
        self._own = own
        self._found: dict[str, Symbol | None] = {}

    def canonical(self, dotted_path: str) -> str | None:
        if is_source(dotted_path):
            return self._api.canonical(dotted_path)
        return dotted_path if self._find(dotted_path) is not None else None

    def longest_prefix(self, dotted_path: str) -> tuple[str, tuple[str, ...]] | None:
        return self._api.longest_prefix(dotted_path)

    def symbol(self, canonical: str, flavour: Flavour | None = None) -> Symbol | None:
        return self._find(canonical) or self._api.symbol(canonical, flavour)

    def flavours(self, canonical: str) -> tuple[Flavour, ...]:
        return self._api.flavours(canonical)

    def methods(self, canonical: str, flavour: Flavour | None = None) -> Mapping[str, Symbol]:
        return self._api.methods(canonical, flavour)

    def aliases(self, canonical: str) -> tuple[str, ...]:
        return self._api.aliases(canonical)

    def names(self, flavour: Flavour | None = None) -> Iterator[str]:
        yield from self._api.names(flavour)
        yield from (name for name in self._own if not name.endswith(".*"))

    def _find(self, name: str) -> Symbol | None:
        if is_source(name):
            return None
        if name not in self._found:
            record = self._rules.for_symbol(name) or self._rules.for_value(name)
            self._found[name] = None if record is None else _symbol(name, record, self._api)
        return self._found[name]
