"""Classes that are layers unless a flag is set: `class Attention(object if debug else Layer)`.

What is translated is the layer. Code of the class that asks for the flag again is decided with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....ir.keys import same
from ....ir.nodes import (
    Argument,
    ClassDef,
    Conditional,
    Constant,
    Expression,
    If,
    Module,
    Name,
    Node,
    Pass,
    Reference,
    Statement,
    Unary,
    map_children,
    replace_node,
)
from ..project import Finding, ModuleInput


def with_layer_bases(
    modules: Mapping[str, ModuleInput],
) -> tuple[Mapping[str, ModuleInput], list[Finding]]:
    """All modules, those without such a class unchanged, and what to tell of the others."""
    found: list[Finding] = []
    result = dict(modules)
    for name, module in modules.items():
        body = tuple(_converted(name, s, found) for s in module.tree.body)
        if any(a is not b for a, b in zip(body, module.tree.body, strict=True)):
            tree = replace_node(module.tree, body=body)
            assert isinstance(tree, Module)
            result[name] = replace(module, tree=tree)
    return result, found


def _converted(module: str, node: Statement, found: list[Finding]) -> Statement:
    match node:
        case ClassDef(
            bases=(
                Argument(
                    value=Conditional(
                        test=(Name() | Reference()) as test, then=then, otherwise=otherwise
                    )
                ) as base,
            )
        ) if _is_object(then) != _is_object(otherwise):
            outcome = _is_object(otherwise)
            kept = then if outcome else otherwise
            flag = test.id if isinstance(test, Name) else test.name
            message = f"`{node.name}` is translated as it is where `{flag}` is {outcome}"
            hint = "write the other class apart"
            found.append(Finding(module, "TJ6019", message, base.value.span, hint))
            body = tuple(_decided(s, test, outcome) for s in node.body)
            return replace_node(node, bases=(replace_node(base, value=kept),), body=body)
        case _:
            return node


def _is_object(base: Expression) -> bool:
    return isinstance(base, Name) and base.id == "object"


def _decided(statement: Statement, flag: Expression, value: bool) -> Statement:
    """A statement of the class in which the flag has this value."""

    def outcome(test: Expression) -> bool | None:
        match test:
            case Unary(operator="not", operand=operand):
                inner = outcome(operand)
                return None if inner is None else not inner
            case _:
                return value if same(test, flag) else None

    def visit(node: Node) -> Node | list[Statement]:
        match node:
            case If(test=test, then=then, otherwise=otherwise) if (
                taken := outcome(test)
            ) is not None:
                chosen = If(Constant(None), then if taken else otherwise or (Pass(),), ())
                inner = map_children(chosen, visit)
                return [s for s in inner.then if not isinstance(s, Pass) or taken]
            case Conditional(test=test, then=then, otherwise=otherwise) if (
                taken := outcome(test)
            ) is not None:
                new = visit(then if taken else otherwise)
                assert isinstance(new, Expression)
                return new
            case _:
                return map_children(node, visit)

    result = visit(statement)
    return result if isinstance(result, Statement) else statement
