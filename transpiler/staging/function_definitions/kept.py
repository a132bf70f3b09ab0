"""Variables of `__init__` that the object keeps."""

from __future__ import annotations

from collections.abc import Sequence

from ....ir.nodes import Assign, Attribute, Name, Statement, replace_node, walk


def kept_where_assigned(
    init: Sequence[Statement], names: Sequence[str]
) -> tuple[list[Statement], set[str]]:
    """`x = f()` with nothing else about `x` is `self.x = f()`: the code, and the names it keeps."""
    uses: dict[str, int] = {}
    for statement in init:
        for node in walk(statement):
            if isinstance(node, Name):
                uses[node.id] = uses.get(node.id, 0) + 1
    result: list[Statement] = []
    kept: set[str] = set()
    for statement in init:
        match statement:
            case Assign(targets=(Name(id=name),)) if name in names and uses[name] == 1:
                target = Attribute(Name("self"), name)
                result.append(replace_node(statement, targets=(target,)))
                kept.add(name)
            case _:
                result.append(statement)
    return result, kept
