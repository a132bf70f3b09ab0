"""Compound statements: headers, decorators and clauses around their bodies."""

from __future__ import annotations

from ...ir import nodes as ir
from .blocks import Block, LineEntry, reindent, reindent_lines
from .body import BodyEmitter, Region
from .edits import CannotPatch, apply_edits
from .places import Slot
from .statements import StatementEmitter
from .territory import clause, colon, header_start, line_tail, statement_start

_Clause = tuple[str, ir.Handler | None, ir.Body]  # keyword, the handler for `except`, body


def clauses(node: ir.Statement) -> list[_Clause]:
    """The clauses of a compound statement in order.

    The first keyword is "" (its header is the statement's).
    """
    match node:
        case ir.If():
            return [("", None, node.then), ("else", None, node.otherwise)]
        case ir.For() | ir.While():
            return [("", None, node.body), ("else", None, node.otherwise)]
        case ir.Try():
            handlers: list[_Clause] = [("except", h, h.body) for h in node.handlers]
            tail: list[_Clause] = [("else", None, node.otherwise), ("finally", None, node.final)]
            return [("", None, node.body), *handlers, *tail]
        case ir.With() | ir.FunctionDef() | ir.ClassDef():
            return [("", None, node.body)]
        case _:
            raise TypeError(type(node).__name__)


def owner_of(node: ir.Statement) -> str:
    """What the body of a compound statement belongs to, for its blank lines."""
    if isinstance(node, ir.ClassDef):
        return "class"
    return "function" if isinstance(node, ir.FunctionDef) else "block"


