"""Sizes that the code does not determine: parameters that whoever builds the module gives.

One that only a branch of the constructor reads is a keyword, which may be left out where the branch
is not taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from ....ir.nodes import (
    Boolean,
    Conditional,
    Constant,
    If,
    Lambda,
    Name,
    Node,
    Parameter,
    Statement,
    children,
)
from ..plans import Plan, SizeParameter


def add_asked(plan: Plan, init: Sequence[Statement], reads: set[str]) -> None:
    """Gives the plan the sizes that its finished constructor asks for."""
    asked = cast("dict[str, str]", plan.details.get("asked", {}))
    always = _read_always(init)
    for name in asked:
        if name in reads and all(s.name != name for s in plan.sizes):
            plan.sizes.append(SizeParameter(name, "", -1, optional=name not in always))


def _read_always(nodes: Iterable[Node]) -> set[str]:
    """The names that are read whichever branches are taken."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case Name(id=name):
                found.add(name)
            case If(test=test, then=then, otherwise=otherwise):
                found |= _read_always([test]) | (_read_always(then) & _read_always(otherwise))
            case Conditional(test=test, then=then, otherwise=otherwise):
                found |= _read_always([test]) | (_read_always([then]) & _read_always([otherwise]))
            case Boolean(operands=(first, *_)):
                found |= _read_always([first])
            case Lambda():
                pass
            case _:
                found |= _read_always(children(node))
    return found


def size_parameters(plan: Plan) -> tuple[list[Parameter], list[Parameter]]:
    """The parameters of a constructor that carry sizes: positional ones and keywords."""
    required = [Parameter(s.name) for s in plan.sizes if not s.optional]
    optional = [Parameter(s.name, "keyword_only", Constant(None)) for s in plan.sizes if s.optional]
    return required, optional
