"""One statement of the new tree as text: copied, patched or fresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

from ...ir import nodes as ir
from ...ir.span import Span
from .blocks import Block, LineEntry, bodies, first_line, marks_of, reindent
from .edits import CannotPatch, Edit, Patched, apply_edits
from .expressions import ExpressionPrinter
from .headers import StatementPrinter
from .imports_patch import import_edits
from .layout import layout, text_width
from .originals import Originals
from .parameters import parameter_edits
from .patch import Patcher
from .shapes import Precedence
from .source import SourceText, comments_in, indent_unit
from .spelling import Spelling
from .territory import statement_start

if TYPE_CHECKING:
    from .compound import CompoundEmitter


class StatementEmitter:
    """Emits statements; bodies are the business of `bodies.py`."""

    def __init__(self, originals: Originals, width: int, spelling: Spelling | None = None) -> None:
        self.originals = originals
        self.source: SourceText = originals.source
        self.unit = indent_unit(self.source.text)
        self.width = width
        self.expressions = ExpressionPrinter(originals.verbatim, spelling=spelling)
        self.fresh = StatementPrinter(self.expressions)
        self.patcher = Patcher(originals, self.expressions)
        self.compound: CompoundEmitter
        self.present: set[Span] = set()  # the spans of all statements of the new tree

    def emit(self, node: ir.Statement, indent: str, trailing: str = "") -> Block:
        """The statement without the indentation of its first line and without its line end.

        `trailing` is the comment that will follow it. Comments that lose their place inside come
        first, as lines of their own.
        """
        old = self.originals.statement(node)
        if old is not None and self.originals.unchanged(node):
            return self._copy(node, indent)
        if any(True for _ in bodies(node)):
            return self.compound.emit(node, old, indent, trailing)
        if old is not None and any(True for _ in bodies(old)):
            old = None
        return self._simple(node, old, indent, trailing)

    def comment_lines(self, comments: Sequence[str], indent: str) -> str:
        """Own-line comments, each with its line end, indented except for the first line.

        New ones are wrapped.
        """
        out: list[str] = []
        room = max(self.width - text_width(indent) - 2, 40)
        for comment in comments:
            if comment.startswith("#"):
                out.append(comment)
                continue
            lines = wrap(comment, room, break_long_words=False, break_on_hyphens=False)
            out += [f"# {line}" for line in lines] or ["#"]
        return "".join(line + self.source.newline + indent for line in out)

    def _copy(self, node: ir.Statement, indent: str) -> Block:
        assert node.span is not None
        start = statement_start(self.source, node)
        end = self.source.range(node.span)[1]
        block = Block()
        text = self.source.text[start:end]
        old_indent = self.source.indentation(start)
        if text.startswith("elif"):
            text = text[2:]
        block.put(reindent(text, old_indent, indent))
        block.marks = marks_of(node, first_line(node))
        return block

    def _simple(
        self, node: ir.Statement, old: ir.Statement | None, indent: str, trailing: str
    ) -> Block:
        block = Block()
        lost: tuple[str, ...] = ()
        text = ""
        if old is not None and old.span is not None:
            start, end = self.source.range(old.span)
            patched = self._patched(node, old, start, end, indent, trailing)
            original = self.source.text[start:end]
            if patched is not None and patched.wants_fresh:
                fresh = self._fresh(node, indent, trailing)
                if self._prefers(fresh, patched, indent, trailing):
                    patched = None
            if patched is not None:
                text, lost = patched.text, patched.lost
            else:
                text = self._fresh(node, indent, trailing)
                kept = comments_in(text)
                lost = tuple(c for c in comments_in(original) if c not in kept)
        else:
            text = self._fresh(node, indent, trailing)
        block.put(self.comment_lines((*lost, *node.comments), indent))
        first = block.lines
        block.put(text)
        block.marks.append(LineEntry(first, block.lines, node.span, node))
        return block

    def _patched(
        self,
        node: ir.Statement,
        old: ir.Statement,
        start: int,
        end: int,
        indent: str,
        trailing: str,
    ) -> Patched | None:
        try:
            edits = self._edits(node, old)
        except CannotPatch:
            return None
        old_indent = self.source.indentation(start)
        shift = len(indent) - len(old_indent)
        width = self.width - shift
        result = apply_edits(self.source, start, end, edits, width, self.unit, trailing)
        moved = reindent(result.text, old_indent, indent)
        return replace(result, text=moved)

    def _edits(self, node: ir.Statement, old: ir.Statement) -> list[Edit]:
        if type(node) is not type(old):
            raise CannotPatch
        if isinstance(node, ir.Import) and isinstance(old, ir.Import):
            return import_edits(self.source, node, old)
        return self.patcher.slots(node, old)

    def _prefers(self, fresh: str, patched: Patched, indent: str, trailing: str) -> bool:
        """Is the fresh form of a statement the better one?"""
        if not self._fits(indent + fresh + trailing):
            return False
        if patched.too_long or (patched.broken and not comments_in(patched.text)):
            return True
        return patched.joinable and "\n" not in fresh

    def _fits(self, text: str) -> bool:
        return all(text_width(line) <= self.width for line in text.splitlines())

    def _fresh(self, node: ir.Statement, indent: str, trailing: str) -> str:
        if isinstance(node, ir.ExpressionStatement) and self._is_docstring(node):
            value = node.value
            assert isinstance(value, ir.Constant)
            text = layout(
                self.fresh.docstring(value.value, indent), width=self.width, indent=indent
            )
        else:
            text = layout(
                self.fresh.simple(node),
                width=self.width,
                indent=indent,
                unit=self.unit,
                after=trailing,
            )
        return text.replace("\n", self.source.newline) if self.source.newline != "\n" else text

    def _is_docstring(self, node: ir.ExpressionStatement) -> bool:
        value = node.value
        if not isinstance(value, ir.Constant) or not isinstance(value.value, str):
            return False
        return self.originals.verbatim(value) is None

    def decorator(self, node: ir.Expression, indent: str) -> str:
        """A fresh decorator with its `@`."""
        doc = ("@", self.expressions.doc(node, Precedence.NAMED, inside=False))
        text = layout(doc, width=self.width, indent=indent, unit=self.unit)
        return text.replace("\n", self.source.newline) if self.source.newline != "\n" else text

    # -------------------------------------------------------------------------------------- headers

    def header(
        self, node: ir.Statement | ir.Handler, indent: str, trailing: str = "", keyword: str = ""
    ) -> str:
        """A fresh header with its colon."""
        doc = self.fresh.header(node, keyword)
        text = layout(doc, width=self.width, indent=indent, unit=self.unit, after=trailing)
        return text.replace("\n", self.source.newline) if self.source.newline != "\n" else text

    def header_patch(
        self,
        node: ir.Statement | ir.Handler,
        old: ir.Statement | ir.Handler,
        start: int,
        end: int,
        indent: str,
        trailing: str,
    ) -> Patched | None:
        """The header of a compound statement patched; None when it has to be printed fresh."""
        try:
            edits = self._header_edits(node, old, start, end)
        except CannotPatch:
            return None
        old_indent = self.source.indentation(start)
        width = self.width + len(old_indent) - len(indent)
        patched = apply_edits(self.source, start, end, edits, width, self.unit, trailing)
        text = reindent(patched.text, old_indent, indent)
        patched = replace(patched, text=text)
        if patched.wants_fresh:
            fresh = self.header(node, indent, trailing)
            if self._prefers(fresh, patched, indent, trailing):
                return None
        return patched

    def _header_edits(
        self, node: ir.Statement | ir.Handler, old: ir.Statement | ir.Handler, start: int, end: int
    ) -> list[Edit]:
        if type(node) is not type(old):
            raise CannotPatch
        match node, old:
            case ir.FunctionDef(), ir.FunctionDef():
                return parameter_edits(self.patcher, node, old, start, end)
            case ir.ClassDef(), ir.ClassDef():
                return parameter_edits(self.patcher, node, old, start, end)
            case _:
                return self.patcher.slots(node, old)
