"""The shape rule of a call, its arguments filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...ir.nodes import Constant, Expression, Name, OpCall
from ...rules.language.facts import Facts
from ...rules.language.records import Rule, ShapeRule, variable_name
from ...rules.language.ruleset import RuleSet
from .application import Application
from .arguments import bind
from .model import RefusalError, Trail
from .needs import pattern_size


@dataclass(frozen=True, slots=True)
class BoundShape:
    """`function(arguments, keywords)`: tensors are the source expressions, configuration is target
    expressions.

    `dtype` is a string ("float32"), an expression whose dtype is meant (a tensor) or that is a
    dtype (`Symbol("jax.numpy.int32")`), or None when unknown. Function "pattern" has one tuple,
    whose sizes are filled in.
    """

    function: str
    arguments: tuple[Expression, ...]
    keywords: Mapping[str, Expression]
    dtype: Expression | str | None


def shape_rule(
    op: OpCall,
    rules: RuleSet,
    facts: Facts,
    inputs: Mapping[str, Expression] | None = None,
) -> BoundShape | None:
    """What `op` gives; for a layer, what it gives when applied to `inputs` (by the names of `on`).
    None: not said.
    """
    record = rules.for_symbol(op.symbol)
    if not isinstance(record, Rule) or record.gives is None:
        return None
    try:
        given, defaults = bind(record, op, facts, Trail())
    except RefusalError:
        return None
    tensors = dict(inputs or {})
    sizes: dict[str, Expression] = {}
    for parameter in (*record.parameters, *record.inputs):
        value = tensors.get(parameter.name, given.get(parameter.name))
        if value is not None:
            sizes |= pattern_size(parameter, value)
    application = Application(
        record, rules, facts, given | tensors, defaults, extras=_placeholders(record) | sizes
    )
    gives = record.gives
    try:
        return BoundShape(
            gives.function,
            tuple(application.build(a) for a in gives.arguments),
            {name: application.build(value) for name, value in gives.keywords},
            _dtype(application, gives),
        )
    except (RefusalError, KeyError):  # a shape function inside another: too deep to follow
        return None


def _placeholders(record: Rule) -> dict[str, Expression]:
    """Inputs that the caller did not pass: flags have their defaults, others stay metavariables."""
    return {
        p.name: p.default
        if isinstance(p.default, Constant) and isinstance(p.default.value, bool)
        else Name("$" + p.name)
        for p in record.inputs
    }


def _dtype(application: Application, gives: ShapeRule) -> Expression | str | None:
    rule = application.rule
    wanted = None if gives.dtype is None else variable_name(gives.dtype)
    if gives.dtype is not None and wanted is None:
        if isinstance(gives.dtype, Constant):
            return gives.dtype.value if isinstance(gives.dtype.value, str) else None
        from .objects import resolve

        application.objects = resolve
        try:
            return application.build(gives.dtype)
        except (KeyError, RefusalError):  # `unknown`, or it depends on what is not known
            return None
    for parameter in (*rule.inputs, *rule.parameters):
        if not parameter.type.is_tensor:
            continue
        kind = parameter.type if parameter.type.element is None else parameter.type.element
        if wanted is None or kind.dtype == wanted:
            return application.source(Name("$" + parameter.name))
    return None
