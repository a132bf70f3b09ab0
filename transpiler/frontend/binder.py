"""Arguments of API calls -> values by parameter name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...ir.nodes import Argument, Expression
from ...rules.api import Flavour, Signature
from .resolution import Api


@dataclass(frozen=True, slots=True)
class _Shape:
    """A signature as binding needs it: names by position, names by keyword."""

    positional: tuple[str, ...]
    keywords: frozenset[str]


class Binder:
    """Binds calls against the API's signatures of one flavour."""

    def __init__(self, api: Api, flavour: Flavour) -> None:
        self._api = api
        self._flavour: Flavour = flavour
        self._shapes: dict[str, _Shape | None] = {}

    def bind(
        self, symbol: str, arguments: Sequence[Argument]
    ) -> tuple[dict[str, Expression], tuple[Argument, ...]]:
        """The values by parameter name in the order written, and the arguments left over.

        Positionals after `*args` are left over, since their places are unknown; keywords bind
        even beside `**kwargs`. Without a known signature everything is left over.
        """
        shape = self._shape(symbol)
        if shape is None:
            return {}, tuple(arguments)
        bound: dict[str, Expression] = {}
        extra: list[Argument] = []
        index: int | None = 0
        for argument in arguments:
            if argument.star:
                extra.append(argument)
                index = None if argument.star == "*" else index
            elif argument.keyword is not None:
                if argument.keyword in shape.keywords and argument.keyword not in bound:
                    bound[argument.keyword] = argument.value
                else:
                    extra.append(argument)
            elif index is not None and index < len(shape.positional):
                bound[shape.positional[index]] = argument.value
                index += 1
            else:
                extra.append(argument)
        return bound, tuple(extra)

    def _shape(self, symbol: str) -> _Shape | None:
        if symbol not in self._shapes:
            # A symbol that this flavour lacks may still be what the source means.
            signature = self._api.signature(symbol, self._flavour) or self._api.signature(symbol)
            self._shapes[symbol] = None if signature is None else _shape(signature)
        return self._shapes[symbol]


def _shape(signature: Signature) -> _Shape:
    return _Shape(
        tuple(parameter.name for parameter in signature.positional),
        frozenset(
            parameter.name
            for parameter in signature
            if parameter.kind in ("positional_or_keyword", "keyword_only")
        ),
    )
