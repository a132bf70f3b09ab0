"""A live view of the steps on a terminal; lines where there is none."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console as Terminal
from rich.live import Live
from rich.table import Table

from ...transpiler.cli.console import Console
from ..session import Found

MARKS = {"waiting": "·", "running": "→", "done": "✓", "failed": "✗", "skipped": "-"}


class View:
    """Shows each step, its state, and what was last said of it."""

    def __init__(self, found: Found, console: Console) -> None:
        self._console = console
        self._steps = found.plan().steps
        self._of_region = {key: step.id for step in self._steps for key in step.regions}
        self._state = {step.id: "waiting" for step in self._steps}
        self._said = {step.id: "" for step in self._steps}
        terminal = Terminal(stderr=True)
        self._live = (
            Live(self._table(), console=terminal, refresh_per_second=4)
            if terminal.is_terminal and not console.quiet
            else None
        )

    def seen(self, subject: str, state: str, reason: str) -> None:
        """A change of a step, or a verdict on a candidate of one of its regions."""
        step = self._of_region.get(subject, subject)
        if subject == step:
            self._state[step] = state
        elif step not in self._said:
            return
        text = f"{state}: {reason}" if reason else state
        self._said[step] = text
        if self._live is not None:
            self._live.update(self._table())
        elif subject == step and state != "running":
            self._console.say(f"{step}: {text}")

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for column in ("", "step", "title", "last"):
            table.add_column(column, overflow="ellipsis", no_wrap=True)
        for step in self._steps:
            mark = MARKS.get(self._state[step.id], "?")
            table.add_row(mark, step.id, step.title, self._said[step.id])
        return table

    def __enter__(self) -> View:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
