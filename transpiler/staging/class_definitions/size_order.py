"""Modules that others ask for the size of their result are made before these."""

from __future__ import annotations

from collections.abc import Iterable

from ....ir.names import bound_names
from ....ir.nodes import Assign, Attribute, Expression, Name, Statement, walk

KEPT = "out_features"


def with_sizes_in_order(body: list[Statement], own: str) -> list[Statement]:
    """The body of a constructor with such modules moved up to the first that asks, where nothing
    that they are made of comes in between; `own`: the object."""
    result = list(body)
    for _ in body:
        found = _out_of_order(result, own)
        if found is None:
            break
        asks, makes = found
        result.insert(asks, result.pop(makes))
    return result


def asked_too_early(body: list[Statement], own: str) -> set[str]:
    """The attributes whose modules are still asked for a size before they are made."""
    return {
        attribute
        for index, statement in enumerate(body)
        for attribute in _asked((statement,), own)
        if any(_makes(later, attribute, own) for later in body[index + 1 :])
    }


def _out_of_order(body: list[Statement], own: str) -> tuple[int, int] | None:
    """Where a statement asks for the size of a module that one after it makes."""
    for asks, statement in enumerate(body):
        for attribute in _asked((statement,), own):
            for makes in range(asks + 1, len(body)):
                if _makes(body[makes], attribute, own) and _is_free(body, asks, makes, own):
                    return asks, makes
    return None


def _asked(statements: Iterable[Statement], own: str) -> set[str]:
    """The attributes of the object whose modules are asked for a size."""
    found = set[str]()
    for statement in statements:
        for node in walk(statement):
            if not isinstance(node, Attribute) or node.attribute != KEPT:
                continue
            inner: Expression = node.value
            while isinstance(inner, Attribute):
                if isinstance(inner.value, Name) and inner.value.id == own:
                    found.add(inner.attribute)
                inner = inner.value
    return found


def _makes(statement: Statement, attribute: str, own: str) -> bool:
    match statement:
        case Assign(targets=(Attribute(value=Name(id=name), attribute=stored),)):
            return (name, stored) == (own, attribute)
        case _:
            return False


def _is_free(body: list[Statement], asks: int, makes: int, own: str) -> bool:
    """Whether a statement can go up: nothing that it passes sets what it reads."""
    between = body[asks:makes]
    read = {n.id for n in walk(body[makes]) if isinstance(n, Name)}
    attributes = {
        n.attribute
        for n in walk(body[makes])
        if isinstance(n, Attribute) and isinstance(n.value, Name) and n.value.id == own
    }
    stored = {
        t.attribute
        for s in between
        for n in walk(s)
        if isinstance(n, Assign)
        for t in n.targets
        if isinstance(t, Attribute)
    }
    return not (bound_names(between) & read) and not (stored & attributes)
