"""The sizes that the constructor of a layer needs, from the shapes of what it is applied to."""

from __future__ import annotations

from collections.abc import Sequence as Several

from ...ir.nodes import Constant, Expression, Name, OpCall, Starred, Tuple
from ...rules.language.records import Rule
from ...rules.language.ruleset import RuleSet
from ...rules.language.types import pattern_names
from ..rewrite.layers import layer_needs
from ..rewrite.model import Refused
from ..rewrite.needs import SizeNeed, axis_of
from ..shapes.shapes import UNKNOWN, Shape
from .evaluation.facts import RecordedFacts
from .frame import Result
from .values import Sequence, Tensor, Weight


class LayerSizes:
    """Sizes by the rules of one flavour. One that is not known is the name `?size`."""

    def __init__(self, rules: RuleSet, facts: RecordedFacts) -> None:
        self.rules = rules
        self.facts = facts

    def refined(
        self, record: Rule, op: OpCall, inputs: list[Result]
    ) -> tuple[dict[int, Shape], list[Shape]]:
        """Input shapes at the ranks that the rule's `on` patterns tell."""
        overrides: dict[int, Shape] = {}
        shapes: list[Shape] = []
        for parameter, result in zip(record.inputs, inputs, strict=False):
            value = result.value
            if isinstance(value, Sequence) and value.items and parameter.type.element is not None:
                value = value.items[0]  # the pattern is that of each tensor
            if not isinstance(value, (Tensor, Weight)):
                shapes.append(UNKNOWN)
                continue
            shape = value.shape
            pattern = (parameter.type.element or parameter.type).shape
            rank = self._rank_by_axis(op)
            if rank is not None and not shapes and shape.rank is None:
                shape = shape.at_rank(rank)
                if value is result.value:
                    overrides[id(result.dynamic)] = shape
            if isinstance(pattern, Tuple) and not any(
                isinstance(e, Starred) for e in pattern.elements
            ):
                shape = shape.at_rank(len(pattern.elements))
                if value is result.value:
                    overrides[id(result.dynamic)] = shape
            shapes.append(shape)
        return overrides, shapes

    def of_constructor(
        self, op: OpCall, needs: Several[SizeNeed], shapes: list[Shape]
    ) -> dict[str, Expression]:
        sizes = self._pattern_sizes(op, shapes)
        for need in needs:
            shape = shapes[need.input] if need.input < len(shapes) else UNKNOWN
            if need.kind == "rank":
                self._add_rank(sizes, need, shape, op)
                continue
            size = shape.size(need.axis if need.axis is not None else -1)
            sizes[need.name] = size.to_expression() if size is not None else Name(f"?{need.name}")
        return sizes

    def of_use(self, op: OpCall, shapes: list[Shape]) -> dict[str, Expression]:
        """Sizes for the plan of a use, where only the application counts: each is 1."""
        needs = layer_needs(op, self.rules, self.facts)
        if isinstance(needs, Refused):
            return {}
        sizes: dict[str, Expression] = dict.fromkeys(self._pattern_sizes(op, shapes), Constant(1))
        for need in needs:
            if need.kind == "rank":
                shape = shapes[need.input] if need.input < len(shapes) else UNKNOWN
                self._add_rank(sizes, need, shape, op)
            else:
                sizes[need.name] = Constant(1)
        return sizes

    def _add_rank(
        self, sizes: dict[str, Expression], need: SizeNeed, shape: Shape, op: OpCall
    ) -> None:
        rank = shape.rank if shape.rank is not None else self._rank_by_axis(op)
        if rank is not None:
            sizes[need.name] = Constant(rank)

    def _pattern_sizes(self, op: OpCall, shapes: list[Shape]) -> dict[str, Expression]:
        """The sizes that the input patterns of the rule name: `(*B, D)` names the last one."""
        record = self.rules.for_symbol(op.symbol)
        sizes: dict[str, Expression] = {}
        for parameter, shape in zip(
            record.inputs if isinstance(record, Rule) else (), shapes, strict=False
        ):
            for name in pattern_names(parameter.type):
                axis = axis_of(parameter, name)
                size = shape.size(axis) if axis is not None else None
                if axis is not None:
                    sizes[name] = size.to_expression() if size is not None else Name(f"?{name}")
        return sizes

    def _rank_by_axis(self, op: OpCall) -> int | None:
        """A layer that works along a positive channel axis: channels come last, so the axis tells
        the rank."""
        axis = op.bound.get("axis")
        found = self.facts.constant(axis) if axis is not None else None
        if found is not None and isinstance(found.value, int) and found.value > 0:
            return found.value + 1
        return None
