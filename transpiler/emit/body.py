"""Bodies: which statements of the new body stand where the old ones stood, and what is put between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...ir import nodes as ir
from .blocks import Block
from .source import SourceText
from .spacing import blank_lines_between, split_blank
from .territory import Plot, line_tail, split_lead, survey, tail_comments

if TYPE_CHECKING:
    from .statements import StatementEmitter


@dataclass(slots=True)
class Region:
    """The text of one clause: header from `head` to `colon`, body text from `start` to `stop`.

    `trailing` is the comment on the header's line, `lead` the comment lines above the header, `inline`
    says that the body starts on the header's line.
    """

    body: ir.Body
    head: int
    colon: int
    start: int
    stop: int
    head_indent: str
    lead: str = ""
    trailing: str = ""
    inline: bool = False
    plots: list[Plot] = field(default_factory=lambda: [])

    def locate(self, source: SourceText, body_end: int) -> None:
        """Fill in where the body starts and stops; `body_end` is the end of its last statement."""
        after = line_tail(source, self.colon)
        text = source.text
        self.inline = text[after - 1 : after] not in ("\n", "\r") and after < len(text)
        self.inline = self.inline or after == len(text)
        if not self.inline:
            self.trailing = text[self.colon : after].rstrip("\r\n")
        self.start = self.colon if self.inline else after
        stop = line_tail(source, body_end)
        if text[stop - 1 : stop] in ("\n", "\r"):
            stop = tail_comments(source, stop, len(self.head_indent), len(text))
        self.stop = max(stop, body_end)
        if not self.inline:
            self.plots = survey(source, self.body, self.start, self.stop)


class BodyEmitter:
    """Emits the bodies of compound statements and of the module."""

    def __init__(self, statements: StatementEmitter) -> None:
        self.statements = statements
        self.originals = statements.originals
        self.source = statements.source
        self.is_project: Callable[[str], bool] = lambda module: False

    def emit(self, block: Block, body: ir.Body, region: Region | None, indent: str) -> None:
        """The rest of the header's line and the body; `indent` is that of the header."""
        source = self.source
        inner = indent + self.statements.unit
        if region is None:
            block.put(source.newline)
            self.fresh(block, body, inner)
            return
        if region.inline:
            self._inline(block, body, region, inner)
            return
        if region.plots:
            old_inner = source.indentation(region.plots[0].start)
            if old_inner.startswith(region.head_indent):
                inner = indent + old_inner[len(region.head_indent) :]
        block.put(source.text[region.colon : region.start])
        self.place(block, body, region.plots, region.stop, inner)

    def fresh(self, block: Block, body: Sequence[ir.Statement], indent: str, top: bool = False) -> None:
        """A body that has no text of its own yet."""
        self.place(block, body, [], 0, indent, top=top)

    def _inline(self, block: Block, body: ir.Body, region: Region, inner: str) -> None:
        """A body on the line of its header: kept there while nothing changes."""
        source = self.source
        same = len(body) == len(region.body) and all(map(self.originals.unchanged, body))
        if same:
            block.put(source.text[region.colon : region.stop])
            return
        last = region.body[-1]
        end = source.range(last.span)[1] if last.span else region.stop
        comment = source.text[end : region.stop].strip().lstrip(";").strip()
        block.put(("  " + comment if comment else "") + source.newline)
        self.place(block, body, [], 0, inner)

    # ---------------------------------------------------------------------------------------- placement

    def place(
        self,
        block: Block,
        body: Sequence[ir.Statement],
        plots: Sequence[Plot],
        stop: int,
        indent: str,
        *,
        top: bool = False,
        limit: int | None = None,
    ) -> None:
        """Write a body over the plots of the old one. `top` for the body of the module."""
        placer = _Placer(self, block, plots, indent, top)
        placer.run(body, stop)


