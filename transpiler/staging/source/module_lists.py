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
    ExpressionStatement,
    List,
    Name,
    Starred,
    Statement,
    Symbol,
    replace_node,
    walk,
)
from ..nodes import Pending
from ..slices.bodies import map_bodies


def kept_list(code: Expression, before: Iterable[Statement]) -> Expression | None:
    """The list `code` as an attribute that may hold modules; None when it holds none.

    `before`: the statements that ran so far. A list of lists is data as it is.
    """
    depth = _depth(code, _local_lists(list(before)))
    if depth < 1:
        return None
    symbol = "flax.nnx.List" if depth == 1 else "flax.nnx.data"
    return Call(Symbol(symbol), (Argument(code),))


def with_inner_lists(body: list[Statement]) -> list[Statement]:
    """Lists that are filled before or after they become elements of a list of modules:

    group = []                               group = nnx.List([])
    self.groups.append(nnx.data(group))      self.groups.append(group)
    """
    result = [map_bodies(s, with_inner_lists) for s in body]
    for index, statement in enumerate(result):
        name = _kept_element(statement)
        made = [i for i, s in enumerate(result[:index]) if name and _is_empty_list(s, name)]
        if name is None or not made:
            continue
        empty = Call(Symbol("flax.nnx.List"), (Argument(List(())),))
        result[made[-1]] = replace_node(result[made[-1]], value=empty)
        call = getattr(statement, "value", None)
        assert isinstance(call, Call)
        plain = replace_node(call, arguments=(Argument(Name(name)),))
        result[index] = replace_node(statement, value=plain)
    return result


def _kept_element(statement: Statement) -> str | None:
    """The variable in `self.groups.append(nnx.data(group))`."""
    match statement:
        case ExpressionStatement(
            value=Call(
                function=Attribute(value=Attribute(), attribute="append"),
                arguments=(
                    Argument(
                        value=Call(
                            function=Symbol(path="flax.nnx.data"),
                            arguments=(Argument(value=Name(id=name)),),
                        )
                    ),
                ),
            )
        ):
            return name
        case _:
            return None


def _is_empty_list(statement: Statement, name: str) -> bool:
    match statement:
        case Assign(targets=(Name(id=target),), value=List(elements=())):
            return target == name
        case _:
            return False


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
