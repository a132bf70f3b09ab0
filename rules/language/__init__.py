"""The rule language: `docs/rules.md` is its reference."""

from .errors import Place, Problem, RuleError
from .facts import Facts, Known, NoFacts
from .records import Alias, Naming, Parameter, ParameterType, Record, Rule, ShapeRule, Status, Value
from .ruleset import BUILTIN, RuleSet

__all__ = [
    "BUILTIN",
    "Alias",
    "Facts",
    "Known",
    "Naming",
    "NoFacts",
    "Parameter",
    "ParameterType",
    "Place",
    "Problem",
    "Record",
    "Rule",
    "RuleError",
    "RuleSet",
    "ShapeRule",
    "Status",
    "Value",
]
