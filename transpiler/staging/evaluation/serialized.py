"""Objects of Keras written as their serialized form: a dict with `class_name` and `config`."""

from __future__ import annotations

from ....ir.nodes import Constant, Dict, Expression, OpCall, Symbol
from ....rules.language.records import Rule
from ....rules.language.ruleset import RuleSet


def deserialized(node: Dict, rules: RuleSet) -> OpCall | None:
    """The call that builds the same initializer; None for any other dict."""
    entries = _entries(node)
    if entries is None or not {"class_name", "config"} >= entries.keys() >= {"class_name"}:
        return None
    name, config = entries["class_name"], entries.get("config", Dict((), ()))
    if not isinstance(name, Constant) or not isinstance(name.value, str):
        return None
    record = rules.named("initializer", name.value)
    bound = _entries(config) if isinstance(config, Dict) else None
    if not isinstance(record, Rule) or bound is None:
        return None
    return OpCall(record.symbol, bound, (), Symbol(record.symbol), span=node.span)


def _entries(node: Dict) -> dict[str, Expression] | None:
    found: dict[str, Expression] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, Constant) or not isinstance(key.value, str):
            return None
        found[key.value] = value
    return found
