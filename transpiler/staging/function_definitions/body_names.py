"""The names that a body assigns and reads."""

from __future__ import annotations

from ....ir.nodes import Assign, Body, Constant, ExpressionStatement, Name, Statement, walk
from ..plans import Plan
from ..slices.live_code import expressions_read


def split_docstring(body: Body) -> tuple[Statement | None, Body]:
    match body[:1]:
        case (ExpressionStatement(value=Constant(value=str())) as docstring,):
            return docstring, body[1:]
        case _:
            return None, body


def assigned_names(body: list[Statement]) -> set[str]:
    from ..control_flow.targets import defined_names

    found: set[str] = set()
    for statement in body:
        for inner in walk(statement):
            if isinstance(inner, Assign):
                found |= set(defined_names(inner.targets))
            elif hasattr(inner, "target") and isinstance(inner, Statement):
                found |= set(defined_names((inner.target,)))  # pyright: ignore
    return found


def own_names(plan: Plan) -> set[str]:
    return {p.name for p in plan.parameters} | {s.name for s in plan.sizes}


def names_read(body: list[Statement]) -> set[str]:
    found: set[str] = set()

    def visit(statement: Statement) -> None:
        from ..slices.bodies import nested

        for part in expressions_read(statement):
            found.update(n.id for n in walk(part) if isinstance(n, Name))
        for inner in nested(statement):
            visit(inner)

    for statement in body:
        visit(statement)
    return found
