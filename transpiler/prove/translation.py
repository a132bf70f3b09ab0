"""What the ladder asks of the compiler: expressions and layers as text, shapes as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ...ir.dims import Dim
from ...ir.nodes import (
    Attribute,
    Constant,
    Expression,
    List,
    Name,
    Node,
    OpCall,
    Slice,
    Subscript,
    Symbol,
    Tuple,
    map_children,
    walk,
)
from ...rules.language import RuleSet
from ...rules.language.facts import Facts, NoFacts, literal
from ...rules.language.namespaces import SOURCES
from ...rules.language.records import Rule, variable_name
from ...rules.prove.translator import NO_ARGUMENTS, LayerCode, RefusedError, Shapes
from ..rewrite import (
    LayerPlan,
    Refused,
    Rewritten,
    construct_layer,
    layer_needs,
    rewrite_call,
    rewrite_value,
    shape_rule,
    snippets,
)
from ..shapes import shape_rules
from ..shapes.shapes import Shape
from ..verify.project import array_steps
from ..verify.steps import apply_steps

REFUSAL = re.compile(r"TJ\d{4}: |Dropped: |Kept: ")
SIZES = ("tf.shape", "keras.ops.shape")
WRAPPERS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "keras.layers.Bidirectional": (
        ("layer", "forward_", "forward."),
        ("layer", "backward_", "backward."),
    ),
    "keras.layers.RNN": (("cell", "", "cell."),),
}
"""Layers around layers: the argument, what its Keras names contain, where the target holds it."""


class InputFacts(NoFacts):
    """Knows shape and dtype of the named inputs, and that sizes are integers. `batch`: whether the
    first size is known."""

    def __init__(self, known: Shapes, batch: bool = True) -> None:
        self.known, self.batch = known, batch

    def python_type(self, e: Expression, /) -> type | None:
        match e:
            case OpCall(symbol=symbol) if symbol in SIZES:
                return tuple
            case Subscript(value=value, index=index) if self.python_type(value) is tuple:
                return tuple if isinstance(index, Slice) else int
            case _:
                return super().python_type(e)

    def shape(self, e: Expression, /) -> tuple[object, ...] | None:
        if not isinstance(e, Name) or e.id not in self.known:
            return None
        shape = self.known[e.id][0]
        return shape if self.batch or not shape else (None, *shape[1:])

    def dtype(self, e: Expression, /) -> str | None:
        return self.known[e.id][1] if isinstance(e, Name) and e.id in self.known else None


class Compiler:
    """The `Translator` of the ladder, over one set of rules."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules

    def expression(self, text: str, keras: str, owner: str, known: Shapes | None) -> str:
        facts = NoFacts() if known is None else InputFacts(known)
        found = snippets.translate(text, self._for(keras), facts, owner=owner)
        if REFUSAL.match(found):
            raise RefusedError(found)
        return found

    def again(self, text: str, names: Sequence[str]) -> str:
        return snippets.translate(text, self._rules)

    def move(self, array: Any, steps: Sequence[Mapping[str, Any]]) -> Any:
        import importlib

        return apply_steps(importlib.import_module("numpy"), [array], [dict(s) for s in steps])

    # ------------------------------------------------------------ layers

    def layer(
        self,
        text: str,
        keras: str,
        inputs: Sequence[str],
        call: Mapping[str, str],
        merge: bool,
        training: str | None,
        known: Shapes,
    ) -> LayerCode:
        rules, facts = self._for(keras), InputFacts(known, batch=False)
        op = self._op(text, rules)
        plan = self._plan(op, rules, facts, inputs, known)
        names: list[Expression] = [Name(name) for name in inputs]
        given = {name: snippets.parse_source(value, rules) for name, value in call.items()}
        # A required input that is no array by itself, such as the states of a cell.
        record = rules.for_symbol(op.symbol)
        inner = record.inputs[len(names) :] if isinstance(record, Rule) else ()
        names += [given.pop(p.name) for p in inner if p.default is None and p.name in given]
        flag = None if training is None else snippets.parse_source(training, rules)
        applied = plan.apply(
            [List(tuple(names))] if merge else names,
            Name("layer") if plan.construct is not None else None,
            given,
            flag,
        )
        if isinstance(applied, Refused):
            raise RefusedError(f"{applied.code}: {applied.message}")
        bindings = "".join(
            f"{name} = {self._text(value, rules, facts)}; " for name, value in applied.bindings
        )
        construct = plan.construct
        return LayerCode(
            None if construct is None else self._text(construct, rules, facts),
            bindings + self._text(applied.expression, rules, facts),
            tuple(self._moves(op, plan, rules, facts, inputs, known)),
            plan.mode,
        )

    def _op(self, text: str, rules: RuleSet) -> OpCall:
        op = snippets.parse_source(text, rules)
        if not isinstance(op, OpCall):
            raise ValueError(f"`{text}` is no call of an API function")
        return op

    def _plan(
        self, op: OpCall, rules: RuleSet, facts: Facts, inputs: Sequence[str], known: Shapes
    ) -> LayerPlan:
        needs = layer_needs(op, rules, facts)
        if isinstance(needs, Refused):
            raise RefusedError(f"{needs.code}: {needs.message}")
        sizes: dict[str, Expression] = {}
        for need in needs:
            shape = known[inputs[need.input]][0]
            if need.kind == "rank":
                sizes[need.name] = Constant(len(shape))
            elif need.axis is not None and -len(shape) <= need.axis < len(shape):
                sizes[need.name] = Constant(shape[need.axis])
        plan = construct_layer(op, rules, facts, sizes)
        if isinstance(plan, Refused):
            raise RefusedError(f"{plan.code}: {plan.message}")
        return plan

    def _moves(
        self,
        op: OpCall,
        plan: LayerPlan,
        rules: RuleSet,
        facts: Facts,
        inputs: Sequence[str],
        known: Shapes,
    ) -> list[tuple[str, str, tuple[Mapping[str, Any], ...]]]:
        """Keras name (with what it contains, after a `|`), target path, steps."""
        plans = [(plan, "", "")]
        for argument, contains, path in WRAPPERS.get(op.symbol, ()):
            inner = op.bound.get(argument)
            if isinstance(inner, OpCall):
                plans.append((self._plan(inner, rules, facts, inputs, known), contains, path))
        return [
            (f"{weight.source}|{contains}", path + weight.target, tuple(array_steps(weight.steps)))
            for one, contains, path in plans
            for weight in one.weights
            if weight.condition is None
        ]

    def _text(self, e: Expression, rules: RuleSet, facts: Facts) -> str:
        """Rules applied to whatever source symbols are left. Raises RefusedError."""

        def visit(node: Node) -> Node:
            if isinstance(node, OpCall):
                outcome = rewrite_call(node, rules, facts)
            elif isinstance(node, Symbol) and node.path.split(".")[0] in SOURCES:
                outcome = rewrite_value(node.path, rules, facts)
            else:
                return map_children(node, visit)
            if isinstance(outcome, Rewritten):
                return visit(outcome.expression)
            raise RefusedError(str(outcome))

        return snippets.show(cast(Expression, visit(e)))

    # ------------------------------------------------------------ shapes

    def stated(
        self,
        text: str,
        keras: str,
        inputs: Sequence[str],
        merge: bool,
        known: Shapes,
        call: Mapping[str, str] = NO_ARGUMENTS,
    ) -> list[tuple[tuple[int | None, ...] | None, str | None]] | None:
        rules = self._for(keras)
        op = snippets.parse_source(text, rules)
        if not isinstance(op, OpCall):
            return None
        facts = InputFacts(known, batch=not inputs)
        names: tuple[Expression, ...] = tuple(Name(name) for name in inputs)
        given: dict[str, Expression] | None = None
        if inputs:
            plan = self._plan(op, rules, facts, inputs, known)
            rest = zip(plan.inputs, names, strict=False)
            given = {plan.inputs[0]: List(names)} if merge else dict(rest)
            given |= {name: snippets.parse_source(value, rules) for name, value in call.items()}
        bound = shape_rule(op, rules, facts, given)
        if bound is None or bound.function in ("unknown", "any"):
            return None
        if any(isinstance(node, OpCall) for a in bound.arguments for node in walk(a)):
            return None  # the shape of another call is not followed
        values = _Values(known, batch=not inputs)
        arguments = [values.of(a) for a in bound.arguments]
        keywords = {name: values.of(e) for name, e in bound.keywords.items()}
        if bound.function == "pattern":
            sizes = cast("tuple[Any, ...]", arguments[0])
            found: Any = Shape(tuple(shape_rules.size_of(v) for v in sizes))
        else:
            found = shape_rules.FUNCTIONS[bound.function](*arguments, **keywords)
        shapes = _shapes(found)
        if not any(isinstance(shape, Shape) for shape in shapes):
            return None  # the values of a list, not sizes
        dtype = self._dtype(bound.dtype, known)
        return [(_dims(s), dtype if i == 0 else None) for i, s in enumerate(shapes)]

    def _dtype(self, dtype: Expression | str | None, known: Shapes) -> str | None:
        match dtype:
            case str():
                return None if dtype == "unknown" else dtype
            case Name(id=name) if name in known:
                return known[name][1]
            case List(elements=(Name(id=name), *_)) if name in known:
                return known[name][1]
            case Symbol(path=path):
                return path.rpartition(".")[2].rstrip("_")
            case _:
                return None

    def _for(self, keras: str) -> RuleSet:
        return self._rules.for_flavour(keras)


