"""Runs the TensorFlow source and the JAX translation side by side and compares them."""

from .api import Pythons, verify_case, verify_cases
from .case import (
    Side,
    TrainSides,
    VerifyCase,
    WeightMove,
    WeightRule,
    case_from_json,
    case_to_json,
    rules_from_data,
)
from .limits import Limits
from .result import REASONS, VerifyResult, result_from_json, result_to_json
from .table import render_results

__all__ = [
    "REASONS",
    "Limits",
    "Pythons",
    "Side",
    "TrainSides",
    "VerifyCase",
    "VerifyResult",
    "WeightMove",
    "WeightRule",
    "case_from_json",
    "case_to_json",
    "render_results",
    "result_from_json",
    "result_to_json",
    "rules_from_data",
    "verify_case",
    "verify_cases",
]
