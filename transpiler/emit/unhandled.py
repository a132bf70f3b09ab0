"""Places that nothing could translate.

Marked by comments, and by a raise in front of the statement. What Python evaluates only under a
condition raises where it stands. What runs when the module is imported does not raise there: a name
gets a value that raises where it is used, so that the rest of the module can be used.
"""

from __future__ import annotations

import re

from ...ir import nodes as ir
from .blocks import bodies
from .expressions import ExpressionPrinter
from .layout import flat
from .source import SourceText, scan

_SHORT = 72
_LATER = ir.Symbol("tf_compat.untranslated")
_HERE = ir.Symbol("tf_compat.raise_untranslated")


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


def _message(place: ir.Unhandled) -> ir.Constant:
    return ir.Constant(_shorten(f"{place.code}: {place.message}", _SHORT))


def raising_here(code: ir.Expression) -> ir.Expression:
    """The code with a call that raises in place of what is unhandled and evaluated only under a
    condition: the rest of an `and` or `or`, the branches of a conditional, a lambda, elements of a
    comprehension."""
    match code:
        case ir.Boolean(operands=operands):
            new = (raising_here(operands[0]), *map(_raise_all, operands[1:]))
            return code if _same(new, operands) else ir.replace_node(code, operands=new)
        case ir.Conditional(test=test, then=then, otherwise=otherwise):
            new = (raising_here(test), _raise_all(then), _raise_all(otherwise))
            if _same(new, (test, then, otherwise)):
                return code
            return ir.replace_node(code, test=new[0], then=new[1], otherwise=new[2])
        case ir.Lambda(body=body):
            new = _raise_all(body)
            return code if new is body else ir.replace_node(code, body=new)
        case ir.Comprehension(element=element, value=value):
            new = (_raise_all(element), None if value is None else _raise_all(value))
            if _same(new, (element, value)):
                return code
            return ir.replace_node(code, element=new[0], value=new[1])
        case ir.Unhandled():
            return code
        case _:
            return ir.map_children(code, _raise_below)