class _Values:
    """Arguments of shape functions: shapes for inputs, Python values for literals."""

    def __init__(self, known: Shapes, batch: bool) -> None:
        self.known, self.batch = known, batch

    def of(self, e: Expression) -> Any:
        match e:
            case Name(id=name) if name in self.known:
                shape = self.known[name][0]
                dims = tuple(map(Dim.of, shape))
                return Shape(dims if self.batch or not dims else (None, *dims[1:]))
            case Name() if variable_name(e) is not None:
                return None
            case Tuple(elements=elements):
                return tuple(map(self.of, elements))
            case List(elements=elements):
                return list(map(self.of, elements))
            case Subscript(
                value=Attribute(value=Name(id=name), attribute="shape"), index=index
            ) if name in self.known:
                axis = literal(index)
                shape = self.known[name][0]
                if axis is None or not isinstance(axis.value, int):
                    return None
                return Dim.of(shape[axis.value]) if -len(shape) <= axis.value < len(shape) else None
            case _:
                found = literal(e)
                return None if found is None else found.value


def _shapes(found: Any) -> list[Any]:
    if isinstance(found, (list, tuple)):
        return [s for item in cast("list[Any]", found) for s in _shapes(item)]
    return [found]


def _dims(shape: Any) -> tuple[int | None, ...] | None:
    if not isinstance(shape, Shape) or shape.dims is None:
        return None
    return tuple(None if d is None else d.constant for d in shape.dims)
