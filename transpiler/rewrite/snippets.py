"""Rules on one expression of text: for rule authors, tests of rules, and the `example` clauses.

No staging, no imports, no statements: `translate("tf.reduce_sum(h, 1)", rules)` gives
`jnp.sum(h, axis=1)`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from ...ir.compare import same
from ...ir.nodes import (
    Argument,
    Attribute,
    Call,
    Expression,
    Name,
    Node,
    OpCall,
    Symbol,
    map_children,
)
from ...rules.api import Signature, SourceApi, bind
from ...rules.language.errors import Place
from ...rules.language.facts import Facts, NoFacts
from ...rules.language.namespaces import SOURCES, TARGETS
from ...rules.language.records import Rule
from ...rules.language.ruleset import RuleSet
from ...rules.language.template import Names, Text, template
from ..emit.expressions import ExpressionPrinter
from ..emit.layout import flat
from .calls import Fresh, rewrite_attribute, rewrite_call, rewrite_method, rewrite_value
from .layers import LayerPlan, construct_layer
from .model import Dropped, Kept, Outcome, Refused, Rewritten


def parse_source(text: str, rules: RuleSet) -> Expression:
    """An expression over `tf.` and `keras.`, its calls bound. Raises RuleError for other text."""
    tree = ast.parse(text, mode="eval")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    parsed = template(Text(text, Place("<source>", 1)), Names(names - TARGETS.keys()))
    return cast(Expression, _resolve(parsed, rules))


def _resolve(node: Node, rules: RuleSet) -> Node:
    if isinstance(node, Name):
        return Name(node.id.lstrip("$@"))
    if isinstance(node, Attribute):
        path = _dotted(node, rules)
        if path is not None:
            return Symbol(_canonical(path, rules))
    node = map_children(node, lambda child: _resolve(child, rules))
    if isinstance(node, Call) and isinstance(node.function, Symbol):
        path = node.function.path
        if path.partition(".")[0] in SOURCES or rules.for_symbol(path) is not None:
            return _op_call(node, path, rules)
    return node


def _dotted(node: Expression, rules: RuleSet) -> str | None:
    """The path of an attribute of a source package, or of another one that there is a rule for;
    None for other expressions."""
    parts: list[str] = []
    while isinstance(node, Attribute):
        parts.append(node.attribute)
        node = node.value
    if not isinstance(node, Name):
        return None
    path = ".".join([node.id.lstrip("$"), *reversed(parts)])
    known = node.id.lstrip("$") in SOURCES or rules.for_symbol(path) is not None
    return path if known else None


def _canonical(path: str, rules: RuleSet) -> str:
    return SourceApi.load().canonical(path) or path


def _op_call(node: Call, path: str, rules: RuleSet) -> OpCall:
    positional = [a.value for a in node.arguments if a.keyword is None and not a.star]
    keywords = {a.keyword: a.value for a in node.arguments if a.keyword is not None}
    starred = tuple(a for a in node.arguments if a.star)
    flavour = "keras2" if rules.flavour == "keras2" else "keras3"
    signature = SourceApi.load().signature(path, flavour)
    if signature is None:
        slots = _slots(path, rules)
        bound = dict(zip(slots, positional, strict=False)) | keywords
        surplus = tuple(Argument(value) for value in positional[len(slots) :])
        return OpCall(path, bound, (*surplus, *starred), node.function)
    return _bound(path, signature, positional, keywords, starred, node.function)


def _bound(
    path: str,
    signature: Signature,
    positional: list[Expression],
    keywords: dict[str, Expression],
    starred: tuple[Argument, ...],
    function: Expression,
) -> OpCall:
    found = bind(signature, positional, keywords, partial=True)
    names = {problem.name for problem in found.problems if problem.kind == "unknown_keyword"}
    extra = [Argument(keywords[name], name) for name in keywords if name in names]
    if any(problem.kind == "too_many_positional" for problem in found.problems):
        extra += [Argument(value) for value in positional[len(signature.positional) :]]
    extra += [Argument(value) for value in found.extra_positional]
    bound = dict(found.values) | dict(found.extra_keywords)
    return OpCall(path, bound, (*extra, *starred), function)


def _slots(path: str, rules: RuleSet) -> list[str]:
    """Parameter names by the rule, for symbols that the API data lacks."""
    record = rules.for_symbol(path)
    if not isinstance(record, Rule):
        return []
    alias = next((a for a in record.aliases if a.symbol == path), None)
    theirs = {ours: name for name, ours in alias.renames} if alias else {}
    return [theirs.get(p.name, p.name) for p in record.parameters]


def show(e: Expression) -> str:
    """The text of a target expression, modules under their usual names."""
    short = sorted(TARGETS.items(), key=lambda item: -len(item[1]))

    def visit(node: Node) -> Node:
        if isinstance(node, Symbol):
            for name, path in short:
                if f"{node.path}.".startswith(f"{path}."):
                    return Name(name + node.path[len(path) :])
            return Name(node.path)
        return map_children(node, visit)

    return flat(ExpressionPrinter().doc(cast(Expression, visit(e))))


def translate(
    text: str,
    rules: RuleSet,
    facts: Facts | None = None,
    *,
    fresh: Fresh | None = None,
    owner: str = "",
) -> str:
    """The target text of one expression.

    A refusal gives `TJnnnn: message`, a dropped or kept call `Dropped: reason`, bindings stand in
    front (`x_1 = f(a); ...`). With `owner` ("tf.Tensor"), members of names are those of that class.
    """
    run = _Run(rules, facts or NoFacts(), fresh, owner)
    result = run.visit(parse_source(text, rules))
    if run.problems:
        return run.problems[0]
    return "".join(run.bindings) + show(cast(Expression, result))


class _Run:
    def __init__(self, rules: RuleSet, facts: Facts, fresh: Fresh | None, owner: str) -> None:
        self.rules, self.facts, self.fresh, self.owner = rules, facts, fresh, owner
        self.problems: list[str] = []
        self.bindings: list[str] = []

    def visit(self, node: Node) -> Node:
        outcome = self._outcome(node)
        match outcome:
            case None:
                return map_children(node, self.visit)
            case Rewritten(expression=expression) if same(expression, node):  # `x.shape` stays
                return map_children(node, self.visit)
            case Rewritten(expression=expression, bindings=bindings):
                for name, value in bindings:
                    shown = show(cast(Expression, self.visit(value)))
                    self.bindings.append(f"{name} = {shown}; ")
                return self.visit(expression)
            case Refused(code=code, message=message):
                self.problems.append(f"{code}: {message}")
            case Dropped(reason=reason) | Kept(reason=reason):
                self.problems.append(f"{type(outcome).__name__}: {reason}")
        return Name("_")

    def _outcome(self, node: Node) -> Outcome | None:
        rules, facts = self.rules, self.facts
        match node:
            case Call(function=OpCall() as layer) if self._is_layer(layer):
                return self._layer(layer, [a.value for a in node.arguments])
            case OpCall():
                return rewrite_call(node, rules, facts, fresh=self.fresh)
            case Symbol(path=path) if path.partition(".")[0] in SOURCES:
                return rewrite_value(path, rules, facts)
            case Call(function=Attribute(attribute=name)) if self._has_member(name):
                return rewrite_method(node, self.owner, rules, facts, fresh=self.fresh)
            case Attribute(value=Name(), attribute=name) if self._has_member(name):
                return rewrite_attribute(node, self.owner, rules, facts)
            case _:
                return None

    def _has_member(self, name: str) -> bool:
        return bool(self.owner) and self.rules.for_member(self.owner, name) is not None

    def _is_layer(self, op: OpCall) -> bool:
        record = self.rules.for_symbol(op.symbol)
        return isinstance(record, Rule) and record.kind == "layer"

    def _layer(self, op: OpCall, inputs: list[Expression]) -> Rewritten | Refused:
        """A layer applied where it is made; a size is written as its name."""
        plan = construct_layer(op, self.rules, self.facts, {n: Name(n) for n in self._sizes(op)})
        if not isinstance(plan, LayerPlan):
            return plan
        return plan.apply(inputs, plan.construct, fresh=self.fresh)

    def _sizes(self, op: OpCall) -> Iterator[str]:
        from .layers import layer_needs

        needs = layer_needs(op, self.rules, self.facts)
        return (n.name for n in needs if n.kind == "dim") if isinstance(needs, tuple) else iter(())


def check_examples(rules: RuleSet) -> Iterator[str]:
    """What is wrong with the `example` clauses: one line for each that does not hold."""
    for record in rules.records():
        if isinstance(record, Rule):
            for before, after in record.examples:
                found = translate(before, rules, _AllTensors())
                if found != after:
                    yield f"{record.place}: example {before}: expected {after}, got {found}"


class _AllTensors(NoFacts):
    """Every name is a tensor of unknown shape: what examples assume of `x`."""

    def dtype(self, e: Expression, /) -> str | None:
        return "float32" if isinstance(e, Name) and e.id in ("x", "y", "z", "h") else None

    def rank(self, e: Expression, /) -> int | None:
        return None