class _Placer:
    def __init__(
        self, emitter: BodyEmitter, block: Block, plots: Sequence[Plot], indent: str, top: bool
    ) -> None:
        self.emitter = emitter
        self.source = emitter.source
        self.statements = emitter.statements
        self.block = block
        self.plots = plots
        self.indent = indent
        self.top = top
        self.previous: ir.Statement | None = None
        self.previous_made = False
        self.blank = ""  # blank lines that a removed statement leaves behind
        self.removed_before = False

    def run(self, body: Sequence[ir.Statement], stop: int) -> None:
        matches = self._match(body)
        done = 0
        waiting: list[ir.Statement] = []
        for i, node in enumerate(body):
            j = matches.get(i)
            if j is None:
                waiting.append(node)
                continue
            self._between(waiting, self.plots[done:j], node, self.plots[j])
            waiting = []
            done = j + 1
        self._between(waiting, self.plots[done:], None, None)
        if not body:
            self._pass()
        tail_start = self.plots[-1].stop if self.plots else stop
        if tail_start < stop:
            self.block.put(self.source.text[tail_start:stop])

    def _match(self, body: Sequence[ir.Statement]) -> dict[int, int]:
        """New statement -> the plot it keeps; increasing."""
        by_id = {id(p.node): j for j, p in enumerate(self.plots)}
        by_span = {p.node.span: j for j, p in enumerate(self.plots)}
        out: dict[int, int] = {}
        last = -1
        for i, node in enumerate(body):
            j = by_id.get(id(node))
            if j is None and node.span is not None:
                j = by_span.get(node.span)
            if j is not None and j > last:
                out[i] = j
                last = j
        return out

    def _between(
        self,
        made: Sequence[ir.Statement],
        removed: Sequence[Plot],
        node: ir.Statement | None,
        plot: Plot | None,
    ) -> None:
        """Made and removed statements in front of a kept one (or of the end)."""
        originals = self.emitter.originals
        made = list(made)
        if made and not removed and plot is not None and node is not None:
            lead = self.source.text[plot.lead : plot.line]
            if not originals.unchanged(node):
                self._lead(lead)
                for item in made:
                    self._made(item)
                self._kept(node, plot, lead_done=True)
                return
            free, attached = split_lead(lead)
            if self.previous is None:
                self._lead(free)
                for item in made:
                    self._made(item)
                self._kept(node, plot, lead=attached)
                return
        for k, old in enumerate(removed):
            lead = self.source.text[old.lead : old.line]
            if k < len(made):
                if made[k].span is None or originals.statement(made[k]) is None:
                    self._lead(lead)
                    self._made(made[k], replaced=old)
                else:
                    self._lead(split_lead(lead)[0])
                    self._made(made[k])
            else:
                self._vanish(lead)
        for item in made[len(removed) :]:
            self._made(item)
        if node is not None and plot is not None:
            self._kept(node, plot)

    def _vanish(self, lead: str) -> None:
        """A removed statement: the comments that stand for themselves stay."""
        free, _ = split_lead(lead)
        blank, rest = split_blank(free)
        if rest.strip():
            self._lead(free)
        elif len(blank) > len(self.blank):
            self.blank = blank
        self.removed_before = True

    def _lead(self, lead: str) -> None:
        """Blank and comment lines, merged with the blank lines that removed statements left."""
        if self.removed_before:
            blank, rest = split_blank(lead)
            if self.previous is None and not self.block.parts:
                blank = ""
            elif self.previous is None and not self.top:
                blank = ""
            elif len(self.blank) > len(blank):
                blank = self.blank
            lead = blank + rest
        self.blank = ""
        self.removed_before = False
        if lead:
            self._end_line()
            self.block.put(lead)

    def _end_line(self) -> None:
        if not self.block.ends_with_line_end():
            self.block.put(self.source.newline)

    def _kept(
        self, node: ir.Statement, plot: Plot, lead: str | None = None, lead_done: bool = False
    ) -> None:
        source, block = self.source, self.block
        unchanged = self.emitter.originals.unchanged(node)
        if not lead_done:
            text = source.text[plot.lead : plot.line] if lead is None else lead
            if self.previous_made and self.previous is not None and lead is not None:
                self._blank_for(node, text)
            elif self.previous_made and self.previous is not None:
                wanted = blank_lines_between(self.previous, node, self.top)
                have = split_blank(text)[0].count("\n")
                if wanted > have:
                    self._end_line()
                    block.put(source.newline * (wanted - have))
            self._lead(text)
        if plot.joined and not block.ends_with_line_end():
            tail = "".join(block.parts[-1:])
            if not tail.rstrip(" \t").endswith(";") or not unchanged:
                self._strip_semicolon()
                block.put(source.newline + self.indent)
        elif plot.joined:
            block.put(self.indent)
        else:
            self._end_line()
            old_indent = source.text[plot.line : plot.start]
            block.put(old_indent if old_indent.isspace() and unchanged_place(old_indent, self.indent) else self.indent)
        trailing = source.text[plot.end : line_tail(source, plot.end)].rstrip("\r\n")
        made = self.statements.emit(node, self.indent, trailing if "#" in trailing else "")
        block.add(made)
        if unchanged or not _compound(node):
            block.put(source.text[plot.end : plot.stop])
        self.previous, self.previous_made = node, False

    def _strip_semicolon(self) -> None:
        parts = self.block.parts
        while parts:
            tail = parts.pop().rstrip(" \t")
            if tail.endswith(";"):
                tail = tail[:-1].rstrip(" \t")
            if tail:
                parts.append(tail)
                return

    def _blank_for(self, node: ir.Statement, lead: str = "") -> None:
        """The blank lines that a made statement needs before it, or the statement after it."""
        if self.previous is None:
            return
        wanted = blank_lines_between(self.previous, node, self.top)
        self._end_line()
        have = trailing_blank_lines(self.block)
        if wanted > have and not lead.startswith(("\n", "\r")):
            self.block.put(self.source.newline * (wanted - have))

    def _made(self, node: ir.Statement, replaced: Plot | None = None) -> None:
        """A statement made by the compiler, or moved here from another place."""
        block, source = self.block, self.source
        if self.blank or self.removed_before:
            self._lead("")
        if replaced is None or not source.text[replaced.lead : replaced.line].strip():
            self._blank_for(node)
        self._end_line()
        old = self.emitter.originals.statement(node)
        comment = ""
        if replaced is not None and not _compound(node):
            comment = source.text[replaced.end : line_tail(source, replaced.end)].strip().lstrip("; ")
        elif old is not None and old.span is not None:
            from .compound import reindent_lines

            start, end = self._place_of(old)
            line = source.line_start(start)
            above = self._attached(line)
            block.put(reindent_lines(above, source.indentation(start), self.indent))
            if not _compound(node):
                comment = source.text[end : line_tail(source, end)].strip().lstrip("; ")
        block.put(self.indent)
        tail = "  " + comment if comment.startswith("#") else ""
        block.add(self.statements.emit(node, self.indent, tail))
        if not block.ends_with_line_end():
            block.put(tail + source.newline)
        self.previous, self.previous_made = node, True

    def _place_of(self, old: ir.Statement) -> tuple[int, int]:
        from .territory import statement_start

        assert old.span is not None
        return statement_start(self.source, old), self.source.range(old.span)[1]

    def _attached(self, line: int) -> str:
        """The comment lines directly above a line."""
        text, source = self.source.text, self.source
        at = line
        while at > 0:
            before = source.line_start(at - 1) if text[at - 2 : at] != "\r\n" else source.line_start(at - 2)
            if not text[before:at].strip().startswith("#"):
                break
            at = before
        return text[at:line]

    def _pass(self) -> None:
        if not self.top:
            self._end_line()
            self.block.put(self.indent + "pass" + self.source.newline)


def unchanged_place(old: str, new: str) -> bool:
    """Is the statement still at its indentation? (form feeds and the like survive then)"""
    return old.replace("\f", "") == new


def trailing_blank_lines(block: Block) -> int:
    """How many blank lines the block ends with."""
    tail = "".join(block.parts[-4:])
    count = 0
    lines = tail.splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
        count += 1
    return count if lines or len(block.parts) > 4 else 0


def _compound(node: ir.Statement) -> bool:
    from .blocks import bodies

    return any(True for _ in bodies(node))
