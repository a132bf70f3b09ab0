"""From an accepted fill to a rule: the next run needs no model for it.

A fill can become a rule when its region is one call of an API function and its code is, or can be
written as, one expression. What was a constant in the region becomes a guard: nothing was proved
for other values. An argument that is an expression of its own (`x * y`) becomes a parameter when
the code uses it as a whole.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from ..rules.api import SourceApi
from ..transpiler.prove.skeleton import skeleton
from .contract import Region
from .promote_domain import domains, observed
from .sandbox.cases import OracleCase

WIDEST = 100


class NoRule(Exception):
    """A fill that cannot become a rule: the reason."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A record for a rule file, and the fill that it comes from."""

    region: Region
    text: str

    @property
    def meaning(self) -> str:
        """The record without what it was found by and is tried with: equal for fills that say the
        same of different places."""
        lines = self.text.splitlines()
        return "\n".join(s for s in lines if not s.startswith(('  """', "  try ")))


def promote(region: Region, code: str, count: int, cases: Sequence[OracleCase] = ()) -> Promotion:
    """`count`: on how many cases it was found equal; `cases`: those that are on record, which say
    what the rule can be tried with. Raises NoRule."""
    call = _call(region)
    symbol = ast.unparse(call.func)
    start = skeleton(symbol, region.keras)
    if start is None:
        raise NoRule(f"the API has no signature of `{symbol}`")
    bound = _bound(call, symbol, region)
    operands = {one.name for one in region.operands}
    renames: dict[str, str] = {}
    wholes: dict[str, str] = {}
    guards: list[str] = []
    tried: list[str] = []
    for parameter, value in bound.items():
        if isinstance(value, ast.Name) and value.id in operands:
            if value.id in renames:
                raise NoRule(f"`{value.id}` is given for two parameters")
            renames[value.id] = parameter
        elif isinstance(value, ast.Constant) or _is_literal(value):
            guards.append(_guard(parameter, ast.unparse(value)))
            tried.append(f"{parameter} = {ast.unparse(value)}")
        else:
            wholes[_shape(value)] = parameter
    left = _not_given(start, bound)
    guards += [
        f'  unless   given({name}) else TJ2003 "proved without {name} only"' for name in left
    ]
    tried += [f"{name} = omitted" for name in left]
    expression = _Rename(renames, wholes, operands).visit(as_expression(code))
    text = ast.unparse(ast.fix_missing_locations(expression))
    arguments = {
        name: observed(bound[name], cases) for name in (*renames.values(), *wholes.values())
    }
    record = _record(start, region, text, guards, count, arguments, tried)
    return Promotion(region, record)


def _shape(value: ast.expr) -> str:
    """Equal for arguments that mean the same: a list of sizes may be written as a tuple."""
    return ast.dump(value).replace("List(elts", "Tuple(elts")


def _call(region: Region) -> ast.Call:
    tree = ast.parse(region.body, mode="eval").body
    if not isinstance(tree, ast.Call) or len(region.symbols) != 1:
        raise NoRule("the region is not one call of one API function")
    return tree


def _bound(call: ast.Call, symbol: str, region: Region) -> dict[str, ast.expr]:
    flavour = "keras2" if region.keras == "keras2" else "keras3"
    api = SourceApi.load()
    signature = api.signature(api.canonical(symbol) or symbol, flavour)
    if signature is None or any(k.arg is None for k in call.keywords):
        raise NoRule(f"the arguments of `{symbol}` are not known by name")
    names = [p.name for p in signature.positional]
    if len(call.args) > len(names):
        raise NoRule(f"`{symbol}` takes fewer arguments")
    bound = dict(zip(names, call.args, strict=False))
    return bound | {k.arg: k.value for k in call.keywords if k.arg is not None}


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    return True


def _guard(parameter: str, value: str) -> str:
    message = f"proved for {parameter} = {value} only"
    return f'  when     {parameter} == {value} else TJ2013 "{message}"'


def _not_given(start: str, bound: Mapping[str, ast.expr]) -> list[str]:
    """Parameters that the region leaves at their defaults: they must not be given."""
    head = start.partition("\n  to")[0]
    return [
        name
        for name, kind in re.findall(r"(\w+): ([\w\[\], ]+?) = ", head)
        if name not in bound and kind not in ("Ignored", "Noted", "Regularizer")
    ]


def as_expression(code: str) -> ast.expr:
    """The value of a function whose statements are assignments to new names and one return.

    Raises NoRule for other code, and where a name of some cost would be computed twice.
    """
    function = next(n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef))
    known: dict[str, ast.expr] = {}
    for statement in function.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in known:
                known[name] = _Inline(known).visit(value)
            case ast.Return(value=ast.expr() as value):
                inline = _Inline(known)
                result = inline.visit(value)
                return result
            case _:
                raise NoRule("its code has statements that a template cannot hold")
    raise NoRule("its code returns nothing")


class _Inline(ast.NodeTransformer):
    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self._known, self._used = known, set[str]()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self._known.get(node.id)
        if value is None:
            return node
        if node.id in self._used and not isinstance(value, ast.Name | ast.Constant | ast.Attribute):
            raise NoRule(f"`{node.id}` would be computed twice")
        self._used.add(node.id)
        return value


class _Rename(ast.NodeTransformer):
    """Parameters for the operands that are arguments, and for arguments that are expressions."""

    def __init__(
        self, names: Mapping[str, str], wholes: Mapping[str, str], operands: Set[str]
    ) -> None:
        self._names, self._wholes, self._operands = names, wholes, operands

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr):
            parameter = self._wholes.get(_shape(node)) if self._wholes else None
            if parameter is not None:
                return ast.Name(parameter, ast.Load())
        return super().visit(node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Raises NoRule for an operand that is only a part of an argument."""
        if node.id in self._operands and node.id not in self._names:
            raise NoRule(f"it uses `{node.id}`, of which an argument is made, on its own")
        return ast.Name(self._names.get(node.id, node.id), node.ctx)


def _record(
    start: str,
    region: Region,
    text: str,
    guards: list[str],
    count: int,
    arguments: Mapping[str, Sequence[Any]],
    tried: Sequence[str],
) -> str:
    """The skeleton with the fill's expression for its target."""
    head = start.partition("\n  to")[0].rstrip()
    head = "\n".join(line for line in head.splitlines() if not line.startswith("  #"))
    name, _, rest = head.partition("\n")
    note = f'  """Found by an agent for {region.path}; equal on {count} cases."""'
    used = set(re.findall(r"\w+", " ".join([text, *guards])))
    rest = _ignored(rest, used)
    typed = re.findall(r"(\w+): Tensor\[", rest)
    # The values that the guards ask for, and no others: other cases would only be refused.
    tries = [f"  try      {one}" for one in (*domains(arguments, typed), *tried)]
    return "\n".join([name, note, rest, *guards, f"  to       {text}", *tries]) + "\n"


def _ignored(head: str, used: set[str]) -> str:
    """Parameters that neither template nor guards use are ignored in so many words."""

    def change(match: re.Match[str]) -> str:
        name, kind = match[1], match[2]
        return match[0] if name in used or kind in ("Ignored", "Noted") else f"{name}: Ignored"

    return re.sub(r"(\w+): ([A-Za-z]+(?:\[[^\]]*\])?)", change, head)
