"""Signature data of TF / Keras (sources) and JAX / Flax / Optax (targets), and its reader."""

from .reader import SourceApi, TargetApi, versions
from .signature import (
    BindProblem,
    BoundArguments,
    Parameter,
    ParameterKind,
    ProblemKind,
    Signature,
    bind,
    parse_signature,
)
from .symbol import FLAVOURS, Flavour, Symbol, SymbolKind

__all__ = [
    "FLAVOURS",
    "BindProblem",
    "BoundArguments",
    "Flavour",
    "Parameter",
    "ParameterKind",
    "ProblemKind",
    "Signature",
    "SourceApi",
    "Symbol",
    "SymbolKind",
    "TargetApi",
    "bind",
    "parse_signature",
    "versions",
]
