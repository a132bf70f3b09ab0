"""Layers: which sizes the constructor needs, the constructor, and the application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...ir.nodes import (
    Argument,
    Call,
    Constant,
    Expression,
    Lambda,
    List,
    Name,
    OpCall,
    Symbol,
    Tuple,
    Unary,
)
from ...ir.nodes import (
    Parameter as LambdaParameter,
)
from ...rules.language.facts import Facts, literal
from ...rules.language.records import Rule, Status, variable_name
from ...rules.language.ruleset import RuleSet
from .application import Application
from .arguments import bind
from .calls import Fresh, finish
from .captures import Capture, find_captures
from .model import Note, RefusalError, Refused, Rewritten, Trail
from .needs import SizeNeed, find_needs, pattern_size
from .objects import apply_activation, check_requirements, resolve
from .weights import BoundWeight, bind_weights


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """One layer call, ready to be constructed and applied.

    `construct` is None for a layer without parameters or state; `needs` are the sizes it
    is made from. `captures` are
    configuration values that the application mentions: whoever applies the layer in another scope
    than the one that configures it stores them (`self.pool_size = pool_size`) and passes the stored
    ones to `apply`.
    """

    rule: str
    symbol: str
    construct: Expression | None
    needs: tuple[SizeNeed, ...]
    mode: str | None
    weights: tuple[BoundWeight, ...]
    notes: tuple[Note, ...]
    captures: tuple[Capture, ...]
    inputs: tuple[str, ...]
    call_parameters: tuple[str, ...]
    _application: Application = field(repr=False)

    def apply(
        self,
        inputs: Sequence[Expression],
        module: Expression | None = None,
        call_arguments: Mapping[str, Expression] | None = None,
        training: Expression | None = None,
        *,
        captured: Mapping[str, Expression] | None = None,
        fresh: Fresh | None = None,
    ) -> Rewritten | Refused:
        """The expression of one use. `training` is the Keras flag; without it the module's own mode
        applies.
        """
        try:
            return self._apply(
                inputs, module, call_arguments or {}, training, captured or {}, fresh
            )
        except RefusalError as error:
            return error.refused

    def _apply(
        self,
        inputs: Sequence[Expression],
        module: Expression | None,
        call_arguments: Mapping[str, Expression],
        training: Expression | None,
        captured: Mapping[str, Expression],
        fresh: Fresh | None,
    ) -> Rewritten:
        base = self._application
        rule = base.rule
        given = dict(base.given) | _bind_inputs(base, inputs, call_arguments)
        extras = dict(base.extras)
        if module is not None:
            extras["self"] = module
        extras["training"] = training if training is not None else Constant(None)
        for parameter in rule.inputs:
            if parameter.name in given:
                extras |= pattern_size(parameter, given[parameter.name])
        application = replace(
            base,
            given=given,
            extras=extras,
            sizes={},
            shown=dict(captured),
            trail=Trail(list(self.notes)),
            uses=type(base.uses)(),
            mode=_mode(rule, training),
            defaults=dict(base.defaults)
            | {p.name: p.default for p in rule.inputs if p.default is not None},
        )
        return finish(application, _application_body, fresh)


def _application_body(application: Application) -> Expression:
    rule = application.rule
    if rule.call:
        body = application.choose(rule.call)
        if body is None:
            raise application.refuse("TJ3002", f"no `call` of `{rule.symbol}` applies")
        result = application.build(body)
    else:
        names = [p.name for p in rule.inputs if p.default is None]
        arguments = tuple(Argument(Name("$" + name)) for name in names)
        result = application.build(Call(Name("$self"), arguments))
    if rule.then is None:
        return result
    name = variable_name(rule.then)
    if name is not None and name in application.shown:
        return Call(application.shown[name], (Argument(result),))
    source = application.source(rule.then)
    return apply_activation(application, source or application.build(rule.then), result)


def _mode(rule: Rule, training: Expression | None) -> tuple[str, Expression] | None:
    """`deterministic=not training`; nothing when the module's own mode is to apply."""
    if rule.mode is None or training is None:
        return None
    found = literal(training)
    if found is not None:
        return None if found.value is None else (rule.mode, Constant(not found.value))
    return rule.mode, Unary("not", training)


def _bind_inputs(
    base: Application, inputs: Sequence[Expression], call_arguments: Mapping[str, Expression]
) -> dict[str, Expression]:
    """Inputs by name. Raises RefusalError for a wrong number, or a call argument that the rule does
    not name.
    """
    rule = base.rule
    required = [p for p in rule.inputs if p.default is None]
    optional = [p.name for p in rule.inputs if p.default is not None]
    given: dict[str, Expression] = {}
    if len(required) == 1 and required[0].type.kind == "list":
        only = inputs[0] if len(inputs) == 1 else List(tuple(inputs))
        given[required[0].name] = only
    elif len(inputs) > len(rule.inputs) or len(inputs) < len(required):
        message = f"`{rule.symbol}` takes {len(required)} inputs, got {len(inputs)}"
        raise base.refuse("TJ2007" if len(inputs) > len(required) else "TJ2006", message)
    else:
        given |= {p.name: e for p, e in zip(rule.inputs, inputs, strict=False)}
    for name, value in call_arguments.items():
        if name not in optional:
            message = f"the rule for `{rule.symbol}` does not handle the call argument `{name}`"
            raise base.refuse("TJ2003", message, name)
        given[name] = value
    return given


