"""What staging has to tell: findings, what became of each place, and what stays unhandled."""

from __future__ import annotations

from collections.abc import Callable

from ...ir.nodes import (
    Argument,
    Expression,
    ExpressionStatement,
    Name,
    OpCall,
    Statement,
    Unhandled,
)
from ...ir.span import Span
from .frame import Frame
from .project import Finding, Translation
from .sites import asked_name


class Reports:
    """Findings and translations of one compilation; loop bodies that are only tried out add
    none."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.translations: list[Translation] = []

    def forget(self, module: str, span: Span | None) -> None:
        """Drops what was reported of a definition that is staged anew."""
        if span is None:
            return
        self.findings = [
            f for f in self.findings if f.module != module or not _inside(f.span, span)
        ]
        self.translations = [
            t for t in self.translations if t.module != module or not _inside(t.span, span)
        ]

    def withdraw(self, module: str, code: str, span: Span) -> None:
        """Drops a finding that a later pass has settled."""
        self.findings = [
            f
            for f in self.findings
            if f.module != module or f.code != code or not _inside(f.span, span)
        ]

    def note(
        self, frame: Frame, code: str, message: str, span: Span | None, hint: str | None = None
    ) -> None:
        if frame.is_trial():
            return
        finding = Finding(frame.module, code, message, span, hint)
        if finding not in self.findings:
            self.findings.append(finding)

    def reporter(self, module: str) -> Callable[[str, str, Span | None, str | None], None]:
        """How passes over a whole module report."""

        def report(code: str, message: str, span: Span | None, hint: str | None) -> None:
            self.findings.append(Finding(module, code, message, span, hint))

        return report

    def translated(
        self,
        frame: Frame,
        span: Span | None,
        by: str,
        kind: str = "translated",
        note: str | None = None,
    ) -> None:
        if span is not None and not frame.is_trial():
            self.translations.append(Translation(frame.module, span, by, kind, note))

    def unhandled(
        self,
        frame: Frame,
        code: Expression,
        number: str,
        message: str,
        hint: str | None,
        span: Span | None,
    ) -> Expression:
        self.note(frame, number, message, span, hint)
        if span is not None and not frame.is_trial():
            self.translations.append(
                Translation(frame.module, span, "none", "unhandled", message, number)
            )
        return Unhandled(number, message, code, span=span)

    def unknown_size(self, frame: Frame, node: Expression, what: str, size: str) -> Expression:
        """A size that the code does not determine becomes a constructor parameter, under a
        diagnostic; where there is no constructor, the code stops there."""
        plan = frame.plan
        message = f"`{what}` needs a size ({size}) that the code does not determine"
        hint = "give the input a shape (Input, input_shape, build) or pass the size"
        if plan is None or plan.kind == "plain":
            return self.unhandled(frame, Name(size), "TJ4001", message, hint, node.span)
        taken = plan.details.setdefault("asked", {})
        assert isinstance(taken, dict)
        name = asked_name(taken, what, size)  # pyright: ignore
        self.note(frame, "TJ6008", f"{message}; it is now the parameter `{name}`", node.span, hint)
        if frame.loop is not None:
            shared = f"every `{what}` that this loop makes or applies gets the same `{name}`"
            self.note(frame, "TJ6023", shared, node.span, hint)
        return Name(name)

    def report_kwargs(self, frame: Frame, node: OpCall, argument: Argument) -> None:
        self.note(
            frame,
            "TJ6002",
            f"`**` arguments of `{node.symbol}` are not passed on",
            argument.span or node.span,
            "name the arguments that matter",
        )

    def report_unavailable(self, frame: Frame, statement: Statement, condition: Expression) -> None:
        """A statement that builds layers depends on what `__init__` does not have: it stops
        there."""
        code = self.unhandled(
            frame,
            condition,
            "TJ5002",
            "this configures layers by a value that exists only at call time",
            "compute it from constructor arguments or from shapes",
            statement.span,
        )
        frame.emit_init(ExpressionStatement(code))
        frame.blocked = True


def _inside(part: Span | None, whole: Span) -> bool:
    if part is None:
        return False
    return whole.start_line <= part.start_line <= part.end_line <= whole.end_line
