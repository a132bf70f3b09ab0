"""Placing the statements of a new body over those of the old one.

What is put above, between and after them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...ir import nodes as ir
from .blocks import Block, bodies, reindent_lines
from .import_order import section
from .spacing import blank_lines_at_start, blank_lines_between, split_blank
from .territory import Plot, lead_of_else, line_tail, split_lead, statement_start

if TYPE_CHECKING:
    from .statements import StatementEmitter


class Placer:
    """Writes one body.

    Each statement gets a lead: the blank and comment lines above it. Where two statements meet that
    were not neighbours before, blank lines are put as a formatter would.
    """

    def __init__(
        self,
        statements: StatementEmitter,
        block: Block,
        plots: Sequence[Plot],
        indent: str,
        owner: str,
        is_project: Callable[[str], bool],
    ) -> None:
        self.statements = statements
        self.source = statements.source
        self.originals = statements.originals
        self.block, self.plots, self.indent, self.owner = block, plots, indent, owner
        self.is_project = is_project
        self.written: list[ir.Statement] = []
        self.carry = ""  # lead lines that removed statements leave behind
        self.seam = False  # is something made, moved or removed next to this place?
        self.new_here = False  # is it something made or moved?
        self.open_tail: str | None = None  # `; ` between statements on one line
        self.last_end = -1  # where the text of the last copied statement ended
        first = next((p for p in plots if not p.joined), None)
        self.old_indent = indent if first is None else self.source.indentation(first.start)

    def run(self, body: Sequence[ir.Statement], stop: int) -> None:
        """Write the body; the old one's text ends at `stop`."""
        matches = self._match(body)
        done = 0
        made: list[ir.Statement] = []
        for i, node in enumerate(body):
            j = matches.get(i)
            if j is None:
                made.append(node)
                continue
            self._between(made, self.plots[done:j], node, self.plots[j])
            made = []
            done = j + 1
        self._between(made, self.plots[done:], None, None)
        last = self.plots[-1].stop if self.plots else stop
        tail = self._lines(last, stop)
        if self.carry.strip():
            tail = _merge(self.carry, tail)
        if not body and self.owner != "module":
            self._end_line()
            self.block.put(self.indent + "pass" + self.source.newline)
        if self.owner == "module" and (self.seam or not self.written) and not tail.strip():
            tail = ""
        elif not self.written and self.owner == "module":
            tail = split_blank(tail)[1]
        if tail:
            self._end_line()
            self.block.put(tail)
        if self.open_tail is not None:
            self._end_line()

    def _lines(self, start: int, stop: int) -> str:
        """Blank and comment lines of the old body, at the indentation of the new one."""
        return reindent_lines(self.source.text[start:stop], self.old_indent, self.indent)

    def _match(self, body: Sequence[ir.Statement]) -> dict[int, int]:
        """New statement -> the plot whose place it keeps; increasing."""
        by_id = {id(p.node): j for j, p in enumerate(self.plots)}
        by_span = {p.node.span: j for j, p in enumerate(self.plots)}
        out: dict[int, int] = {}
        last = -1
        for i, node in enumerate(body):
            j = by_id.get(id(node))
            if j is None and node.span is not None:
                j = by_span.get(node.span)
            if j is not None and j > last:
                out[i] = last = j
        return out

    def _between(
        self,
        made: Sequence[ir.Statement],
        removed: Sequence[Plot],
        node: ir.Statement | None,
        plot: Plot | None,
    ) -> None:
        """Made and removed statements in front of a kept one, or of the end."""
        rest, paired = list(made), False
        for k, old in enumerate(removed):
            self.seam = True
            imports = isinstance(old.node, ir.Import)
            while rest and isinstance(rest[0], ir.Import) and not imports:
                self._made_or_moved(rest.pop(0), "")
            lead = self._lines(old.lead, old.line)
            together = k > 0 and self._went(old) and self._went(removed[k - 1])
            free = "" if together else split_lead(lead)[0]
            if not rest or isinstance(rest[0], ir.Import) != imports:
                self.carry = _merge(self.carry, free)
                continue
            paired = True
            if self._is_moved(rest[0]) or self._went(old):
                self._made_or_moved(rest.pop(0), free)
            else:
                trailing = "" if _compound(old.node) else self._trailing(old)
                self._made(rest.pop(0), lead, trailing)
        if node is None or plot is None:
            for item in rest:
                self._made_or_moved(item, "")
            return
        lead = self._lines(plot.lead, plot.line)
        if rest and not paired:
            first = ""
            changed = not self.originals.unchanged(node) and not isinstance(node, ir.Import)
            if changed and not _compound(node):
                first, lead = lead, ""
            elif changed or not self.written:
                first, lead = split_lead(lead)
            self._made_or_moved(rest[0], first)
            rest = rest[1:]
        for item in rest:
            self._made_or_moved(item, "")
        self._kept(node, plot, lead)

    def _made_or_moved(self, node: ir.Statement, lead: str) -> None:
        if self._is_moved(node):
            self.carry = _merge(self.carry, lead)
            self._moved(node)
        else:
            self._made(node, lead, "")

    def _went(self, plot: Plot) -> bool:
        """Does a statement that is removed here stand elsewhere in the new tree, with its lead?"""
        return plot.node.span in self.statements.present

    def _is_moved(self, node: ir.Statement) -> bool:
        return self.originals.statement(node) is not None

    # -------------------------------------------------------------------------------------- writing

    def _kept(self, node: ir.Statement, plot: Plot, lead: str) -> None:
        source, block = self.source, self.block
        compound = _compound(node)
        trailing = "" if compound else self._trailing(plot)
        emitted = self.statements.emit(node, self.indent, "  " + trailing if trailing else "")
        self._lead(node, lead)
        if plot.joined and not self.seam and emitted.lines == 0 and self.open_tail is not None:
            block.put(self.open_tail)
        elif plot.joined and not self.written and not block.ends_with_line_end():
            pass
        else:
            self._end_line()
            space = source.text[plot.line : plot.start]
            block.put(space if space.replace("\f", "") == self.indent else self.indent)
        self.open_tail = None
        block.add(emitted)
        tail = source.text[plot.end : plot.stop]
        if compound and not self.originals.unchanged(node):
            tail = ""
        if tail and tail[-1] not in "\r\n" and plot is not self.plots[-1]:
            self.open_tail = tail
        else:
            block.put(tail)
        self._wrote(node, plot.end)

    def _made(self, node: ir.Statement, lead: str, trailing: str) -> None:
        """A statement that has no text of its own."""
        self.seam = self.new_here = True
        self._lead(node, lead)
        self._end_line()
        self.block.put(self.indent)
        tail = "  " + trailing if trailing else ""
        self.block.add(self.statements.emit(node, self.indent, tail))
        if not self.block.ends_with_line_end():
            self.block.put(tail + self.source.newline)
        self._wrote(node, -1, made=True)

    def _moved(self, node: ir.Statement) -> None:
        """A statement from another place of the file, with the comments that belong to it."""
        source, text = self.source, self.source.text
        old = self.originals.statement(node)
        assert old is not None and old.span is not None
        start, end = statement_start(source, old), source.range(old.span)[1]
        line = source.line_start(start)
        above = self._lead_above(line)
        neighbours = self.last_end >= 0 and line_tail(source, self.last_end) == line - len(above)
        self.seam = self.new_here = self.seam or not neighbours
        first = ""
        if not neighbours:
            first = reindent_lines(*lead_of_else(source, line - len(above)), self.indent)
            above = split_lead(above)[1]
        trailing = text[end : line_tail(source, end)].strip().lstrip("; ")
        above = reindent_lines(above, source.indentation(start), self.indent)
        self._lead(node, first + above)
        self._end_line()
        self.block.put(self.indent)
        tail = "  " + trailing if trailing.startswith("#") and not _compound(node) else ""
        self.block.add(self.statements.emit(node, self.indent, tail))
        if not self.block.ends_with_line_end():
            self.block.put(tail + source.newline)
        self._wrote(node, end, made=True)

    def _wrote(self, node: ir.Statement, end: int, made: bool = False) -> None:
        self.written.append(node)
        self.last_end = end
        self.seam = self.new_here = made

    def _trailing(self, plot: Plot) -> str:
        """The comment on the last line of a statement."""
        tail = self.source.text[plot.end : line_tail(self.source, plot.end)].strip().lstrip("; ")
        return tail if tail.startswith("#") else ""

    def _lead_above(self, line: int) -> str:
        """The blank and comment lines above a line, up to the statement before."""
        ends = self.originals.statement_ends()
        index = bisect_right(ends, line) - 1
        limit = ends[index] if index >= 0 else 0
        text, at = self.source.text, line
        while at > limit:
            before = at - 2 if text[at - 2 : at] == "\r\n" else at - 1
            before = self.source.line_start(before)
            content = text[before:at].strip()
            if before < limit or (content and not content.startswith("#")):
                break
            at = before
        return text[at:line]

    # ---------------------------------------------------------------------------------- blank lines

    def _lead(self, node: ir.Statement, lead: str) -> None:
        """The blank and comment lines in front of a statement."""
        if self.carry:
            lead = _merge(self.carry, lead)
            self.carry = ""
        if self.seam:
            blank, rest = split_blank(lead)
            have = len(blank.splitlines())
            if rest.strip() or have or self.written:
                lead = self.source.newline * self._blank_lines(node, have) + rest
        if not self.written and self.seam and not lead:
            lead = self.source.newline * blank_lines_at_start(node, self.owner)
        if lead:
            self._end_line()
            self.block.put(lead)

    def _blank_lines(self, node: ir.Statement, have: int) -> int:
        """How many blank lines to put at a seam where the text has `have`."""
        if not self.written:
            return blank_lines_at_start(node, self.owner)
        before = self.written[-1]
        top = self.owner == "module"
        if top and isinstance(before, ir.Import) and isinstance(node, ir.Import):
            return int(section(before, self.is_project) != section(node, self.is_project))
        wanted = 0
        if self.new_here:
            wanted = blank_lines_between(before, node, self.owner, len(self.written) == 1)
        return max(min(have, 2 if self.owner == "module" else 1), wanted)

    def _end_line(self) -> None:
        self.open_tail = None
        if not self.block.ends_with_line_end():
            self.block.put(self.source.newline)


def _merge(before: str, after: str) -> str:
    """Two leads as one: of the blank lines where they meet, the larger number."""
    if not before:
        return after
    lines = before.splitlines(keepends=True)
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    blank, rest = split_blank(after)
    joint = max("".join(lines[end:]), blank, key=len)
    return "".join(lines[:end]) + joint + rest


def _compound(node: ir.Statement) -> bool:
    return any(True for _ in bodies(node))