def _record(op: OpCall, rules: RuleSet) -> Rule | Refused:
    record = rules.for_symbol(op.symbol)
    if isinstance(record, Status):
        message = f"`{op.symbol}`: {record.reason}"
        return Refused("TJ2010", message, record.hint, rule=record.symbol)
    if record is None:
        return Refused("TJ2001", f"no rule translates `{op.symbol}`")
    if record.kind != "layer":
        return Refused("TJ9001", f"`{op.symbol}` is no layer", rule=record.name)
    return record


def layer_needs(op: OpCall, rules: RuleSet, facts: Facts) -> tuple[SizeNeed, ...] | Refused:
    """The sizes that the constructor of this layer is made from, before they are known."""
    plan = _plan(op, rules, facts, None)
    return plan if isinstance(plan, Refused) else plan.needs


def construct_layer(
    op: OpCall, rules: RuleSet, facts: Facts, sizes: Mapping[str, Expression]
) -> LayerPlan | Refused:
    """The plan for one layer call. `sizes` maps the names of `layer_needs` to expressions;
    "rank(x)" may be left out.
    """
    return _plan(op, rules, facts, sizes)


def _plan(
    op: OpCall, rules: RuleSet, facts: Facts, sizes: Mapping[str, Expression] | None
) -> LayerPlan | Refused:
    record = _record(op, rules)
    if isinstance(record, Refused):
        return record
    try:
        trail = Trail()
        given, defaults = bind(record, op, facts, trail)
        application = Application(
            record,
            rules,
            facts,
            given,
            defaults,
            extras={"rngs": Name("rngs")},
            sizes=sizes or {},
            trail=trail,
            objects=resolve,
        )
        needs = find_needs(application)
        construct = None
        if sizes is not None:
            check_requirements(application)
            construct = _construct(application)
        return LayerPlan(
            rule=record.name,
            symbol=op.symbol,
            construct=construct,
            needs=needs,
            mode=record.mode,
            weights=bind_weights(application),
            notes=tuple(trail.notes),
            captures=find_captures(application),
            inputs=tuple(p.name for p in record.inputs if p.default is None),
            call_parameters=tuple(p.name for p in record.inputs if p.default is not None),
            _application=application,
        )
    except RefusalError as error:
        return error.refused


def _construct(application: Application) -> Expression | None:
    rule = application.rule
    if not rule.to:
        return None
    body = application.choose(rule.to)
    if body is not None:
        return application.build(body)
    if rule.call and rule.call[-1].guard is None:
        return None
    raise application.refuse("TJ3002", f"no alternative for `{rule.symbol}` applies")


def nested_constructor(context: Application, e: Expression) -> Expression:
    """The constructor of a layer that is an argument of another; what is built elsewhere stays as
    it is. Raises RefusalError.
    """
    match e:
        case List(elements=elements):
            return List(tuple(nested_constructor(context, element) for element in elements))
        case Constant() | Lambda() | Tuple() | Symbol():
            raise context.refuse(
                "TJ5002", f"the layer inside `{context.rule.symbol}` is no direct call"
            )
        case OpCall():
            pass
        case _:
            return e
    plan = construct_layer(e, context.rules, context.facts, context.sizes)
    if isinstance(plan, Refused):
        raise RefusalError(plan)
    if plan.construct is None:
        raise context.refuse("TJ5002", f"`{e.symbol}` has no parameters: apply it directly")
    for note in plan.notes:
        context.trail.add(note.code, note.message)
    return plan.construct


def layer_function(context: Application, op: OpCall, record: Rule) -> Expression:
    """A stateless layer as a function (`activation=LeakyReLU(0.1)`). Raises RefusalError."""
    plan = construct_layer(op, context.rules, context.facts, {})
    if isinstance(plan, Refused):
        raise RefusalError(plan)
    if plan.construct is not None:
        raise context.refuse(
            "TJ5001", f"`{record.symbol}` has parameters and is used as a function"
        )
    applied = plan.apply([Name("x")])
    if isinstance(applied, Refused):
        raise RefusalError(applied)
    body = applied.expression
    if isinstance(body, Call) and len(body.arguments) == 1:
        only = body.arguments[0]
        if only.keyword is None and isinstance(only.value, Name) and only.value.id == "x":
            return body.function
    return Lambda((LambdaParameter("x"),), body)
