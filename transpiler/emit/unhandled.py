"""Places that nothing could translate.

Marked by comments, and by a raise in front of the statement.
"""

from __future__ import annotations

import re

from ...ir import nodes as ir
from .blocks import bodies
from .expressions import ExpressionPrinter
from .layout import flat
from .source import SourceText, scan

_SHORT = 72


def _own(node: ir.Node) -> list[ir.Unhandled]:
    """The unhandled places of a statement outside its bodies, in order."""
    inner = {id(s) for b in (bodies(node) if isinstance(node, ir.Statement) else ()) for s in b}
    out: list[ir.Unhandled] = []
    stack: list[ir.Node] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, ir.Unhandled):
            out.append(current)
            continue
        below = [c for c in ir.children(current) if id(c) not in inner]
        stack.extend(reversed(below))
    return out


def _shorten(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3].rstrip() + "..."


class UnhandledPass:
    """Rewrites the statements that contain `Unhandled`.

    `origin` maps what it made to what it was made from.
    """

    def __init__(self, source: SourceText, loads: set[str]) -> None:
        self.source = source
        self.loads = loads
        self.printer = ExpressionPrinter()
        self.origin: dict[int, ir.Statement] = {}

    def body(self, body: ir.Body) -> ir.Body:
        """A body with its unhandled places marked; the same object when there are none."""
        out: list[ir.Statement] = []
        changed = False
        for node in body:
            new = self.statement(node)
            changed = changed or len(new) != 1 or new[0] is not node
            out.extend(new)
        return tuple(out) if changed else body

    def statement(self, node: ir.Statement) -> list[ir.Statement]:
        """What a statement becomes."""
        result = self._inner(node)
        if result is not node:
            self.origin[id(result)] = node
        places = _own(result)
        if not places:
            return [result]
        comments: list[str] = list(result.comments)
        for place in places:
            comments.append(f"{place.code}: {' '.join(place.message.split())}")
            comments.append(f"original: {_shorten(self._text(place.original), _SHORT)}")
        first = places[0]
        message = _shorten(f"{first.code}: {first.message}", _SHORT)
        error = ir.Call(ir.Name("NotImplementedError"), (ir.Argument(ir.Constant(message)),))
        marker = ir.Raise(error, None, comments=tuple(comments))
        self.origin[id(marker)] = node
        if self._is_whole(result):
            if isinstance(result, ir.Assign) and self._needs_binding(result):
                value = ir.Constant(...)
                kept = ir.replace_node(result, value=value, comments=(), span=None)
                self.origin[id(kept)] = node
                return [marker, kept]
            return [ir.replace_node(marker, span=result.span)]
        kept = ir.replace_node(result, comments=())
        self.origin[id(kept)] = node
        return [marker, kept]

    def _text(self, node: ir.Expression) -> str:
        if node.span is not None:
            text = self.source.slice(node.span)
            if "\n" in text or "\r" in text:
                text = "".join(t.text for t in scan(text) if t.kind != "comment")
                text = re.sub(r",?\s*([)\]}])", r"\1", re.sub(r"([(\[{])\s+", r"\1", text))
            return text
        return flat(self.printer.doc(node))

    def _is_whole(self, node: ir.Statement) -> bool:
        match node:
            case ir.Assign() | ir.AnnotatedAssign() | ir.Return() | ir.ExpressionStatement():
                return isinstance(node.value, ir.Unhandled)
            case _:
                return False

    def _needs_binding(self, node: ir.Assign) -> bool:
        """Is a target read somewhere and bound nowhere else?

        Then linters would call it undefined.
        """
        for target in node.targets:
            for inner in ir.walk(target):
                if isinstance(inner, ir.Name) and inner.id in self.loads:
                    return True
        return False

    def _inner(self, node: ir.Statement) -> ir.Statement:
        """The statement with its bodies done."""
        match node:
            case ir.If():
                then, otherwise = self.body(node.then), self.body(node.otherwise)
                if then is node.then and otherwise is node.otherwise:
                    return node
                return ir.replace_node(node, then=then, otherwise=otherwise)
            case ir.For() | ir.While():
                body, otherwise = self.body(node.body), self.body(node.otherwise)
                if body is node.body and otherwise is node.otherwise:
                    return node
                return ir.replace_node(node, body=body, otherwise=otherwise)
            case ir.With() | ir.FunctionDef() | ir.ClassDef():
                body = self.body(node.body)
                return node if body is node.body else ir.replace_node(node, body=body)
            case ir.Try():
                parts = (self.body(node.body), self.body(node.otherwise), self.body(node.final))
                handlers = tuple(self._handler(h) for h in node.handlers)
                same = parts[0] is node.body and parts[1] is node.otherwise
                same = same and parts[2] is node.final
                if same and all(map(lambda a, b: a is b, handlers, node.handlers)):
                    return node
                return ir.replace_node(
                    node, body=parts[0], handlers=handlers, otherwise=parts[1], final=parts[2]
                )
            case _:
                return node

    def _handler(self, handler: ir.Handler) -> ir.Handler:
        body = self.body(handler.body)
        return handler if body is handler.body else ir.replace_node(handler, body=body)
