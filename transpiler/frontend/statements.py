"""`ast` statements -> IR statements. One function a node kind, found by table."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, cast

from ...ir import nodes as ir
from ...ir.span import Span
from .context import Context
from .expressions import arguments, expression, expressions, lower_parameters, optional
from .operators import BINARY
from .scope import class_scope, function_scope

Lowering = Callable[[Context, Any], ir.Statement]


def body(ctx: Context, nodes: Sequence[ast.stmt]) -> ir.Body:
    """Lowers a body."""
    return tuple([_TABLE[type(node)](ctx, node) for node in nodes])


def _expression(ctx: Context, node: ast.Expr) -> ir.Statement:
    return ir.ExpressionStatement(expression(ctx, node.value), span=ctx.span(node))


def _assign(ctx: Context, node: ast.Assign) -> ir.Statement:
    targets = expressions(ctx, node.targets)
    span = ctx.span(node)
    ctx.api_bindings.note_assign(node, span, ctx.scope.lookup)
    if ctx.scope is ctx.enclosing and ctx.scope.parent is None:
        ctx.api_bindings.note_namespace(node, span, ctx.table)
    return ir.Assign(targets, expression(ctx, node.value), span=span)


def _annotated(ctx: Context, node: ast.AnnAssign) -> ir.Statement:
    target = expression(ctx, node.target)
    annotation = expression(ctx, node.annotation)
    value = optional(ctx, node.value)
    return ir.AnnotatedAssign(target, annotation, value, span=ctx.span(node))


def _augmented(ctx: Context, node: ast.AugAssign) -> ir.Statement:
    target = expression(ctx, node.target)
    value = expression(ctx, node.value)
    return ir.AugmentedAssign(target, BINARY[type(node.op)], value, span=ctx.span(node))


def _return(ctx: Context, node: ast.Return) -> ir.Statement:
    return ir.Return(optional(ctx, node.value), span=ctx.span(node))


def _if(ctx: Context, node: ast.If) -> ir.Statement:
    # Long `elif` chains nest: collect the links by loop, so that they cost no recursion.
    links = [node]
    while len(links[-1].orelse) == 1 and type(links[-1].orelse[0]) is ast.If:
        links.append(links[-1].orelse[0])
    lowered = [(expression(ctx, link.test), body(ctx, link.body)) for link in links]
    otherwise = body(ctx, links[-1].orelse)
    for link, (test, then) in zip(reversed(links), reversed(lowered), strict=True):
        span = ctx.span(link)
        ctx.api_bindings.note_block((then, otherwise), span)
        otherwise = (ir.If(test, then, otherwise, span=span),)
    return otherwise[0]


def _for(ctx: Context, node: ast.For | ast.AsyncFor) -> ir.Statement:
    target = expression(ctx, node.target)
    iterable = expression(ctx, node.iter)
    inside, otherwise = body(ctx, node.body), body(ctx, node.orelse)
    is_async = isinstance(node, ast.AsyncFor)
    return ir.For(target, iterable, inside, otherwise, is_async, span=ctx.span(node))


def _while(ctx: Context, node: ast.While) -> ir.Statement:
    test = expression(ctx, node.test)
    return ir.While(test, body(ctx, node.body), body(ctx, node.orelse), span=ctx.span(node))


def _with(ctx: Context, node: ast.With | ast.AsyncWith) -> ir.Statement:
    items: list[ir.WithItem] = []
    for item in node.items:
        context, target = expression(ctx, item.context_expr), optional(ctx, item.optional_vars)
        span = _cover(context.span, context.span if target is None else target.span)
        items.append(ir.WithItem(context, target, span=span))
    is_async = isinstance(node, ast.AsyncWith)
    return ir.With(tuple(items), body(ctx, node.body), is_async, span=ctx.span(node))


def _cover(first: Span | None, last: Span | None) -> Span | None:
    if first is None or last is None:
        return None
    return Span(first.start_line, first.start_column, last.end_line, last.end_column)


def _try(ctx: Context, node: ast.Try) -> ir.Statement:
    inside = body(ctx, node.body)
    handlers = [
        ir.Handler(
            optional(ctx, handler.type),
            handler.name,
            body(ctx, handler.body),
            span=ctx.span(handler),
        )
        for handler in node.handlers
    ]
    otherwise, final = body(ctx, node.orelse), body(ctx, node.finalbody)
    span = ctx.span(node)
    caught = [handler.body for handler in handlers]
    ctx.api_bindings.note_block((inside, *caught, otherwise, final), span)
    return ir.Try(inside, tuple(handlers), otherwise, final, span=span)


def _function(ctx: Context, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ir.Statement:
    if getattr(node, "type_params", None):
        return _opaque(ctx, node)
    decorators = expressions(ctx, node.decorator_list)
    parameters = lower_parameters(ctx, node.args)
    returns = optional(ctx, node.returns)
    inner = function_scope(node, ctx.table, ctx.enclosing)
    with ctx.inside(inner, inner):
        inside = body(ctx, node.body)
    return ir.FunctionDef(
        node.name,
        parameters,
        inside,
        decorators,
        returns,
        isinstance(node, ast.AsyncFunctionDef),
        span=_decorated(ctx, node),
    )


def _class(ctx: Context, node: ast.ClassDef) -> ir.Statement:
    if getattr(node, "type_params", None):
        return _opaque(ctx, node)
    decorators = expressions(ctx, node.decorator_list)
    bases = arguments(ctx, node.bases, node.keywords)
    inner = class_scope(node, ctx.table, ctx.enclosing)
    with ctx.inside(inner, ctx.enclosing):
        inside = body(ctx, node.body)
    span = _decorated(ctx, node)
    if ctx.scope.parent is None:
        ctx.api_bindings.note_namespace(node, span, ctx.table)
    return ir.ClassDef(node.name, bases, inside, decorators, span=span)


def _decorated(ctx: Context, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Span:
    """The span from the first "@" on; `ast` starts at `def` or `class`."""
    span = ctx.span(node)
    if not node.decorator_list:
        return span
    line = ctx.span(node.decorator_list[0]).start_line
    while not ctx.parsed.lines[line - 1].lstrip().startswith("@") and line > 1:
        line -= 1
    return Span(line, span.start_column, span.end_line, span.end_column)


def _import(ctx: Context, node: ast.Import) -> ir.Statement:
    span = ctx.span(node)
    ctx.api_bindings.note_import(node, span, ctx.scope.lookup)
    return ir.Import(None, _aliases(ctx, node.names), span=span)


def _import_from(ctx: Context, node: ast.ImportFrom) -> ir.Statement:
    names = _aliases(ctx, node.names)
    span = ctx.span(node)
    ctx.api_bindings.note_import(node, span, ctx.scope.lookup)
    return ir.Import(node.module or "", names, node.level, span=span)


def _aliases(ctx: Context, nodes: Sequence[ast.alias]) -> tuple[ir.ImportAlias, ...]:
    return tuple(ir.ImportAlias(node.name, node.asname, span=ctx.span(node)) for node in nodes)


def _raise(ctx: Context, node: ast.Raise) -> ir.Statement:
    return ir.Raise(optional(ctx, node.exc), optional(ctx, node.cause), span=ctx.span(node))


def _assert(ctx: Context, node: ast.Assert) -> ir.Statement:
    test = expression(ctx, node.test)
    return ir.Assert(test, optional(ctx, node.msg), span=ctx.span(node))


def _delete(ctx: Context, node: ast.Delete) -> ir.Statement:
    return ir.Delete(expressions(ctx, node.targets), span=ctx.span(node))


def _global(ctx: Context, node: ast.Global) -> ir.Statement:
    span = ctx.span(node)
    ctx.api_bindings.note_names(node.names, span, ctx.scope.lookup)
    return ir.Scope("global", tuple(node.names), span=span)


def _nonlocal(ctx: Context, node: ast.Nonlocal) -> ir.Statement:
    return ir.Scope("nonlocal", tuple(node.names), span=ctx.span(node))


def _pass(ctx: Context, node: ast.Pass) -> ir.Statement:
    return ir.Pass(span=ctx.span(node))


def _break(ctx: Context, node: ast.Break) -> ir.Statement:
    return ir.Break(span=ctx.span(node))


def _continue(ctx: Context, node: ast.Continue) -> ir.Statement:
    return ir.Continue(span=ctx.span(node))


def _opaque(ctx: Context, node: ast.stmt) -> ir.Statement:
    span = _decorated(ctx, node) if isinstance(node, _DECORATED) else ctx.span(node)
    inner = expressions(ctx, list(_outermost(node)))
    return ir.OpaqueStatement(ctx.parsed.text_of(span), inner, span=span)


def _outermost(node: ast.AST) -> list[ast.expr]:
    found: list[ast.expr] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            found.append(child)
        else:
            found.extend(_outermost(child))
    return sorted(found, key=lambda child: (child.lineno, child.col_offset))


_DECORATED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_TABLE: dict[type, Lowering] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Pass: _pass,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Match: _opaque,
}
for _kind in ("TryStar", "TypeAlias"):
    if hasattr(ast, _kind):  # 3.11 and 3.12
        _TABLE[cast(type, getattr(ast, _kind))] = _opaque
