"""`keras.losses.get("mse")`: what a name stands for, and objects as they are."""

from __future__ import annotations

from collections.abc import Callable

from ...ir.nodes import Call, Constant, Expression, Lambda, OpCall, Reference, Symbol
from ...rules.api import SourceApi
from ...rules.language.facts import Facts, literal
from ...rules.language.records import Rule
from ...rules.language.ruleset import RuleSet
from .model import Outcome, Refused, Rewritten

MODULES = {
    "keras.losses.get": "keras.losses",
    "keras.metrics.get": "keras.metrics",
    "keras.optimizers.get": "keras.optimizers",
}


def looked_up(
    op: OpCall, rules: RuleSet, facts: Facts, rewrite: Callable[[OpCall], Outcome]
) -> Outcome | None:
    """None: the symbol is no look-up. A class that is named is called without arguments."""
    module = MODULES.get(op.symbol)
    if module is None:
        return None
    identifier = op.bound.get("identifier", Constant(None))
    found = literal(identifier) or facts.constant(identifier)
    if found is None:
        return _object(op, identifier, facts)
    if found.value is None:
        return Rewritten(Constant(None), (), op.symbol)
    if not isinstance(found.value, str):
        return _refused(op)
    symbol = _named(module, found.value, rules)
    if symbol is None:
        kind = module.rpartition(".")[2]
        return Refused("TJ2015", f"{kind} has nothing by the name '{found.value}'", rule=op.symbol)
    if symbol.rpartition(".")[2][:1].isupper():
        return rewrite(OpCall(symbol, {}, (), Symbol(symbol), span=op.span))
    return _function(symbol, rules, facts)


def _named(module: str, text: str, rules: RuleSet) -> str | None:
    if module == "keras.optimizers":
        record = rules.named("optimizer", text)
        return record.symbol if isinstance(record, Rule) else None
    return SourceApi.load().canonical(f"{module}.{text}")


def _function(symbol: str, rules: RuleSet, facts: Facts) -> Outcome:
    from .calls import rewrite_value

    return rewrite_value(symbol, rules, facts)


def _object(op: OpCall, identifier: Expression, facts: Facts) -> Outcome:
    """A function or an object is what it is."""
    is_object = isinstance(identifier, (OpCall, Call, Lambda, Reference, Symbol))
    if is_object or facts.python_type(identifier) is object:
        return Rewritten(identifier, (), op.symbol)
    return _refused(op)


def _refused(op: OpCall) -> Refused:
    message = f"`{op.symbol}` of a value that is not known"
    return Refused("TJ3001", message, "pass the object, or a literal name", "identifier", op.symbol)
