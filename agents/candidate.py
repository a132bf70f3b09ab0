"""Answers of a model, read as code."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Literal

BLOCK = re.compile(r"```(?:[Pp]ython|py)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
TOOL = re.compile(r"^\s*`?(LOOKUP|SEARCH):\s*(.{1,200}?)`?\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ToolCall:
    tool: Literal["LOOKUP", "SEARCH"]
    argument: str


def read_code(text: str) -> str | None:
    """The code of an answer: the first block that defines `region`, or the text itself where that
    is code. None for an answer without any."""
    blocks: list[str] = BLOCK.findall(text) or [text]
    found = next((block for block in blocks if "def region" in block), None)
    if found is None:
        return None
    lines = found.replace("\t", "    ").splitlines()
    start = next(
        (n for n, line in enumerate(lines) if re.match(r"(def |import |from |@)", line)), None
    )
    if start is None:
        return None
    return "\n".join(_until_prose(lines[start:])).rstrip() + "\n"


def _until_prose(lines: list[str]) -> list[str]:
    """Up to the first line after the function that is neither indented nor code."""
    inside = False
    for number, line in enumerate(lines):
        if line.startswith("def region"):
            inside = True
        elif inside and line.strip() and not line[0].isspace() and line[0] not in ")]}#":
            return lines[:number]
    return lines


def read_tool_call(text: str) -> ToolCall | None:
    """A request for a fact, in an answer without code."""
    match = TOOL.search(text)
    if match is None or "def region" in text:
        return None
    tool: Literal["LOOKUP", "SEARCH"] = "LOOKUP" if match[1] == "LOOKUP" else "SEARCH"
    return ToolCall(tool, match[2].strip().strip("`"))


def same_code(a: str, b: str) -> bool:
    """Whether two candidates have the same syntax tree."""
    return shape_of(a) == shape_of(b)


def shape_of(code: str) -> str:
    """The syntax tree as text; the code itself where it does not parse."""
    try:
        return ast.dump(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code


def tidy(code: str) -> str:
    """Without imports of modules that the output imports anyway, docstrings and comments, which
    repeat the prompt as a rule."""
    tree = ast.parse(code)
    tree.body = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and len(node.body) > 1:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                del node.body[0]
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
    return ast.unparse(tree) + "\n"
