"""Configuration values that a layer's application mentions."""

from __future__ import annotations

from dataclasses import dataclass

from ...ir.nodes import Expression, Name, walk
from ...rules.language.facts import literal
from ...rules.language.records import variable_name
from .application import Application


@dataclass(frozen=True, slots=True)
class Capture:
    """`name` is the parameter; `expression` is its value where the layer is configured, in target
    terms.
    """

    name: str
    expression: Expression


def find_captures(application: Application) -> tuple[Capture, ...]:
    """Parameters given by expressions with names in them, as far as `call` and `then` use them."""
    rule = application.rule
    used: set[str] = set()
    templates = [choice.body for choice in rule.call]
    templates += [choice.guard for choice in rule.call if choice.guard is not None]
    if rule.then is not None:
        templates.append(rule.then)
    for template in templates:
        for node in walk(template):
            name = variable_name(node) if isinstance(node, Name) else None
            if name is not None:
                used.add(name)
    found: list[Capture] = []
    for name, value in application.given.items():
        if name not in used or literal(value) is not None:
            continue
        built = application.build(Name("$" + name))
        if _has_names(built):
            found.append(Capture(name, built))
    return tuple(found)


def _has_names(e: Expression) -> bool:
    """Whether evaluation depends on the scope: names other than those a lambda in it binds."""
    from ...ir.nodes import Lambda

    bound = {p.name for node in walk(e) if isinstance(node, Lambda) for p in node.parameters}
    return any(isinstance(node, Name) and node.id not in bound for node in walk(e))
