"""The arguments that every Keras optimizer takes, which records of optimizers need not name.

Gradients are clipped before the optimizer's own transformation, and weights decay after it. `lr` is
the old name of the learning rate, and `decay` its old schedule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from ...ir.nodes import Argument, Call, Constant, Expression, Name
from ..api import FLAVOURS, SourceApi
from .build import with_variable
from .errors import Place
from .functions import FUNCTIONS
from .records import NONE, Choice, Parameter, ParameterType, Record, Rule
from .template import Names, Text, template

IGNORED, ANY = ParameterType("Ignored"), ParameterType("Any")


def _fixed(value: object) -> ParameterType:
    return ParameterType("Fixed", values=(Constant(value),))


COMMON = (
    Parameter("name", IGNORED, NONE),
    Parameter("lr", ANY, NONE),
    Parameter("decay", ANY, Constant(0.0)),
    Parameter("weight_decay", ANY, NONE),
    Parameter("clipvalue", ANY, NONE),
    Parameter("clipnorm", ANY, NONE),
    Parameter("global_clipnorm", ANY, NONE),
    Parameter("use_ema", _fixed(False), Constant(False)),
    Parameter("ema_momentum", IGNORED, NONE),
    Parameter("ema_overwrite_frequency", IGNORED, NONE),
    Parameter("loss_scale_factor", _fixed(None), NONE),
    Parameter("gradient_accumulation_steps", _fixed(None), NONE),
    Parameter("gradient_aggregator", _fixed(None), NONE),
    Parameter("gradient_transformers", _fixed(None), NONE),
    Parameter("mesh", _fixed(None), NONE),
    Parameter("jit_compile", IGNORED, NONE),
    Parameter("is_legacy_optimizer", IGNORED, NONE),
    Parameter("use_locking", IGNORED, NONE),
)
BEFORE = {
    "clipvalue": "optax.clip(clipvalue) if clipvalue is not None else optax.identity()",
    "clipnorm": "compat.clip_each_by_norm(clipnorm) if clipnorm is not None else optax.identity()",
    "global_clipnorm": "optax.clip_by_global_norm(global_clipnorm)"
    " if global_clipnorm is not None else optax.identity()",
}
AFTER = {
    "weight_decay": "compat.decay_weights(learning_rate, weight_decay)"
    " if weight_decay is not None else optax.identity()",
}
RATES = {
    "decay": "compat.decayed_rate(learning_rate, decay) if decay else learning_rate",
    "lr": "lr if lr is not None else learning_rate",
}


def with_optimizer_arguments(records: Iterable[Record], source: SourceApi | None) -> list[Record]:
    """Records of optimizers with those common arguments that their class has, and that they do
    not name."""
    if source is None:
        return list(records)
    return [_completed(record, source) for record in records]


def _completed(record: Record, source: SourceApi) -> Record:
    if not isinstance(record, Rule) or record.kind != "optimizer":
        return record
    flavours = FLAVOURS if record.flavour is None else (record.flavour,)
    taken = {
        parameter.name
        for symbol in record.symbols()
        for flavour in flavours
        if (signature := source.signature(symbol, flavour)) is not None
        for parameter in signature
    }
    named = {parameter.name for parameter in record.parameters}
    added = [p for p in COMMON if p.name in taken - named]
    names = {p.name for p in added}
    before = tuple(_text(text) for name, text in BEFORE.items() if name in names)
    after = tuple(_text(text) for name, text in AFTER.items() if name in names)

    def rated(e: Expression) -> Expression:
        for name, text in RATES.items():
            e = with_variable(e, "learning_rate", _text(text)) if name in names else e
        return e

    def completed(choice: Choice) -> Choice:
        parts = (*before, choice.body, *after)
        body = Call(Name("@chain"), tuple(map(Argument, parts)))
        return Choice(rated(body), None if choice.guard is None else rated(choice.guard))

    return replace(
        record,
        parameters=(*record.parameters, *added),
        to=tuple(map(completed, record.to)),
    )


@cache
def _text(text: str) -> Expression:
    variables = {p.name for p in COMMON} | {"learning_rate"}
    return template(Text(text, Place("<optimizers>", 1)), Names(variables, FUNCTIONS))
