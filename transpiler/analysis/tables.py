"""What is asked again and again of functions, and of arguments that are literals."""

from __future__ import annotations

from collections.abc import Mapping

from .bodies import Bodies
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
    """Those of one machine: facts about functions, and arguments that are literals as a number."""

    def __init__(self) -> None:
        self.bodies = Bodies()
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
