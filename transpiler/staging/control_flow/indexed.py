"""Elements by their place: what stands beside a module in a loop of `build`, in terms of the loop
that made the module."""

from __future__ import annotations

from dataclasses import replace

from ....ir.dims import Dim
from ....ir.nodes import (
    Body,
    Call,
    Constant,
    Expression,
    List,
    Name,
    Subscript,
    Tuple,
    walk,
)
from ..evaluation.attributes import is_path
from ..evaluation.expressions import evaluate
from ..frame import Frame
from ..values import Instance, Sequence, Static, Value


def counter(target: Expression, iterable: Expression) -> str | None:
    """The variable of a loop that counts its iterations from 0."""
    match iterable, target:
        case Call(function=Name(id="range"), arguments=(_,)), Name(id=name):
            return name
        case (
            Call(function=Name(id="range"), arguments=(start, _)),
            Name(id=name),
        ) if isinstance(start.value, Constant) and start.value.value == 0:
            return name
        case (
            Call(function=Name(id="enumerate"), arguments=(_,)),
            (Tuple(elements=(Name(id=name), _)) | List(elements=(Name(id=name), _))),
        ):
            return name
        case _:
            return None


def beside_modules(frame: Frame, iterable: Expression, element: Value) -> Value:
    """`for layer, size in zip(self.layers, config.sizes)` in a method: the size is
    `config.sizes[i]` where the loop over `i` made the layers."""
    index = _index(element) if frame.kind in ("init", "call") else None
    return element if index is None else _placed(frame, iterable, element, index)


def counting_modules(frame: Frame, name: str | None, body: Body, element: Value) -> Value:
    """`for k in range(n): x = self.layers[k](x)` in `call`: sizes that `k` finds are those that the
    variable of the loop over the layers finds in `__init__`."""
    if frame.kind != "call" or name is None or not isinstance(element, Static):
        return element
    found = {
        _index(_made(evaluate(frame, node.value).value))
        for statement in body
        for node in walk(statement)
        if isinstance(node, Subscript)
        and isinstance(node.index, Name)
        and node.index.id == name
        and is_path(node.value)
    } - {None}
    index = found.pop() if len(found) == 1 else None
    return element if index is None else replace(element, size=Dim.named(index))


def _made(value: Value) -> Value:
    """What each iteration of a loop put into a list."""
    return value.item if isinstance(value, Sequence) and value.item is not None else value


def _placed(frame: Frame, iterable: Expression, element: Value, index: str) -> Value:
    match iterable, element:
        case Call(function=Name(id="enumerate"), arguments=(first,)), Sequence(items=(_, part)):
            inner = _placed(frame, first.value, part, index)
            return replace(element, items=(Static(None, int, Dim.named(index)), inner))
        case Call(function=Name(id="zip"), arguments=arguments), Sequence(items=tuple() as items):
            codes = [a.value for a in arguments]
            parts = zip(codes, items, strict=True)
            return replace(
                element, items=tuple(_placed(frame, code, part, index) for code, part in parts)
            )
        case _, Static(constant=None, size=None):
            found = evaluate(frame, iterable)
            size = found.value.size if isinstance(found.value, Static) else None
            code = found.static if size is None else size.to_expression()
            if code is None or not is_path(code):
                return element
            return replace(element, size=Dim.variable(Subscript(code, Name(index))))
        case _:
            return element


def _index(element: Value) -> str | None:
    """The counter of the loop that made the module among the elements."""
    match element:
        case Instance(site=site):
            return site.details.get("index")
        case Sequence(items=tuple() as items):
            return next((found for item in items if (found := _index(item))), None)
        case _:
            return None
