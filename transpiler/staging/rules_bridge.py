"""Between the evaluator and the rules: calls rewritten, layers built and applied, shapes told."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...ir.names import PREDEFINED, target_names
from ...ir.nodes import (
    Attribute,
    Call,
    Comprehension,
    Constant,
    Expression,
    Lambda,
    Name,
    Node,
    OpCall,
    Starred,
    Tuple,
    map_children,
    walk,
)
from ...rules.language.facts import literal
from ...rules.language.records import Rule
from ...rules.language.ruleset import RuleSet
from ..rewrite.calls import rewrite_attribute, rewrite_call, rewrite_method
from ..rewrite.layers import construct_layer, layer_needs
from ..rewrite.model import Outcome, Refused, Rewritten
from ..rewrite.shapes import shape_rule
from ..shapes.shapes import Shape
from .evaluation.facts import RecordedFacts
from .frame import Frame, Result
from .layer_sizes import LayerSizes
from .layers import elements
from .nodes import StaticRead
from .rule_shapes import RuleShapes
from .sites import LayerTarget, Site
from .slices.shared import share
from .values import (
    Known,
    Object,
    Static,
    Tensor,
    TrainingFlag,
    Value,
    is_dynamic,
)

CONSTANTS = frozenset({"self", "True", "False", "None"})
OWNERS = {"optimizer": "keras.Optimizer", "metric": "keras.Metric"}


@dataclass(frozen=True, slots=True)
class Applied:
    """A layer applied: its constructor call (None if it has no state), the code of the use, and the
    result."""

    construct: Expression | None
    code: Callable[[Expression | None], Expression]
    value: Value


class Bridge:
    """Rules of one flavour over the facts of one run."""

    def __init__(self, rules: RuleSet, facts: RecordedFacts) -> None:
        self.rules = rules
        self.facts = facts
        self.shapes = RuleShapes(facts)
        self.sizes = LayerSizes(rules, facts)

    # -- calls

    def result_value(self, op: OpCall, values: Mapping[str, Value]) -> Value:
        value = self.shapes.shape(shape_rule(op, self.rules, self.facts), {})
        if value is not None:
            return value
        if any(is_dynamic(v) for v in values.values()):
            return Tensor()
        return Static()

    def rewrite(self, op: OpCall) -> Outcome:
        return rewrite_call(op, self.rules, self.facts)

    def rewrite_method(self, call: Call, owner: str) -> Outcome:
        return rewrite_method(call, owner, self.rules, self.facts)

    def rewrite_attribute(self, node: Attribute, owner: str) -> Outcome:
        return rewrite_attribute(node, owner, self.rules, self.facts)

    # -- layers

    def record(self, op: OpCall) -> Rule | None:
        record = self.rules.for_symbol(op.symbol)
        return record if isinstance(record, Rule) and record.kind == "layer" else None

    def input_arguments(
        self, op: OpCall, arguments: list[tuple[Any, Result]]
    ) -> tuple[list[Result], dict[str, Result]]:
        """Results of the inputs by position, and of the other call arguments by name."""
        record = self.record(op)
        names = [p.name for p in record.inputs if p.default is None] if record is not None else []
        positional = [r for a, r in arguments if a.keyword is None and not a.star]
        keywords = {a.keyword: r for a, r in arguments if a.keyword is not None}
        if "inputs" in keywords and not positional:
            positional.append(keywords.pop("inputs"))
        for name in names[len(positional) :]:
            if name in keywords:
                positional.append(keywords.pop(name))
        if len(names) < len(positional) == 2 and _is_mode(positional[1].value):
            keywords["training"] = positional.pop()  # `dropout(x, training)`
        return positional, keywords

    def apply(
        self,
        frame: Frame,
        site: Site,
        target: LayerTarget,
        inputs: list[Result],
        keywords: dict[str, Result],
        unknown_size: Callable[[str], Expression],
    ) -> Applied | Refused:
        record = self.record(target.static)
        if record is None:
            refused = construct_layer(target.static, self.rules, self.facts, {})
            return (
                refused
                if isinstance(refused, Refused)
                else Refused("TJ2001", f"no rule translates `{target.static.symbol}`")
            )
        overrides, refined = self.sizes.refined(record, target.static, inputs)
        construct: Expression | None = None
        if record.to:
            built = self._construct(target.static, inputs, refined, unknown_size, site)
            if isinstance(built, Refused):
                return built
            construct = built
            if elements.is_watched(frame, site):
                again = self._made_for(target.static, refined)
                if again is not None:
                    elements.met_again(frame, site, again)
        training = keywords.pop("training", None)
        flag: Expression | None = None
        if training is not None and not isinstance(training.value, TrainingFlag):
            flag = training.dynamic
        elsewhere = frame.kind == "call" and not site.details.get("in_call")
        dynamic = self._read_back(target.static) if elsewhere else target.dynamic
        plan = construct_layer(
            dynamic, self.rules, self.facts, self.sizes.of_use(target.static, refined)
        )
        if isinstance(plan, Refused):
            return plan
        codes = [r.dynamic for r in inputs]
        others = {
            name: r.dynamic
            for name, r in keywords.items()
            if not (isinstance(r.value, Static) and r.value.constant == Known(None))
        }
        for name, r in keywords.items():
            # A value that may be None is passed on: the target takes None as well.
            if name in others and not is_dynamic(r.value) and literal(r.dynamic) is None:
                self.facts.record(r.dynamic, Tensor())
        mask_names = [n for n in others if n not in plan.call_parameters]
        for name in mask_names:
            others.pop(name)
        first = plan.apply(codes, Name("module") if construct is not None else None, others, flag)
        if isinstance(first, Refused):
            return first

        def code(module: Expression | None) -> Expression:
            again = first if module is None else plan.apply(codes, module, others, flag)
            assert isinstance(again, Rewritten)
            arguments = [
                *zip((p.name for p in record.inputs), codes, strict=False),
                *others.items(),
            ]
            return share(again.expression, arguments, self.facts.is_static)

        for note in first.notes:
            frame.program.note(frame, note.code, note.message, site.span)
        named = {p.name: r.dynamic for p, r in zip(record.inputs, inputs, strict=False)}
        named |= {name: others[name] for name in others.keys() & {p.name for p in record.inputs}}
        value = self.shapes.shape(
            shape_rule(target.static, self.rules, self.facts, named), overrides
        )
        inner = target.static.bound.get("layer")
        if (
            isinstance(inner, OpCall)
            and inputs
            and (not isinstance(value, Tensor) or value.shape.size(-1) is None)
        ):
            value = self._wrapped_value(target.static, inner, inputs[0]) or value
        return Applied(construct, code, value if value is not None else Tensor())

    def object_of(self, symbol: str) -> Object | None:
        """What a constructor of an optimizer or metric makes."""
        record = self.rules.for_symbol(symbol)
        owner = OWNERS.get(record.kind) if isinstance(record, Rule) else None
        return None if owner is None else Object(owner)

    def is_initializer(self, symbol: str) -> bool:
        record = self.rules.for_symbol(symbol)
        return isinstance(record, Rule) and record.kind == "initializer"

    def has_weights(self, op: OpCall) -> bool:
        record = self.record(op)
        return record is not None and bool(record.weights)

    def is_elementwise(self, op: OpCall) -> bool:
        """Whether a layer is a function without state that keeps the shape of its input."""
        record = self.record(op)
        if record is None or record.to or record.mode is not None:
            return False
        shape = shape_rule(op, self.rules, self.facts)
        return shape is not None and shape.function == "same" and len(record.inputs) == 1

    def works_on_last_axis(self, op: OpCall) -> bool:
        """Whether a layer takes any number of leading axes and treats each position of them
        alike."""
        record = self.record(op)
        if record is None or len(record.inputs) == 0:
            return False
        axis = op.bound.get("axis")
        if axis is not None and literal(axis) != Known(-1):
            return False
        match record.inputs[0].type.shape:
            case Tuple(elements=(Starred(), *_)):
                return True
            case _:
                leaf = op.symbol.rsplit(".", 1)[-1]
                return leaf in ("Embedding", "Dropout") or self.is_elementwise(op)

    def normalizes(self, op: OpCall) -> bool:
        """Whether a layer computes with the batch in training, and with averages otherwise."""
        record = self.record(op)
        return record is not None and record.mode == "use_running_average"

    def applied_value(self, op: OpCall, inputs: list[Expression]) -> Value:
        """What applying a layer gives, by its rule."""
        record = self.record(op)
        parameters = record.inputs if record is not None else ()
        named = {p.name: x for p, x in zip(parameters, inputs, strict=False)}
        return self.shapes.shape(shape_rule(op, self.rules, self.facts, named), {}) or Tensor()

    def _wrapped_value(self, op: OpCall, inner: OpCall, x: Result) -> Value | None:
        """What a wrapper gives, told by the layer inside: Bidirectional joins two, TimeDistributed
        keeps the time axis."""
        record = self.record(inner)
        if record is None or not record.inputs:
            return None
        value = self.shapes.shape(
            shape_rule(inner, self.rules, self.facts, {record.inputs[0].name: x.dynamic}), {}
        )
        if not isinstance(value, Tensor):
            return None
        size = value.shape.size(-1)
        if op.symbol.endswith("Bidirectional"):
            mode = op.bound.get("merge_mode", Constant("concat"))
            if isinstance(mode, Constant) and mode.value == "concat" and size is not None:
                size = size + size
            return Tensor(value.shape.with_last(size), value.dtype)
        return Tensor(Shape(None, size), value.dtype)

    def _construct(
        self,
        op: OpCall,
        inputs: list[Result],
        shapes: list[Shape],
        unknown_size: Callable[[str], Expression],
        site: Site,
    ) -> Expression | Refused | None:
        if site.details.get("construct") is not None:
            found = site.details["construct"]
            return found if isinstance(found, Expression) else None
        needs = layer_needs(op, self.rules, self.facts)
        if isinstance(needs, Refused):
            return needs
        sizes = self.sizes.of_constructor(op, needs, shapes)
        plan = construct_layer(op, self.rules, self.facts, sizes)
        if isinstance(plan, Refused):
            return plan
        construct = plan.construct
        if construct is not None:
            missing = {
                n.id for n in walk(construct) if isinstance(n, Name) and n.id.startswith("?")
            }
            for name in sorted(missing):
                construct = replace_name(construct, name, unknown_size(name[1:]))
        site.details["weights"] = plan.weights
        site.details["rule"] = plan.rule
        return construct

    def _made_for(self, op: OpCall, shapes: list[Shape]) -> Expression | None:
        """The constructor call that inputs of these shapes would ask for; None where a size is not
        known."""
        needs = layer_needs(op, self.rules, self.facts)
        if isinstance(needs, Refused):
            return None
        sizes = self.sizes.of_constructor(op, needs, shapes)
        plan = construct_layer(op, self.rules, self.facts, sizes)
        construct = None if isinstance(plan, Refused) else plan.construct
        if construct is None:
            return None
        names = {n.id for n in walk(construct) if isinstance(n, Name)}
        return None if any(n.startswith("?") for n in names) else construct

    def _read_back(self, op: OpCall) -> OpCall:
        """The configuration of a layer as a method sees it: variables of `__init__` are read back
        from the object. What lambdas and comprehensions call their own is no such variable."""

        def visit(node: Node, own: frozenset[str]) -> Node:
            if isinstance(node, Name) and node.id not in own:
                read = StaticRead(node.id, span=node.span)
                value = self.facts.value(node)
                self.facts.record(read, value if value is not None else Static())
                return read
            inner = own | _own_names(node)
            if isinstance(node, Call) and isinstance(node.function, Name):
                inner |= {node.function.id} & PREDEFINED
            result = map_children(node, lambda child: visit(child, inner))
            if (
                result is not node
                and isinstance(node, Expression)
                and isinstance(result, Expression)
            ):
                value = self.facts.value(node)
                if value is not None:
                    self.facts.record(result, value)
            return result

        return OpCall(
            op.symbol,
            {name: _as_expression(visit(value, CONSTANTS)) for name, value in op.bound.items()},
            op.extra,
            op.function,
            span=op.span,
        )


def _is_mode(value: Value) -> bool:
    return isinstance(value, TrainingFlag) or (isinstance(value, Static) and value.kind is bool)


def _own_names(node: Node) -> set[str]:
    """The variables that exist inside a lambda or comprehension only."""
    match node:
        case Lambda(parameters=parameters):
            return {p.name for p in parameters}
        case Comprehension(generators=generators):
            return {name for g in generators for name in target_names(g.target)}
        case _:
            return set()


def _as_expression(node: Node) -> Expression:
    assert isinstance(node, Expression)
    return node


def replace_name(code: Expression, name: str, replacement: Expression) -> Expression:
    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id == name:
            return replacement
        return map_children(node, visit)

    return _as_expression(visit(code))
