"""The inputs of a module of the project at a call: by parameter, and the sizes its constructor asks
for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from ....ir.keys import same
from ....ir.nodes import (
    Argument,
    Constant,
    Dict,
    Expression,
    Name,
    Slice,
    Starred,
    Subscript,
    Tuple,
)
from ...shapes.shapes import Shape
from ..evaluation.shape_code import shape_code
from ..frame import Result
from ..plans import Path, Plan
from ..values import Mapped, Sequence, Tensor, Value


def spread_inputs(
    plan: Plan, arguments: list[tuple[Argument, Result]]
) -> list[tuple[Argument, Result]]:
    """A functional model takes its inputs as one list or dict; its class takes them one by one."""
    functional = plan.kind in ("class", "builder") or plan.details.get("functional")
    if not functional or len(plan.tensors) < 2 or len(arguments) != 1:
        return arguments
    _, result = arguments[0]
    elements = getattr(result.dynamic, "elements", None)
    value = result.value
    if (
        isinstance(value, Sequence)
        and value.items is not None
        and len(value.items) == len(plan.tensors)
    ):
        spread: list[tuple[Argument, Result]] = []
        for index, item in enumerate(value.items):
            code = elements[index] if elements else Subscript(result.dynamic, Constant(index))
            size = item.shape.size(-1) if isinstance(item, Tensor) else None
            spread.append(
                (
                    Argument(code),
                    Result(item, code, size.to_expression() if size is not None else None),
                )
            )
        return spread
    if isinstance(value, Mapped):
        names = cast("dict[str, str]", plan.details.get("input_names", {}))
        found: list[tuple[Argument, Result]] = []
        for tensor in plan.tensors:
            key = names.get(tensor.name, tensor.name)
            if key not in value.entries:
                return arguments
            item = value.entries[key]
            code = Subscript(result.dynamic, Constant(key))
            if isinstance(result.dynamic, Dict):
                keys = [k.value if isinstance(k, Constant) else None for k in result.dynamic.keys]
                code = result.dynamic.values[keys.index(key)]
            size = item.shape.size(-1) if isinstance(item, Tensor) else None
            found.append(
                (
                    Argument(code),
                    Result(item, code, size.to_expression() if size is not None else None),
                )
            )
        return found
    return arguments


def tensor_arguments(plan: Plan, arguments: list[tuple[Argument, Result]]) -> dict[str, Result]:
    """Results by the name of the `__call__` parameter."""
    names = [t.name for t in plan.tensors]
    table: dict[str, Result] = {}
    position = 0
    for argument, result in arguments:
        if argument.keyword is not None:
            table[argument.keyword] = result
        elif position < len(names):
            table[names[position]] = result
            position += 1
    return table


def input_shapes(plan: Plan, inputs: Mapping[str, Result]) -> dict[str, Shape]:
    """The shapes of the tensors that a call passes, by the names that the plan has for them."""
    values = cast("dict[str, Value]", plan.details.get("inputs", {}))
    found: dict[str, Shape] = {}
    for tensor in plan.tensors:
        result = inputs.get(tensor.name)
        if result is None:
            continue
        if isinstance(result.value, Tensor):
            found[plan.shape_name(tensor.name)] = result.value.shape
        for path, leaf in tensors_in(values.get(tensor.name)):
            part = part_at(result, path)
            base = leaf.shape.base
            if part is not None and isinstance(part.value, Tensor) and isinstance(base, Name):
                found[base.id] = part.value.shape
    return found


def tensors_in(value: Value | None, path: Path = ()) -> Iterator[tuple[Path, Tensor]]:
    """The tensors inside a value, each with its place."""
    match value:
        case Tensor():
            yield path, value
        case Sequence(items=items) if items is not None:
            for index, item in enumerate(items):
                yield from tensors_in(item, (*path, index))
        case Mapped(entries=entries):
            for key, item in entries.items():
                yield from tensors_in(item, (*path, key))
        case _:
            pass


def size_argument(result: Result, axis: int | None) -> Expression | None:
    """Code for the size a constructor asks for; for a list of tensors, the list of their last
    sizes."""
    value = result.value
    if isinstance(value, Tensor):
        if axis is None:
            if value.shape.dims is not None:
                return shape_code(Shape(value.shape.dims[1:]))
            return value.shape.base or _led(value.shape)
        size = value.shape.size(axis)
        return size.to_expression() if size is not None else None
    if isinstance(value, Mapped):
        # Where a tensor may come as well: the size that all of them have.
        parts = [Result(v, result.dynamic, None) for v in value.entries.values()]
        codes = [size_argument(part, axis) for part in parts]
        return codes[0] if codes and all(same(c, codes[0]) for c in codes) else None
    return result.static


def _led(shape: Shape) -> Expression | None:
    """All sizes but the batch's of a tensor of unknown rank: those of another, but for the last."""
    last = shape.size(-1)
    if shape.lead is None or last is None:
        return None
    before = Starred(Subscript(shape.lead, Slice(None, Constant(-1), None)))
    return Tuple((before, last.to_expression()))


def part_at(result: Result, path: Path) -> Result | None:
    """The tensor at a place inside a list, tuple or dict of tensors."""
    value = result.value
    for key in path:
        match value:
            case Sequence(items=items) if items is not None and isinstance(key, int):
                if key >= len(items):
                    return None
                value = items[key]
            case Sequence(item=item) if item is not None:
                value = item
            case Mapped(entries=entries) if key in entries:
                value = entries[key]
            case _:
                return None
    size = value.shape.size(-1) if path and isinstance(value, Tensor) else None
    static = size.to_expression() if size is not None else None
    return Result(value, result.dynamic, static) if path else result
