"""What forms ask again and again: the names that functions use, and arguments that are literals."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir.nodes import Expression, FunctionDef, Lambda, Name, walk
from .tracked import Tracked
from .values import Api, Const, External, Fixed, Value

IDLE = frozenset({"name", "trainable", "weights", "rngs"})
"""Arguments of layers that nothing looks at."""
PLAIN = (Value, Const, Api, External)
Literals = tuple[int, tuple[Tracked, ...]]


def _is_plain(value: Value) -> bool:
    if type(value) is Fixed:
        return value.of is None and all(map(_is_plain, value.items))
    return type(value) in PLAIN


def literal(value: Value) -> object:
    """How a form writes a literal."""
    match value:
        case Fixed(items=items, shape=shape):
            return Fixed, shape, *map(literal, items)
        case Tracked():
            return Tracked, type(value.held), value.sign
        case Const(held):
            plain = isinstance(held, (str, int, float, bytes, complex)) or held in (None, ...)
            return type(held), held if plain else repr(held)
        case Api(symbol):
            return Api, symbol
        case External(dotted):
            return External, dotted
        case _:
            return "?"


class Tables:
    """What forms ask again and again: the names that functions use, by node, in order; and
    arguments that are literals, as a number."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[FunctionDef | Lambda, tuple[str, ...], int]] = {}
        self._literals: dict[int, tuple[object, Literals | None]] = {}
        self._numbers: dict[object, int] = {}

    def literals(self, arguments: Mapping[str, Value]) -> Literals | None:
        """A number for the arguments, and the tracked ones; None if others are among them."""
        found = self._literals.get(id(arguments))
        if found is None:
            # It keeps the mapping alive, and so its identity.
            found = self._literals[id(arguments)] = arguments, self._counted(arguments)
        return found[1]

    def _counted(self, arguments: Mapping[str, Value]) -> Literals | None:
        tokens: list[object] = []
        texts: list[Tracked] = []
        for name, value in arguments.items():
            if name in IDLE:
                continue
            if type(value) is Tracked:
                texts.append(value)
            elif not _is_plain(value):
                return None
            tokens += (name, literal(value))
        return self._numbers.setdefault(tuple(tokens), len(self._numbers)), tuple(texts)

    def free(self, node: FunctionDef | Lambda) -> tuple[str, ...]:
        return self._found(node)[1]

    def size(self, node: FunctionDef | Lambda) -> int:
        """How many nodes its body has."""
        return self._found(node)[2]

    def _found(
        self, node: FunctionDef | Lambda
    ) -> tuple[FunctionDef | Lambda, tuple[str, ...], int]:
        found = self._known.get(id(node))
        if found is None:
            body = (node.body,) if isinstance(node.body, Expression) else node.body
            inner = [n for part in body for n in walk(part)]
            names = sorted({n.id for n in inner if isinstance(n, Name)} | {"super"})
            # It keeps the node alive, and so its identity.
            found = self._known[id(node)] = node, tuple(names), len(inner)
        return found
