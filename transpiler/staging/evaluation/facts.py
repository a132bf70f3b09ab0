"""What the evaluator has found out, as rules ask for it."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import Constant, Expression
from ....rules.language.facts import Known, literal
from ..nodes import StaticRead
from ..values import Instance, Sequence, ShapeOf, Static, Tensor, Value, Weight, is_dynamic


class RecordedFacts:
    """Values of evaluated expressions, by node."""

    def __init__(self) -> None:
        self._values: dict[int, tuple[Expression, Value]] = {}

    def record(self, code: Expression, value: Value) -> None:
        self._values[id(code)] = (code, value)

    def value(self, code: Expression) -> Value | None:
        found = self._values.get(id(code))
        return None if found is None else found[1]

    # -- the Facts protocol of the rule language

    def constant(self, e: Expression, /) -> Known | None:
        from .expressions import known

        value = self.value(e)
        if value is not None and not isinstance(e, Constant):
            found = known(value)
            if found is not None:
                return found
        return literal(e)

    def is_static(self, e: Expression, /) -> bool:
        value = self.value(e)
        if isinstance(e, StaticRead) or literal(e) is not None:
            return True
        return value is not None and not is_dynamic(value)

    def python_type(self, e: Expression, /) -> type | None:
        match self.value(e):
            case Static(kind=kind) if kind is not None:
                return kind
            case Static(constant=constant) if constant is not None:
                return type(constant.value)
            case Sequence(kind=kind):
                return {"list": list, "tuple": tuple}.get(kind)
            case ShapeOf():
                return tuple
            case Tensor() | Weight() | Instance():
                return object
            case _:
                found = literal(e)
                return None if found is None else type(found.value)

    def shape(self, e: Expression, /) -> tuple[object, ...] | None:
        value = self.value(e)
        if isinstance(value, (Tensor, Weight)) and value.shape.sizes is not None:
            return tuple(
                d.constant if isinstance(d, Dim) and d.constant is not None else d
                for d in value.shape.sizes
            )
        return None

    def rank(self, e: Expression, /) -> int | None:
        shape = self.shape(e)
        return None if shape is None else len(shape)

    def dtype(self, e: Expression, /) -> str | None:
        value = self.value(e)
        return value.dtype if isinstance(value, (Tensor, Weight)) else None

    def is_module(self, e: Expression) -> bool:
        return isinstance(self.value(e), Instance)
