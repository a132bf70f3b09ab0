"""The arguments that every Keras layer takes, which records of layers need not name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...ir.nodes import Constant
from ..api import FLAVOURS, SourceApi
from .records import NONE, Parameter, ParameterType, Record, Rule

IGNORED, NOTED, REGULARIZER = (ParameterType(k) for k in ("Ignored", "Noted", "Regularizer"))
COMMON = (
    Parameter("name", IGNORED, NONE),
    Parameter("trainable", NOTED, Constant(True)),
    Parameter("dtype", NOTED, NONE),
    Parameter("dynamic", IGNORED, NONE),
    Parameter("autocast", IGNORED, NONE),
    Parameter("activity_regularizer", REGULARIZER, NONE),
    Parameter("input_shape", IGNORED, NONE),
    Parameter("input_dim", IGNORED, NONE),
    Parameter("batch_input_shape", IGNORED, NONE),
    Parameter("batch_size", IGNORED, NONE),
    Parameter("implementation", IGNORED, NONE),
)


def with_layer_arguments(records: Iterable[Record], source: SourceApi | None) -> list[Record]:
    """Records of Keras layers with those common arguments that their class has, and that they do
    not name. `weights=` is left out on purpose: it has a meaning."""
    if source is None:
        return list(records)
    return [_completed(record, source) for record in records]


def _completed(record: Record, source: SourceApi) -> Record:
    if not isinstance(record, Rule) or record.kind != "layer":
        return record
    if not record.symbol.startswith("keras."):
        return record
    flavours = FLAVOURS if record.flavour is None else (record.flavour,)
    taken = {
        parameter.name
        for flavour in flavours
        if (signature := source.signature(record.symbol, flavour)) is not None
        for parameter in signature
    }
    named = {parameter.name for parameter in record.parameters}
    added = [p for p in COMMON if p.name in taken - named]
    return replace(record, parameters=(*record.parameters, *added))
