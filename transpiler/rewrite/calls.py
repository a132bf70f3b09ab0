"""Rewriting of calls, methods, attributes and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ...ir.nodes import Argument, Attribute, Call, Expression, Name, OpCall
from ...rules.language.facts import Facts, is_simple
from ...rules.language.records import Rule, Status, Value
from ...rules.language.ruleset import RuleSet
from .application import Application, copy_tree
from .arguments import bind, check_dtypes, refuse_extra
from .lookups import looked_up
from .model import Dropped, Kept, Outcome, RefusalError, Refused, Rewritten, Trail
from .objects import body_of, function_value, resolve

Fresh = Callable[[str], str]


def rewrite_call(
    op: OpCall, rules: RuleSet, facts: Facts, *, fresh: Fresh | None = None
) -> Outcome:
    """Applies the rule for `op.symbol`.

    Arguments are not rewritten: they are put into the result as they are, to be rewritten in turn
    (top down, so that facts still apply to them). With `fresh` (a name not in use, from a
    suggestion), an argument
    that costs something and is used twice is bound to a name first; without it, it is repeated.
    """
    found = looked_up(op, rules, facts, lambda o: rewrite_call(o, rules, facts, fresh=fresh))
    if found is not None:
        return found
    record = rules.for_symbol(op.symbol)
    value = rules.for_value(op.symbol)
    if isinstance(value, Value) and not isinstance(record, Rule):
        return Rewritten(_value_called(value, op), (), value.name)
    if record is None:
        return Refused("TJ2001", f"no rule translates `{op.symbol}`")
    if isinstance(record, Status):
        return _unknown_arguments(record, op) or outcome_of(record, op.symbol)
    if record.kind == "layer":
        message = f"`{op.symbol}` makes a layer where only an expression can stand"
        return Refused("TJ5001", message, rule=record.name)
    try:
        trail = Trail()
        given, defaults = bind(record, op, facts, trail)
        check_dtypes(record, given, facts)
        application = Application(
            record,
            rules,
            facts,
            given,
            defaults,
            extras={"rngs": Name("rngs")},
            trail=trail,
            objects=resolve,
        )
        return finish(application, body_of, fresh)
    except RefusalError as error:
        return error.refused


def _value_called(value: Value, op: OpCall) -> Expression:
    """A class that another stands for: the arguments are passed on by name."""
    bound = tuple(Argument(code, name) for name, code in op.bound.items())
    return Call(copy_tree(value.body), (*bound, *op.extra), span=op.span)


def _unknown_arguments(record: Status, op: OpCall) -> Refused | None:
    """Arguments that a refused function does not even have in the source. One whose signature is
    not known has nothing bound."""
    is_known = record.kind == "refuse" and bool(op.bound)
    unknown = tuple(a for a in op.extra if not a.star) if is_known else ()
    try:
        refuse_extra(op.symbol, unknown, record.symbol)
    except RefusalError as error:
        return error.refused
    return None


def outcome_of(record: Status, symbol: str) -> Outcome:
    """What a `refuse`, `drop` or `keep` record says."""
    match record.kind:
        case "drop":
            return Dropped(record.reason, record.symbol)
        case "keep":
            return Kept(record.reason, record.symbol)
        case _:
            message = f"`{symbol}`: {record.reason}"
            return Refused("TJ2010", message, record.hint, rule=record.symbol)


def finish(
    application: Application, build: Callable[[Application], Expression], fresh: Fresh | None
) -> Rewritten:
    """Builds the result; costly arguments used twice get a name, if names can be had."""
    expression = build(application)
    bindings: list[tuple[str, Expression]] = []
    if fresh is not None:
        shown = dict(application.shown)
        for name in _repeated(application):
            bound = fresh(name)
            bindings.append((bound, application.given[name]))
            shown[name] = Name(bound)
        if bindings:
            expression = build(replace(application, shown=shown, uses=type(application.uses)()))
    rule = application.rule.name
    notes = tuple(application.trail.notes)
    return Rewritten(expression, notes, rule, tuple(bindings))


def _repeated(application: Application) -> list[str]:
    return [
        name
        for name, value in application.given.items()
        if application.uses[name] > 1
        and name not in application.shown
        and not is_simple(value)
        and not application.facts.is_static(value)
    ]


def rewrite_attribute(e: Attribute, owner: str, rules: RuleSet, facts: Facts) -> Outcome:
    """`e.attribute` of a value of API class `owner` (`tf.Tensor`, `tf.Variable`)."""
    record = rules.for_member(owner, e.attribute)
    if isinstance(record, Status):
        return outcome_of(record, f"{owner}.{e.attribute}")
    if record is None or record.is_call:
        return Refused("TJ2017", f"no rule translates `.{e.attribute}` of {owner}")
    return _member(record, {"self": e.value}, rules, facts, None)


def rewrite_method(
    e: Call, owner: str, rules: RuleSet, facts: Facts, *, fresh: Fresh | None = None
) -> Outcome:
    """`receiver.method(...)` on a value of API class `owner`. The function of `e` is an
    `Attribute`.
    """
    if not isinstance(e.function, Attribute):
        return Refused("TJ9001", "not a method call")
    name = e.function.attribute
    record = rules.for_member(owner, name)
    if isinstance(record, Status):
        return outcome_of(record, f"{owner}.{name}")
    if record is None or not record.is_call:
        return Refused("TJ2017", f"no rule translates the method `.{name}` of {owner}")
    parameters = [p.name for p in record.parameters if p.name != "self"]
    bound: dict[str, Expression] = {"self": e.function.value}
    free = iter(parameters)
    extra = [a for a in e.arguments if a.star]
    for argument in e.arguments:
        if argument.star:
            continue
        slot = argument.keyword or next(free, None)
        if slot is None:
            extra.append(argument)
        else:
            bound[slot] = argument.value
    try:
        refuse_extra(record.symbol, tuple(extra), record.name)
    except RefusalError as error:
        return error.refused
    op = OpCall(f"{owner}.{name}", bound, (), e.function)
    return rewrite_call(op, rules, facts, fresh=fresh)


def _member(
    record: Rule, given: Mapping[str, Expression], rules: RuleSet, facts: Facts, fresh: Fresh | None
) -> Outcome:
    application = Application(record, rules, facts, given, trail=Trail(), objects=resolve)
    try:
        return finish(application, body_of, fresh)
    except RefusalError as error:
        return error.refused


def rewrite_value(symbol: str, rules: RuleSet, facts: Facts) -> Outcome:
    """A source symbol that is not called: a constant, a dtype, or a function passed around."""
    value = rules.for_value(symbol)
    if isinstance(value, Value):
        return Rewritten(copy_tree(value.body), (), value.name)
    record = rules.for_symbol(symbol)
    status = value or record
    if isinstance(status, Status):
        return outcome_of(status, symbol)
    if not isinstance(record, Rule):
        return Refused("TJ2011", f"no rule says what `{symbol}` is as a value")
    if not record.is_call:
        return Refused("TJ2017", f"`{symbol}` is an attribute")
    application = Application(record, rules, facts, {}, objects=resolve)
    try:
        expression = function_value(application, symbol)
    except RefusalError as error:
        return error.refused
    return Rewritten(expression, tuple(application.trail.notes), record.name)
