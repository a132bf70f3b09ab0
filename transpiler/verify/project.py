"""The verifier's seam: the command's entry, and the weight table of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ...ir.nodes import Call, Expression, Symbol, walk
from ...rules.language import RuleSet
from ...rules.language.facts import literal
from ...rules.language.records import Rule, Weight, WeightStep
from ..rewrite import BoundStep
from .case import WeightRule, rules_from_data

if TYPE_CHECKING:
    from ..cli.config import Config
    from ..cli.verification import VerifyResult
    from ..project import CompiledProject, Options
    from .options import VerifyOptions

POSITIONAL = {
    "reshape": "shape",
    "transpose": "axes",
    "squeeze": "axis",
    "expand": "axis",
    "flip": "axis",
    "scale": "value",
}
"""Steps whose positional arguments are one value of the verifier's step: all of them, or the only
one.
"""
LISTS = ("reshape", "transpose")
NAMES = {"permute": "permute_blocks"}


def run_verification(
    project: CompiledProject, config: Config, options: Options, wanted: VerifyOptions
) -> list[VerifyResult]:
    """Verifies the programs of a compiled project.

    Raises ModuleNotFoundError when a framework is missing.
    """
    from .run_project import verify_project

    rules = weight_rules(RuleSet.load(extra=options.rules))
    return verify_project(project, config, options, rules, wanted)


def weight_rules(rules: RuleSet | None = None) -> tuple[WeightRule, ...]:
    """One rule for each pair of a source layer and a target class that its constructors name."""
    loaded = RuleSet.load() if rules is None else rules
    data: list[dict[str, Any]] = []
    for record in loaded.records():
        if isinstance(record, Rule) and record.kind == "layer" and record.weights:
            data += _of_layer(record)
    return rules_from_data(data)


def _of_layer(rule: Rule) -> Iterator[dict[str, Any]]:
    moves = [
        {"source": w.source, "target": w.target, "steps": steps}
        for w in rule.weights
        if (steps := _steps(w)) is not None
    ]
    targets = {t for choice in rule.to if (t := _target(choice.body)) is not None}
    for symbol in rule.symbols():
        for target in sorted(targets):
            yield {"source": symbol, "target": target, "weights": moves}


def _target(e: Expression) -> str | None:
    """The class that a constructor template makes."""
    if isinstance(e, Call) and isinstance(e.function, Symbol):
        path = e.function.path
        return path.removeprefix("tf_compat.")
    found = [
        n.function.path for n in walk(e) if isinstance(n, Call) and isinstance(n.function, Symbol)
    ]
    return found[0].removeprefix("tf_compat.") if found else None


def _steps(weight: Weight) -> list[dict[str, Any]] | None:
    """None where a step depends on the configuration of the layer."""
    try:
        return array_steps(weight.steps)
    except ValueError:
        return None


def array_steps(steps: Iterable[WeightStep | BoundStep]) -> list[dict[str, Any]]:
    """The steps of a `weights` line as records of `steps.py`. Raises ValueError for what is not
    constant.
    """
    return [_step(step) for step in steps]


def _step(step: WeightStep | BoundStep) -> dict[str, Any]:
    record: dict[str, Any] = {"op": NAMES.get(step.name, step.name)}
    values = [_value(a) for a in step.arguments]
    if values:
        record[POSITIONAL[step.name]] = values if step.name in LISTS else values[0]
    return record | {name: _value(e) for name, e in step.keywords}


def _value(e: Expression) -> Any:
    found = literal(e)
    if found is None:
        raise ValueError("a step depends on the configuration")
    value: Any = found.value
    return list(value) if isinstance(value, tuple) else value  # pyright: ignore
