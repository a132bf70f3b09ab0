"""Bodies.

Which statements of the new body stand where the old ones stood, and what is put between them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...ir import nodes as ir
from .blocks import Block
from .placer import Placer
from .source import SourceText
from .territory import Plot, line_tail, survey, tail_comments

if TYPE_CHECKING:
    from .statements import StatementEmitter


@dataclass(slots=True)
class Region:
    """The text of one clause: header from `head` to `colon`, body text from `start` to `stop`.

    `trailing` is the comment on the header's line, `lead` the comment lines above the header,
    `inline` says that the body starts on the header's line.
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

    def emit(
        self, block: Block, body: ir.Body, region: Region | None, indent: str, owner: str
    ) -> None:
        """The rest of the header's line and the body; `indent` is that of the header.

        `owner` is "module", "class", "function" or "block".
        """
        source = self.source
        inner = indent + self.statements.unit
        if region is None:
            block.put(source.newline)
            self.place(block, body, [], 0, inner, owner)
            return
        if region.inline:
            self._inline(block, body, region, inner, owner)
            return
        if region.plots:
            old_inner = source.indentation(region.plots[0].start)
            if old_inner.startswith(region.head_indent):
                inner = indent + old_inner[len(region.head_indent) :]
        block.put(source.text[region.colon : region.start])
        self.place(block, body, region.plots, region.stop, inner, owner)

    def _inline(self, block: Block, body: ir.Body, region: Region, inner: str, owner: str) -> None:
        """A body on the line of its header: kept there while nothing changes."""
        source = self.source
        same = len(body) == len(region.body) and all(map(self.originals.unchanged, body))
        if same:
            block.put(source.text[region.colon : region.stop])
            return
        last = region.body[-1]
        end = source.range(last.span)[1] if last.span else region.stop
        comment = source.text[end : region.stop].strip().lstrip(";").strip()
        if any(node.span == last.span for node in body):
            comment = ""  # goes with its statement
        block.put(("  " + comment if comment else "") + source.newline)
        self.place(block, body, [], 0, inner, owner)

    def place(
        self,
        block: Block,
        body: Sequence[ir.Statement],
        plots: Sequence[Plot],
        stop: int,
        indent: str,
        owner: str,
    ) -> None:
        """Write a body over the plots of the old one, which end at `stop`."""
        Placer(self.statements, block, plots, indent, owner, self.is_project).run(body, stop)
