"""Lists of modules that a constructor fills: which local variables hold them, and how deep."""

from __future__ import annotations

from collections.abc import Iterable

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Comprehension,
    Expression,
    List,
    Name,
    Starred,
    Statement,
    Symbol,
    walk,
)
from ..nodes import Pending


def kept_list(code: Expression, before: Iterable[Statement]) -> Expression | None:
    """The list `code` as an attribute that may hold modules; None when it holds none.

    `before`: the statements that ran so far. A list of lists is data as it is.
    """
    depth = _depth(code, _local_lists(list(before)))
    if depth < 1:
        return None
    symbol = "flax.nnx.List" if depth == 1 else "flax.nnx.data"
    return Call(Symbol(symbol), (Argument(code),))


def _local_lists(statements: list[Statement]) -> dict[str, int]:
    """The depth of each local list of modules."""
    depths: dict[str, int] = {}
    changed = True
    while changed:
        changed = False
        for statement in statements:
            for node in walk(statement):
                match node:
                    case Assign(targets=(Name(id=name),), value=value):
                        found = _depth(value, depths)
                    case Call(
                        function=Attribute(value=Name(id=name), attribute="append"),
                        arguments=(Argument(value=value),),
                    ):
                        found = _held(value, depths) + 1
                    case _:
                        continue
                if found > max(depths.get(name, 0), 0) and found < 5:
                    depths[name] = found
                    changed = True
    return depths


def _held(element: Expression, depths: dict[str, int]) -> int:
    """0 for a module, the depth of a list of modules, -1 for anything else."""
    depth = _depth(element, depths)
    if depth > 0:
        return depth
    if isinstance(element, List | Comprehension):
        return -1
    return 0 if any(isinstance(n, Pending) for n in walk(element)) else -1


def _depth(code: Expression, depths: dict[str, int]) -> int:
    match code:
        case Name(id=name):
            return depths.get(name, 0)
        case List(elements=elements):
            found = [
                _depth(e.value, depths) if isinstance(e, Starred) else _held(e, depths) + 1
                for e in elements
            ]
            return max(found, default=0)
        case Comprehension(kind="list", element=element):
            return _held(element, depths) + 1
        case _:
            return 0
