"""Where the weights of a source layer go in the target module."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir.nodes import Expression
from ...rules.language.records import WeightStep
from .application import Application


@dataclass(frozen=True, slots=True)
class BoundStep:
    """One array operation; arguments are expressions of the configuration, constants where they are
    known.
    """

    name: str
    arguments: tuple[Expression, ...] = ()
    keywords: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class BoundWeight:
    """`source` is the Keras weight, `target` the dotted path inside the module.

    `condition` is None for a weight that always exists; a weight that is known not to
    exist is left out.
    """

    source: str
    target: str
    steps: tuple[BoundStep, ...] = ()
    condition: Expression | None = None


def bind_weights(application: Application) -> tuple[BoundWeight, ...]:
    found: list[BoundWeight] = []
    for weight in application.rule.weights:
        condition = None
        if weight.guard is not None:
            known = application.known(weight.guard)
            if known is not None and not known.value:
                continue
            condition = None if known is not None else application.build(weight.guard)
        steps = tuple(_step(application, step) for step in weight.steps)
        found.append(BoundWeight(weight.source, weight.target, steps, condition))
    return tuple(found)


def _step(application: Application, step: WeightStep) -> BoundStep:
    return BoundStep(
        step.name,
        tuple(application.build(a) for a in step.arguments),
        tuple((name, application.build(value)) for name, value in step.keywords),
    )
