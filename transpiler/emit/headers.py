"""Fresh simple statements and the headers of compound ones, as documents."""

from __future__ import annotations

from ...ir import nodes as ir
from .expressions import ExpressionPrinter
from .layout import LINE, SOFT, Doc, Group, IfBreak, Indent, join
from .literals import docstring_literal
from .shapes import Precedence

P = Precedence


class StatementPrinter:
    """Statements as `ruff format` would lay them out, without their bodies."""

    def __init__(self, expressions: ExpressionPrinter) -> None:
        self.expressions = expressions

    def simple(self, node: ir.Statement) -> Doc:
        """A statement without bodies."""
        match node:
            case ir.Assign():
                targets = tuple((self._target(t), " = ") for t in node.targets)
                return (targets, self._value(node.value))
            case ir.AnnotatedAssign():
                head = (self._target(node.target), ": ", self._doc(node.annotation))
                return head if node.value is None else (head, " = ", self._value(node.value))
            case ir.AugmentedAssign():
                return (self._target(node.target), f" {node.operator}= ", self._value(node.value))
            case ir.ExpressionStatement():
                return self._value(node.value)
            case ir.Return():
                if node.value is None:
                    return "return"
                return ("return ", self._value(node.value, bare=True))
            case ir.Raise():
                if node.exception is None:
                    return "raise"
                out = ("raise ", self._value(node.exception))
                return out if node.cause is None else (out, " from ", self._value(node.cause))
            case ir.Assert():
                out = ("assert ", self._value(node.test))
                return (
                    out
                    if node.message is None
                    else (
                        out,
                        ", ",
                        self.expressions.value(node.message, always=True),
                    )
                )
            case ir.Delete():
                return ("del ", join([self._target(t) for t in node.targets], ", "))
            case ir.Scope():
                return f"{node.kind} {', '.join(node.names)}"
            case ir.Import():
                return self._import(node)
            case ir.Pass():
                return "pass"
            case ir.Break():
                return "break"
            case ir.Continue():
                return "continue"
            case ir.OpaqueStatement():
                return node.text
            case _:
                raise TypeError(f"cannot print {type(node).__name__}")

    def header(self, node: ir.Statement | ir.Handler, keyword: str = "") -> Doc:
        """The first line of a compound statement or handler, with its colon.

        `keyword` for `elif`.
        """
        match node:
            case ir.If():
                return (keyword or "if", " ", self._value(node.test), ":")
            case ir.While():
                return ("while ", self._value(node.test), ":")
            case ir.For():
                start = "async for " if node.is_async else "for "
                return (
                    start,
                    self._target(node.target),
                    " in ",
                    self._value(node.iterable, True),
                    ":",
                )
            case ir.With():
                return self._with(node)
            case ir.Try():
                return "try:"
            case ir.Handler():
                if node.type is None:
                    return "except:"
                name = f" as {node.name}" if node.name else ""
                return ("except ", self._value(node.type), name, ":")
            case ir.FunctionDef():
                return self._function(node)
            case ir.ClassDef():
                bases = self.expressions.arguments(node.bases) if node.bases else ""
                return (f"class {node.name}", bases, ":")
            case _:
                raise TypeError(f"cannot print {type(node).__name__}")

    def docstring(self, text: str, indent: str) -> Doc:
        """A docstring as a statement."""
        return docstring_literal(text, indent)

    def _doc(self, node: ir.Expression) -> Doc:
        return self.expressions.doc(node, P.NAMED, inside=False)

    def _target(self, node: ir.Expression) -> Doc:
        return self.expressions.target(node)

    def _value(self, node: ir.Expression, bare: bool = False) -> Doc:
        return self.expressions.value(node, bare)

    def _import(self, node: ir.Import) -> Doc:
        names = [f"{n.name} as {n.alias}" if n.alias else n.name for n in node.names]
        if node.module is None:
            return "import " + ", ".join(names)
        head = f"from {'.' * node.level}{node.module} import "
        if names == ["*"]:
            return head + "*"
        items = join(names, (",", LINE))
        body = (IfBreak("("), Indent((SOFT, items, IfBreak(","))), SOFT, IfBreak(")"))
        return Group((head, *body))

    def _with(self, node: ir.With) -> Doc:
        items: list[Doc] = []
        for item in node.items:
            context = self.expressions.doc(item.context, P.TEST, inside=len(node.items) > 1)
            if item.target is not None:
                target = self.expressions.doc(item.target, P.OR_BITS, inside=False)
                context = (context, " as ", target)
            items.append(context)
        start = "async with " if node.is_async else "with "
        if len(items) == 1:
            return (start, items[0], ":")
        inner = (SOFT, join(items, (",", LINE)), IfBreak(","))
        return Group((start, IfBreak("("), Indent(inner), SOFT, IfBreak(")"), ":"))

    def _function(self, node: ir.FunctionDef) -> Doc:
        start = "async def " if node.is_async else "def "
        printer = self.expressions
        items = printer.with_markers(
            node.parameters, [printer.parameter(p) for p in node.parameters]
        )
        parameters = printer.bracketed(items) if items else "()"
        returns: Doc = "" if node.returns is None else (" -> ", self._doc(node.returns))
        return (start, node.name, parameters, returns, ":")
