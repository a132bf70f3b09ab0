"""Source text -> Python's `ast`, with places in characters."""

from __future__ import annotations

import ast
import gc
import re
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...ir.span import Span
from .errors import SourceSyntaxError

if TYPE_CHECKING:
    from ..files import SourceFile

_LINE_END = re.compile(r"\r\n|\r|\n")
_GLOBAL = re.compile(r"global[ \t]+\w")  # in a docstring, too: a cheap first look


@dataclass(frozen=True)
class ParsedModule:
    """One module as `ast`. `package` is the dotted package that relative imports start from."""

    name: str
    path: str
    text: str
    tree: ast.Module
    is_package: bool = False

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @cached_property
    def has_walrus(self) -> bool:
        return ":=" in self.text

    @cached_property
    def has_globals(self) -> bool:
        """Whether some function may declare a name `global`."""
        return _GLOBAL.search(self.text) is not None

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines as Python's tokenizer splits them, without their ends."""
        return tuple(_LINE_END.split(self.text))

    @cached_property
    def span_of(self) -> Callable[[Any], Span]:
        """The span of an `ast` node, in characters."""
        if self.text.isascii():
            return _byte_span
        lines = [line.encode("utf-8", "surrogatepass") for line in self.lines]
        wide = {number: line for number, line in enumerate(lines, 1) if not line.isascii()}

        def span(node: Any) -> Span:
            line, end_line = node.lineno, node.end_lineno
            column, end_column = node.col_offset, node.end_col_offset
            if line in wide:
                column = _characters(wide[line], column)
            if end_line in wide:
                end_column = _characters(wide[end_line], end_column)
            return Span(line, column, end_line, end_column)

        return span

    def end_of_default(self, name: Span, value: Span) -> tuple[int, int]:
        """Where `name=(value)` ends: after the parentheses, which belong to no `ast` node."""
        end_line, end_column = value.end_line, value.end_column
        gap = Span(name.end_line, name.end_column, value.start_line, value.start_column)
        line = self.lines[end_line - 1]
        depth = 0 if gap.end_column - gap.start_column == 1 else self.text_of(gap).count("(")
        while depth and end_line <= len(self.lines):
            found = line.find(")", end_column)
            if found >= 0 and "#" not in line[end_column:found]:
                depth, end_column = depth - 1, found + 1
            else:
                end_line, end_column = end_line + 1, 0
                line = self.lines[end_line - 1] if end_line <= len(self.lines) else ""
        return end_line, end_column

    def text_of(self, span: Span) -> str:
        """The source text at a span; line ends read as "\\n"."""
        first, last = span.start_line - 1, span.end_line - 1
        if first == last:
            return self.lines[first][span.start_column : span.end_column]
        middle = self.lines[first + 1 : last]
        head, tail = self.lines[first][span.start_column :], self.lines[last][: span.end_column]
        return "\n".join((head, *middle, tail))


def _byte_span(node: Any) -> Span:
    return Span(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def _characters(line: bytes, column: int) -> int:
    return len(line[:column].decode("utf-8", "replace"))


def parse_module(text: str, *, name: str, path: str = "", is_package: bool = False) -> ParsedModule:
    """Parses one module. Raises SourceSyntaxError."""
    return ParsedModule(name, path or f"{name.replace('.', '/')}.py", text, _ast(text), is_package)


def parse_source(source: SourceFile) -> ParsedModule:
    """Parses a file of the project. Raises SourceSyntaxError."""
    path = source.relative.as_posix()
    name = source.module or source.relative.stem
    return parse_module(source.text, name=name, path=path, is_package=source.is_package)


def _ast(text: str) -> ast.Module:
    with warnings.catch_warnings(), paused_gc():
        warnings.simplefilter("ignore")  # invalid escapes in the user's strings are not our news
        try:
            return ast.parse(text)
        except SyntaxError as error:
            raise _located(error, text) from error
        except (RecursionError, MemoryError) as error:
            raise SourceSyntaxError("the code nests too deeply", kind="nesting") from error
        except ValueError as error:  # NUL characters, lone surrogates
            raise SourceSyntaxError(str(error)) from error


def _located(error: SyntaxError, text: str) -> SourceSyntaxError:
    message = error.msg or "invalid syntax"
    nested = "too many" in message or "too complex" in message
    line = max(error.lineno or 1, 1)
    lines = _LINE_END.split(text)
    width = len(lines[line - 1]) if line <= len(lines) else 0
    column = min(max((error.offset or 1) - 1, 0), width)
    return SourceSyntaxError(message, line, column, "nesting" if nested else "syntax")


@contextmanager
def paused_gc() -> Generator[None]:
    """No cyclic collection inside: building a big tree would trigger many useless ones."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