class CompoundEmitter:
    """Emits compound statements with the help of the two other emitters."""

    def __init__(self, statements: StatementEmitter) -> None:
        self.statements = statements
        self.originals = statements.originals
        self.source = statements.source
        self.bodies = BodyEmitter(statements)
        statements.compound = self

    def emit(
        self,
        node: ir.Statement,
        old: ir.Statement | None,
        indent: str,
        trailing: str = "",
        keyword: str = "",
    ) -> Block:
        """The statement without the indentation of its first line.

        Ends with the end of its last line.
        """
        if old is not None and type(old) is not type(node):
            old = None
        block = Block()
        if not keyword:
            block.put(self.statements.comment_lines(node.comments, indent))
        first = block.lines
        new_clauses = clauses(node)
        regions = self._regions(old) if old is not None else {}
        self._header(block, node, old, indent, keyword, regions.get(0))
        keys = self._match(new_clauses, clauses(old)) if old is not None else {}
        for i, (word, handler, body) in enumerate(new_clauses):
            region = regions.get(keys.get(i, -1))
            if i > 0:
                if not body:
                    continue
                chained = self._elif(node, body) if word == "else" else None
                self._finish_line(block)
                if chained is not None:
                    if region is not None:
                        block.put(reindent_lines(region.lead, region.head_indent, indent))
                    block.put(indent)
                    inner_old = self.originals.statement(chained)
                    block.add(self.emit(chained, inner_old, indent, keyword="elif"))
                    continue
                self._clause_header(block, word, handler, region, indent)
            self.bodies.emit(block, body, region, indent, owner_of(node))
        last = block.lines - (1 if block.ends_with_line_end() else 0)
        block.marks.insert(0, LineEntry(first, max(last, first), node.span, node))
        return block

    def _finish_line(self, block: Block) -> None:
        if not block.ends_with_line_end():
            block.put(self.source.newline)

    def _match(self, new: list[_Clause], old: list[_Clause]) -> dict[int, int]:
        """Which old clause each new clause continues."""
        out: dict[int, int] = {}
        used: set[int] = set()
        for i, (word, handler, _) in enumerate(new):
            for j, (old_word, old_handler, _) in enumerate(old):
                same = word == old_word and j not in used
                if same and handler is not None and old_handler is not None:
                    same = handler is old_handler or handler.span == old_handler.span
                if same:
                    out[i] = j
                    used.add(j)
                    break
        return out

    def _elif(self, node: ir.Statement, body: ir.Body) -> ir.If | None:
        """The `If` of an else clause that prints as `elif`."""
        if not isinstance(node, ir.If) or len(body) != 1 or not isinstance(body[0], ir.If):
            return None
        inner = body[0]
        if inner.comments:
            return None
        old = self.originals.statement(inner)
        if old is None or old.span is None:
            return inner
        written = self.source.text.startswith("elif", self.source.range(old.span)[0])
        return inner if written else None

    # ------------------------------------------------------------------------------------- the text

    def _regions(self, old: ir.Statement) -> dict[int, Region]:
        """Where the clauses of an original statement are."""
        assert old.span is not None
        source, text = self.source, self.source.text
        start = header_start(source, old)
        head_indent = source.indentation(statement_start(source, old))
        end = source.range(old.span)[1]
        out: dict[int, Region] = {}
        at = start
        lead = at
        for i, (word, _, body) in enumerate(clauses(old)):
            if not body:
                continue
            if i > 0:
                at = clause(text, at)
                lead = min(lead, source.line_start(at))
                if word == "else" and text.startswith("elif", at):
                    lead_text = text[lead : source.line_start(at)]
                    out[i] = Region(body, at, at, at, end, head_indent, lead_text)
                    break
            header_end = colon(text, at)
            last = body[-1]
            if last.span is None:
                break
            body_end = source.range(last.span)[1]
            region = Region(body, at, header_end, header_end, end, head_indent)
            region.lead = text[lead : source.line_start(at)] if i > 0 else ""
            region.locate(source, body_end)
            lead = region.stop
            out[i] = region
            at = body_end
        return out

    def _header(
        self,
        block: Block,
        node: ir.Statement,
        old: ir.Statement | None,
        indent: str,
        keyword: str,
        region: Region | None,
    ) -> None:
        if isinstance(node, ir.FunctionDef | ir.ClassDef):
            self._decorators(block, node, old, indent)
        if old is not None and old.span is not None and region is not None:
            patched = self.statements.header_patch(
                node, old, region.head, region.colon, indent, region.trailing
            )
            if patched is not None:
                text = patched.text
                if not keyword and text.startswith("elif"):
                    text = text[2:]
                elif keyword and not text.startswith(keyword):
                    text = keyword + text[2:]
                if not keyword:
                    block.put(self.statements.comment_lines(patched.lost, indent))
                block.put(text)
                return
        trailing = region.trailing if region is not None else ""
        block.put(self.statements.header(node, indent, trailing, keyword))

    def _clause_header(
        self,
        block: Block,
        word: str,
        handler: ir.Handler | None,
        region: Region | None,
        indent: str,
    ) -> None:
        if region is None or region.head == region.colon:
            block.put(indent)
            block.put(
                self.statements.header(handler, indent) if handler is not None else word + ":"
            )
            return
        block.put(reindent_lines(region.lead, region.head_indent, indent))
        block.put(indent)
        if handler is not None:
            old = (
                next(
                    (h for h in self.originals.at(handler.span) if isinstance(h, ir.Handler)), None
                )
                if handler.span
                else None
            )
            patched = None
            if old is not None:
                patched = self.statements.header_patch(
                    handler, old, region.head, region.colon, indent, region.trailing
                )
            block.put(patched.text if patched else self.statements.header(handler, indent))
            return
        block.put(self.source.text[region.head : region.colon])

    def _decorators(
        self,
        block: Block,
        node: ir.FunctionDef | ir.ClassDef,
        old: ir.Statement | None,
        indent: str,
    ) -> None:
        """Decorators, each with the comments between it and what follows."""
        source = self.source
        olds: tuple[ir.Expression, ...] = ()
        segments: list[tuple[int, int]] = []
        last = ""
        if isinstance(old, ir.FunctionDef | ir.ClassDef) and old.decorators:
            olds = old.decorators
            at = statement_start(source, old)
            for decorator in olds:
                assert decorator.span is not None
                end = line_tail(source, source.range(decorator.span)[1])
                segments.append((at, end))
                at = end
            last = source.text[at : header_start(source, old)]
            at_indent = source.indentation(statement_start(source, old))
            last = reindent(last, at_indent, indent) if last.strip() else ""
        for decorator in node.decorators:
            found = next(
                (
                    i
                    for i, d in enumerate(olds)
                    if d is decorator or (d.span is not None and d.span == decorator.span)
                ),
                None,
            )
            if found is not None:
                start, end = segments[found]
                try:
                    edits = self.statements.patcher.child(
                        Slot(decorator), olds[found], olds[found], own=True
                    )
                except CannotPatch:
                    edits = None
                if edits is not None:
                    patched = apply_edits(
                        source, start, end, edits, self.statements.width, self.statements.unit
                    )
                    old_indent = source.indentation(start)
                    text = reindent(patched.text, old_indent, indent)
                    block.put(text if found == 0 else text.lstrip(" \t"))
                    block.put(indent)
                    continue
            text = self.statements.decorator(decorator, indent)
            block.put(text + source.newline + indent)
        block.put(last.lstrip(" \t"))
