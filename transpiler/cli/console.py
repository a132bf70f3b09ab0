"""Where words go: what was asked for to standard output, the talk about it to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..diagnostics import Diagnostic, count_by_severity, in_order
from ..diagnostics.render import Format, render
from .version import tool_version


@dataclass(frozen=True, slots=True)
class Console:
    """How this run talks. `stdout_taken`: standard output carries code or a diff, so that
    machine-readable diagnostics go to standard error too."""

    form: Format = "text"
    color: str = "auto"
    verbose: int = 0
    quiet: bool = False
    stdout_taken: bool = False

    def say(self, text: str) -> None:
        """A line for people."""
        if not self.quiet:
            print(text, file=sys.stderr)

    def show(self, diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> None:
        """All diagnostics, in order. The forms for people leave notes to -v, and all but errors
        out with -q; the forms for machines are always complete."""
        chosen = in_order(diagnostics)
        if self.form in ("text", "plain"):
            chosen = tuple(d for d in chosen if self._shown(d))
        elif not self.stdout_taken:
            write_stdout(self._render(chosen, sources).encode("utf-8", "backslashreplace"))
            return
        if text := self._render(chosen, sources):
            sys.stdout.flush()
            print(text, file=sys.stderr, end="\n" if self.form == "text" else "")

    def totals(self, diagnostics: Sequence[Diagnostic]) -> str:
        """`3 errors, 1 warning, 5 notes (shown with -v)`, or an empty string."""
        counts = count_by_severity(diagnostics)
        parts = [f"{n} {name}{'s' * (n != 1)}" for name, n in counts.items() if n]
        if parts and counts["note"] and not self.verbose and self.form in ("text", "plain"):
            parts[-1] += " (shown with -v)"
        return ", ".join(parts)

    def _shown(self, d: Diagnostic) -> bool:
        if self.quiet:
            return d.severity == "error"
        return d.severity != "note" or self.verbose > 0

    def _render(self, diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
        color = use_color(self.color)
        return render(diagnostics, self.form, sources, tool_version(), color)


def use_color(choice: str) -> bool:
    """`auto` looks at NO_COLOR, FORCE_COLOR, TERM and at whether a terminal listens."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and sys.stderr.isatty()


def write_stdout(data: bytes) -> None:
    """Bytes as they are: no line end or encoding is changed on the way."""
    sys.stdout.flush()
    rest = memoryview(data)
    while rest:
        # With PYTHONUNBUFFERED the "buffer" is the bare file, which may take only a part.
        rest = rest[sys.stdout.buffer.write(rest) :]
    sys.stdout.buffer.flush()