def _same(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    return all(map(lambda a, b: a is b, new, old))


def _raise_below(node: ir.Node) -> ir.Node:
    if isinstance(node, ir.Expression):
        return raising_here(node)
    return node if isinstance(node, ir.Statement) else ir.map_children(node, _raise_below)


def _raise_all(code: ir.Expression) -> ir.Expression:
    def change(node: ir.Node) -> ir.Node:
        if isinstance(node, ir.Unhandled):
            return ir.Call(_HERE, (ir.Argument(_message(node)),))
        return ir.map_children(node, change)

    new = change(code)
    assert isinstance(new, ir.Expression)
    return new


def raising_later(code: ir.Expression) -> ir.Expression:
    """The code with a value that raises where it is used in place of what is unhandled, or of what
    would use that at once."""
    place = next((n for n in ir.walk(code) if isinstance(n, ir.Unhandled)), None)
    if place is None:
        return code
    value = ir.Call(_LATER, (ir.Argument(_message(place)),))
    match code:
        case ir.Dict() | ir.List() | ir.Tuple():
            return ir.map_children(code, _later)
        case ir.Lambda(parameters=parameters, body=body):
            given = tuple(ir.Argument(ir.Name(p.name)) for p in parameters[:1])
            if all(p.default is None for p in parameters) and place in list(ir.walk(body)):
                return ir.replace_node(code, body=ir.Call(value, given))
            return value
        case ir.Call(function=function, arguments=arguments) if _only_keeps(function):
            new = tuple(ir.replace_node(a, value=raising_later(a.value)) for a in arguments)
            return ir.replace_node(code, arguments=new)
        case _:
            return value


def _later(node: ir.Node) -> ir.Node:
    if isinstance(node, ir.Expression):
        return raising_later(node)
    return ir.map_children(node, _later)


def _only_keeps(function: ir.Expression) -> bool:
    """Whether a call at first only keeps its arguments: `partial`, a class of a configuration."""
    match function:
        case ir.Name(id=name) | ir.Reference(name=name):
            return name == "partial" or name[:1].isupper()
        case ir.Symbol(path="functools.partial"):
            return True
        case ir.Attribute(value=ir.Name(id="functools"), attribute="partial"):
            return True
        case _:
            return False


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

    def body(self, body: ir.Body, *, imported: bool = False) -> ir.Body:
        """A body with its unhandled places marked; the same object when there are none.

        `imported`: it runs when the module is imported.
        """
        out: list[ir.Statement] = []
        changed = False
        for node in body:
            new = self.statement(node, imported=imported)
            changed = changed or len(new) != 1 or new[0] is not node
            out.extend(new)
        return tuple(out) if changed else body

    def statement(self, node: ir.Statement, *, imported: bool = False) -> list[ir.Statement]:
        """What a statement becomes."""
        result = self._inner(node, imported)
        if result is not node:
            self.origin[id(result)] = node
        later = self._later(result, imported)
        if later is not None:
            return [later]
        places = _own(result)
        if not places:
            return [result]
        lazy = self._here(result)
        if lazy is not result:
            self.origin[id(lazy)] = node
            places = _own(lazy)
            result = lazy
            if not places:
                return [result]
        comments = self._comments(result, places)
        error = ir.Call(ir.Name("NotImplementedError"), (ir.Argument(_message(places[0])),))
        marker = ir.Raise(error, None, comments=tuple(comments))
        self.origin[id(marker)] = node
        if self._is_whole(result):
            if isinstance(result, ir.Assign) and self._needs_binding(result):
                value = ir.Constant(...)
                kept = ir.replace_node(result, value=value, comments=(), span=None)
                self.origin[id(kept)] = node
                return [marker, kept]
            placed = ir.replace_node(marker, span=result.span)
            self.origin[id(placed)] = node
            return [placed]
        kept = ir.replace_node(result, comments=())
        self.origin[id(kept)] = node
        return [marker, kept]

    def _here(self, node: ir.Statement) -> ir.Statement:
        """The statement with raises in place of what only a condition reaches."""
        changed = ir.map_children(node, _raise_below)
        if changed is node:
            return node
        assert isinstance(changed, ir.Statement)
        left = {id(p) for p in _own(changed)}
        comments = self._comments(node, [p for p in _own(node) if id(p) not in left])
        return ir.replace_node(changed, comments=tuple(comments))

    def _later(self, node: ir.Statement, imported: bool) -> ir.Statement | None:
        """A statement whose unhandled values raise where they are used; None if it has none, or has
        others."""
        match node:
            case ir.Assign() | ir.AnnotatedAssign(value=ir.Expression()) if imported:
                parts: list[ir.Node] = [node.value] if node.value is not None else []
            case ir.FunctionDef(parameters=parameters):
                parts = [p.default for p in parameters if p.default is not None]
            case _:
                return None
        own = {id(n) for part in parts for n in ir.walk(part) if isinstance(n, ir.Unhandled)}
        places = _own(node)
        if not places or any(id(p) not in own for p in places):
            return None
        changes: dict[str, object] = {}
        if isinstance(node, ir.FunctionDef):
            changes["parameters"] = tuple(
                p
                if p.default is None
                else ir.replace_node(p, default=raising_later(p.default), span=None)
                for p in node.parameters
            )
        else:
            assert isinstance(node, (ir.Assign, ir.AnnotatedAssign)) and node.value is not None
            changes["value"] = raising_later(node.value)
        new = ir.replace_node(node, comments=tuple(self._comments(node, places)), **changes)
        self.origin[id(new)] = self.origin.get(id(node), node)
        return new

    def _comments(self, node: ir.Statement, places: list[ir.Unhandled]) -> list[str]:
        comments: list[str] = list(node.comments)
        for place in places:
            comments.append(f"{place.code}: {' '.join(place.message.split())}")
            comments.append(f"original: {_shorten(self._text(place.original), _SHORT)}")
        return comments

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

    def _inner(self, node: ir.Statement, imported: bool) -> ir.Statement:
        """The statement with its bodies done."""
        if isinstance(node, ir.FunctionDef):
            imported = False
        match node:
            case ir.If():
                then, otherwise = (
                    self.body(node.then, imported=imported),
                    self.body(node.otherwise, imported=imported),
                )
                if then is node.then and otherwise is node.otherwise:
                    return node
                return ir.replace_node(node, then=then, otherwise=otherwise)
            case ir.For() | ir.While():
                body, otherwise = (
                    self.body(node.body, imported=imported),
                    self.body(node.otherwise, imported=imported),
                )
                if body is node.body and otherwise is node.otherwise:
                    return node
                return ir.replace_node(node, body=body, otherwise=otherwise)
            case ir.With() | ir.FunctionDef() | ir.ClassDef():
                body = self.body(node.body, imported=imported)
                return node if body is node.body else ir.replace_node(node, body=body)
            case ir.Try():
                parts = (
                    self.body(node.body, imported=imported),
                    self.body(node.otherwise, imported=imported),
                    self.body(node.final, imported=imported),
                )
                handlers = tuple(self._handler(h, imported) for h in node.handlers)
                same = parts[0] is node.body and parts[1] is node.otherwise
                same = same and parts[2] is node.final
                if same and all(map(lambda a, b: a is b, handlers, node.handlers)):
                    return node
                return ir.replace_node(
                    node, body=parts[0], handlers=handlers, otherwise=parts[1], final=parts[2]
                )
            case _:
                return node

    def _handler(self, handler: ir.Handler, imported: bool) -> ir.Handler:
        body = self.body(handler.body, imported=imported)
        return handler if body is handler.body else ir.replace_node(handler, body=body)
