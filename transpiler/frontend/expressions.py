"""`ast` expressions -> IR expressions. One function a node kind, found by table."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from ...ir import nodes as ir
from ...ir.span import Span
from .bindings import target_names
from .context import Context
from .operators import BINARY, COMPARE, UNARY
from .resolution import ApiModule, ApiObject, ProjectDefinition, Resolution
from .scope import lambda_scope, nested_scope
from .strings import formatted_string

Lowering = Callable[[Context, Any], ir.Expression]


def expression(ctx: Context, node: ast.expr) -> ir.Expression:
    """Lowers one expression."""
    return _TABLE[type(node)](ctx, node)


def optional(ctx: Context, node: ast.expr | None) -> ir.Expression | None:
    return None if node is None else _TABLE[type(node)](ctx, node)


def expressions(ctx: Context, nodes: Sequence[ast.expr]) -> tuple[ir.Expression, ...]:
    return tuple([_TABLE[type(node)](ctx, node) for node in nodes])


def resolved(found: Resolution | None, span: Span) -> ir.Expression | None:
    """The node for a resolved name; None when it stays as it is spelled."""
    match found:
        case ApiObject() | ApiModule():
            return ir.Symbol(found.path, span=span)
        case ProjectDefinition():
            return ir.Reference(found.module, found.name, span=span)
        case _:
            return None


def _constant(ctx: Context, node: ast.Constant) -> ir.Expression:
    return ir.Constant(node.value, span=ctx.span(node))


def _name(ctx: Context, node: ast.Name) -> ir.Expression:
    if type(node.ctx) is ast.Load:
        found = ctx.scope.lookup(node.id)
        if found is not None:
            symbol = resolved(found, ctx.span(node))
            if symbol is not None:
                return symbol
    return ir.Name(node.id, span=ctx.span(node))


def _attribute(ctx: Context, node: ast.Attribute) -> ir.Expression:
    root: ast.expr = node.value
    links = [node]
    while type(root) is ast.Attribute:
        links.append(root)
        root = root.value
    if type(root) is not ast.Name:
        result = expression(ctx, root)
        found = None
    else:
        found = ctx.scope.lookup(root.id)
        result = resolved(found, ctx.span(root)) if found is not None else None
        result = result or ir.Name(root.id, span=ctx.span(root))
    for link in reversed(links):
        span = ctx.span(link)
        found = None if found is None else ctx.project.member(found, link.attr)
        symbol = None
        if found is not None and type(link.ctx) is ast.Load:
            symbol = resolved(found, span)
        result = symbol or ir.Attribute(result, link.attr, span=span)
    return result


def arguments(
    ctx: Context, positional: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> tuple[ir.Argument, ...]:
    """The arguments of a call or the bases of a class, in source order."""
    result: list[ir.Argument] = []
    for node in positional:
        if type(node) is ast.Starred:
            value = expression(ctx, node.value)
            result.append(ir.Argument(value, None, "*", span=ctx.span(node)))
        else:
            value = _TABLE[type(node)](ctx, node)
            result.append(ir.Argument(value, span=value.span))
    for keyword in keywords:
        value = _TABLE[type(keyword.value)](ctx, keyword.value)
        star = "**" if keyword.arg is None else ""
        result.append(ir.Argument(value, keyword.arg, star, span=ctx.span(keyword)))
    if keywords and any(argument.star == "*" for argument in result):
        result.sort(key=_start)  # `f(a=1, *rest)`
    return tuple(result)


def _start(node: ir.Node) -> tuple[int, int]:
    span = node.span
    return (0, 0) if span is None else (span.start_line, span.start_column)


def _call(ctx: Context, node: ast.Call) -> ir.Expression:
    function = _TABLE[type(node.func)](ctx, node.func)
    given = arguments(ctx, node.args, node.keywords)
    span = ctx.span(node)
    if type(function) is ir.Symbol:
        bound, extra = ctx.binder.bind(function.path, given)
        return ir.OpCall(function.path, bound, extra, function, span=span)
    return ir.Call(function, given, span=span)


def _subscript(ctx: Context, node: ast.Subscript) -> ir.Expression:
    value = expression(ctx, node.value)
    return ir.Subscript(value, expression(ctx, node.slice), span=ctx.span(node))


def _slice(ctx: Context, node: ast.Slice) -> ir.Expression:
    parts = [optional(ctx, part) for part in (node.lower, node.upper, node.step)]
    return ir.Slice(parts[0], parts[1], parts[2], span=ctx.span(node))


def _binary(ctx: Context, node: ast.BinOp) -> ir.Expression:
    # Long sums nest on the left: go down by loop, so that they cost no recursion.
    spine = [node]
    left: ast.expr = node.left
    while type(left) is ast.BinOp:
        spine.append(left)
        left = left.left
    result = expression(ctx, left)
    for link in reversed(spine):
        right = _TABLE[type(link.right)](ctx, link.right)
        result = ir.Binary(BINARY[type(link.op)], result, right, span=ctx.span(link))
    return result


def _unary(ctx: Context, node: ast.UnaryOp) -> ir.Expression:
    return ir.Unary(UNARY[type(node.op)], expression(ctx, node.operand), span=ctx.span(node))


def _boolean(ctx: Context, node: ast.BoolOp) -> ir.Expression:
    operator = "and" if type(node.op) is ast.And else "or"
    return ir.Boolean(operator, expressions(ctx, node.values), span=ctx.span(node))


def _compare(ctx: Context, node: ast.Compare) -> ir.Expression:
    left = expression(ctx, node.left)
    operators = tuple([COMPARE[type(operator)] for operator in node.ops])
    return ir.Compare(left, operators, expressions(ctx, node.comparators), span=ctx.span(node))


def _conditional(ctx: Context, node: ast.IfExp) -> ir.Expression:
    then = expression(ctx, node.body)
    test = expression(ctx, node.test)
    return ir.Conditional(test, then, expression(ctx, node.orelse), span=ctx.span(node))


def _tuple(ctx: Context, node: ast.Tuple) -> ir.Expression:
    return ir.Tuple(expressions(ctx, node.elts), span=ctx.span(node))


def _list(ctx: Context, node: ast.List) -> ir.Expression:
    return ir.List(expressions(ctx, node.elts), span=ctx.span(node))


def _set(ctx: Context, node: ast.Set) -> ir.Expression:
    return ir.Set(expressions(ctx, node.elts), span=ctx.span(node))


def _dict(ctx: Context, node: ast.Dict) -> ir.Expression:
    keys = tuple([optional(ctx, key) for key in node.keys])
    return ir.Dict(keys, expressions(ctx, node.values), span=ctx.span(node))


def _starred(ctx: Context, node: ast.Starred) -> ir.Expression:
    return ir.Starred(expression(ctx, node.value), span=ctx.span(node))


def _named(ctx: Context, node: ast.NamedExpr) -> ir.Expression:
    target = expression(ctx, node.target)
    return ir.NamedExpression(target, expression(ctx, node.value), span=ctx.span(node))


def _lambda(ctx: Context, node: ast.Lambda) -> ir.Expression:
    parameters = lower_parameters(ctx, node.args)
    inner = lambda_scope(node.args, ctx.table, ctx.enclosing)
    with ctx.inside(inner, inner):
        body = expression(ctx, node.body)
    return ir.Lambda(parameters, body, span=ctx.span(node))


def lower_parameters(ctx: Context, node: ast.arguments) -> tuple[ir.Parameter, ...]:
    """Parameters in order; defaults and annotations belong to the scope outside."""
    result: list[ir.Parameter] = []
    positional = [*node.posonlyargs, *node.args]
    gap = len(positional) - len(node.defaults)
    for index, argument in enumerate(positional):
        kind = "positional_only" if index < len(node.posonlyargs) else "positional"
        default = node.defaults[index - gap] if index >= gap else None
        result.append(_parameter(ctx, argument, kind, default))
    if node.vararg is not None:
        result.append(_parameter(ctx, node.vararg, "varargs", None))
    for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        result.append(_parameter(ctx, argument, "keyword_only", default))
    if node.kwarg is not None:
        result.append(_parameter(ctx, node.kwarg, "kwargs", None))
    return tuple(result)


def _parameter(ctx: Context, node: ast.arg, kind: str, default: ast.expr | None) -> ir.Parameter:
    annotation = optional(ctx, node.annotation)
    value = optional(ctx, default)
    span = ctx.span(node)
    if value is not None and value.span is not None:
        end_line, end_column = ctx.parsed.end_of_default(span, value.span)
        span = Span(span.start_line, span.start_column, end_line, end_column)
    return ir.Parameter(node.arg, kind, value, annotation, span=span)


def _comprehension(ctx: Context, node: Any) -> ir.Expression:
    if any(generator.is_async for generator in node.generators):
        return _opaque(ctx, node)
    bound = [name for generator in node.generators for name in target_names(generator.target)]
    inner = nested_scope(bound, ctx.table, ctx.enclosing)
    first = expression(ctx, node.generators[0].iter)  # evaluated outside
    with ctx.inside(inner, inner):
        kind, element, value = _COMPREHENSIONS[type(node)], None, None
        if kind == "dict":
            element, value = expression(ctx, node.key), expression(ctx, node.value)
        else:
            element = expression(ctx, node.elt)
        generators = [
            _generator(ctx, generator, first if index == 0 else None)
            for index, generator in enumerate(node.generators)
        ]
    return ir.Comprehension(kind, element, value, tuple(generators), span=ctx.span(node))


def _generator(
    ctx: Context, node: ast.comprehension, iterable: ir.Expression | None
) -> ir.Generator:
    target = expression(ctx, node.target)
    iterable = iterable or expression(ctx, node.iter)
    conditions = expressions(ctx, node.ifs)
    start, end = ctx.span(node.target), ctx.span(node.ifs[-1] if node.ifs else node.iter)
    span = Span(start.start_line, start.start_column, end.end_line, end.end_column)
    return ir.Generator(target, iterable, conditions, span=span)


def _opaque(ctx: Context, node: ast.expr) -> ir.Expression:
    span = ctx.span(node)
    inner: list[ir.Expression] = []
    if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom) and node.value is not None:
        inner.append(expression(ctx, node.value))
    return ir.OpaqueExpression(ctx.parsed.text_of(span), tuple(inner), span=span)


def _formatted(ctx: Context, node: ast.JoinedStr) -> ir.Expression:
    return formatted_string(ctx, node, expression)


_COMPREHENSIONS: dict[type, str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}

_TABLE: dict[type, Lowering] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.Starred: _starred,
    ast.NamedExpr: _named,
    ast.Lambda: _lambda,
    ast.JoinedStr: _formatted,
    ast.Await: _opaque,
    ast.Yield: _opaque,
    ast.YieldFrom: _opaque,
    **dict.fromkeys(_COMPREHENSIONS, _comprehension),
}
