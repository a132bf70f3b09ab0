"""Source text -> target text through rules, for before/after tests. Knows no staging and no imports."""

from __future__ import annotations

import ast

from tfjax.ir.nodes import Argument, Call, Expression, Name, Node, OpCall, Symbol, map_children
from tfjax.rules.api import SourceApi
from tfjax.rules.language import RuleSet
from tfjax.rules.language.errors import Place
from tfjax.rules.language.namespaces import BUILTINS, TARGETS
from tfjax.rules.language.records import Rule
from tfjax.rules.language.template import Names, Text, template
from tfjax.transpiler.emit.expressions import ExpressionPrinter
from tfjax.transpiler.emit.layout import flat
from tfjax.transpiler.rewrite import Known, NoFacts, Refused, Rewritten, rewrite_call, rewrite_value


class TestFacts(NoFacts):
    """Facts about names, given in the test: `values={"n": 3}`, `shapes={"x": (2, 3)}`, `dtypes=`, `types=`."""

    __test__ = False

    def __init__(self, values=None, shapes=None, dtypes=None, types=None, static=()):
        self.values, self.shapes = values or {}, shapes or {}
        self.dtypes, self.types, self.static = dtypes or {}, types or {}, static

    def constant(self, e, /):
        if isinstance(e, Name) and e.id in self.values:
            return Known(self.values[e.id])
        return super().constant(e)

    def is_static(self, e, /):
        return super().is_static(e) or (isinstance(e, Name) and e.id in self.static)

    def python_type(self, e, /):
        return (
            self.types.get(e.id)
            if isinstance(e, Name) and e.id in self.types
            else super().python_type(e)
        )

    def shape(self, e, /):
        return self.shapes.get(e.id) if isinstance(e, Name) else None

    def dtype(self, e, /):
        return self.dtypes.get(e.id) if isinstance(e, Name) else None


def parse_source(text: str, rules: RuleSet) -> Expression:
    """An expression over `tf.*` and `keras.*`, calls bound by the parameters of their rules."""
    tree = ast.parse(text, mode="eval").body
    names = (
        {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - {"tf", "keras"} - set(TARGETS)
    )
    return _bind(_Source(text, names).convert(tree), rules)


class _Source:
    def __init__(self, text: str, names: set[str]) -> None:
        from tfjax.rules.language import template as module

        class Converter(module._Converter):
            def convert(self, node, bound):
                dotted = (
                    self._dotted(node, bound)
                    if isinstance(node, ast.Name | ast.Attribute)
                    else None
                )
                if dotted and dotted.split(".")[0] in ("tf", "keras"):
                    return Symbol(dotted)
                return super().convert(node, bound)

            def _name(self, node, bound):
                return Name(node.id)

        text_ = Text(text, Place("<test>", 1))
        self.convert = lambda node: Converter(text_, Names(())).convert(node, frozenset())


def _bind(e: Expression, rules: RuleSet) -> Expression:
    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        if isinstance(node, Call) and isinstance(node.function, Symbol):
            path = canonical(node.function.path)
            if path.split(".")[0] in ("tf", "keras"):
                return _op_call(node, path, rules)
        if isinstance(node, Symbol):
            return Symbol(canonical(node.path))
        return node

    return visit(e)


def canonical(path: str) -> str:
    try:
        return SourceApi.load().canonical(path) or path
    except OSError:
        return path


def _op_call(node: Call, path: str, rules: RuleSet) -> OpCall:
    record = rules.for_symbol(path)
    alias = (
        next((a for a in record.aliases if a.symbol == path), None)
        if isinstance(record, Rule)
        else None
    )
    back = {ours: theirs for theirs, ours in alias.renames} if alias else {}
    slots = (
        [back.get(p.name, p.name) for p in record.parameters] if isinstance(record, Rule) else []
    )
    bound: dict[str, Expression] = {}
    extra: list[Argument] = []
    position = 0
    for argument in node.arguments:
        if argument.star:
            extra.append(argument)
        elif argument.keyword:
            bound[argument.keyword] = argument.value
        elif position < len(slots):
            bound[slots[position]] = argument.value
            position += 1
        else:
            extra.append(argument)
    return OpCall(path, bound, tuple(extra), node.function)


def show(e: Expression) -> str:
    """The text of an expression, target modules under their usual names."""
    short = sorted(((path, name) for name, path in TARGETS.items()), key=lambda p: -len(p[0]))

    def visit(node: Node) -> Node:
        if isinstance(node, Symbol):
            for path, name in short:
                if node.path == path or node.path.startswith(path + "."):
                    return Name(name + node.path[len(path) :])
            return Name(node.path)
        return map_children(node, visit)

    return flat(ExpressionPrinter().doc(visit(e)))


def translate(text: str, rules: RuleSet, facts: NoFacts | None = None, fresh=None) -> str:
    """The target text; `TJnnnn: message` for a refusal; `-` and the reason for a dropped call. Top down, whole tree."""
    facts = facts or NoFacts()
    problems: list[str] = []

    def visit(node: Node) -> Node:
        if isinstance(node, OpCall):
            outcome = rewrite_call(node, rules, facts, fresh=fresh)
        elif isinstance(node, Symbol) and node.path.split(".")[0] in ("tf", "keras"):
            outcome = rewrite_value(node.path, rules, facts)
        else:
            return map_children(node, visit)
        if isinstance(outcome, Rewritten):
            bound = [f"{name} = {show(visit(value))}; " for name, value in outcome.bindings]
            problems.extend(bound)
            return visit(outcome.expression)
        if isinstance(outcome, Refused):
            problems.append(f"{outcome.code}: {outcome.message}")
        else:
            problems.append(f"{type(outcome).__name__}: {outcome.reason}")
        return Name("_")

    result = visit(parse_source(text, rules))
    if problems and not problems[0].endswith("; "):
        return problems[0]
    return "".join(problems) + show(result)


__all__ = ["BUILTINS", "TestFacts", "parse_source", "show", "template", "translate"]
