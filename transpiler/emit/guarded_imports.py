"""Imports inside `try`, `if` and other blocks; blocks that only held imports that went, go too."""

from __future__ import annotations

from collections.abc import Callable

from ...ir import nodes as ir
from .usage import Usage

Change = Callable[[ir.Import], "ir.Import | None"]


def map_imports(body: ir.Body, keep: Change, used: Usage) -> ir.Body:
    """A body with its imports changed; blocks that only held imports that went disappear."""
    out: list[ir.Statement] = []
    changed = False
    for node in body:
        new = _map_statement(node, keep, used)
        changed = changed or new is not node
        if new is not None:
            out.append(new)
    return tuple(out) if changed else body


def _map_statement(node: ir.Statement, keep: Change, used: Usage) -> ir.Statement | None:
    match node:
        case ir.Import():
            return keep(node)
        case ir.If():
            then = map_imports(node.then, keep, used)
            otherwise = map_imports(node.otherwise, keep, used)
            if then is node.then and otherwise is node.otherwise:
                return node
            if not then and not _matters(otherwise, used):
                return None
            return ir.replace_node(node, then=then, otherwise=otherwise)
        case ir.Try():
            return _map_try(node, keep, used)
        case ir.For() | ir.While():
            body = map_imports(node.body, keep, used)
            otherwise = map_imports(node.otherwise, keep, used)
            if body is node.body and otherwise is node.otherwise:
                return node
            return ir.replace_node(node, body=body, otherwise=otherwise)
        case ir.With() | ir.FunctionDef() | ir.ClassDef():
            body = map_imports(node.body, keep, used)
            return node if body is node.body else ir.replace_node(node, body=body)
        case _:
            return node


def _map_try(node: ir.Try, keep: Change, used: Usage) -> ir.Statement | None:
    body = map_imports(node.body, keep, used)
    handlers: list[ir.Handler] = []
    for handler in node.handlers:
        inner = map_imports(handler.body, keep, used)
        same = inner is handler.body
        handlers.append(handler if same else ir.replace_node(handler, body=inner))
    otherwise = map_imports(node.otherwise, keep, used)
    final = map_imports(node.final, keep, used)
    if body is not node.body and not body:
        inner_bodies = [h.body for h in handlers]
        if not any(_matters(b, used) for b in (*inner_bodies, otherwise, final)):
            return None
    same = body is node.body and otherwise is node.otherwise and final is node.final
    if same and all(map(lambda a, b: a is b, handlers, node.handlers)):
        return node
    return ir.replace_node(
        node, body=body, handlers=tuple(handlers), otherwise=otherwise, final=final
    )


def _matters(body: ir.Body, used: Usage) -> bool:
    """Would the body be missed?

    Fallbacks such as `tf = None` or a message about a missing package are not.
    """
    for node in body:
        match node:
            case ir.Pass() | ir.Raise() | ir.ExpressionStatement():
                continue
            case ir.Assign():
                names = [t.id for t in node.targets if isinstance(t, ir.Name)]
                if len(names) < len(node.targets) or any(n in used.loads for n in names):
                    return True
            case _:
                return True
    return False
