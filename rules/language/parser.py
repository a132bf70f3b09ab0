"""Rule text to records."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from .build import build_record
from .errors import SYNTAX, Place, Problem, RuleError
from .layout import Layout, LayoutError
from .records import Record, RuleFile
from .trees import StringError

GRAMMAR = Path(__file__).with_name("grammar.lark")
MAX_NESTING = 60
BRACKET = re.compile(r"[()\[\]{}]|\n(?=[a-z])")
MAX_CHARACTERS = 4_000_000

LABELS = {
    "KIND": "a record (rule, layer, method, attribute, initializer, activation, regularizer)",
    "SYMBOL": "a dotted name",
    "NAME": "a name",
    "STRING": "a string",
    "LONG_STRING": 'a """docstring"""',
    "CODE": "a diagnostic code such as TJ3001",
    "NUMBER": "a number",
    "RANGE": "a range such as 0..4",
    "OP": "an operator",
    "TEXT": "an expression",
    "WEIGHT": "a weight such as kernel[D, units]",
    "_LINE": "a new line",
    "_CONT": "a continuation line",
    "_END": "the end of the record",
    "_FAT": "`=>`",
    "_ARROW": "`->`",
    "_LINE_END": "a new line",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "STATUS": "`refuse`, `drop`, `keep` or `pass`",
    "$END": "the end of the file",
}
EXPRESSION = {"SYMBOL", "NUMBER", "RANGE", "STRING", "OP", "LPAR", "LSQB", "LBRACE"}


def parse(text: str, path: str = "<rules>") -> RuleFile:
    """The records in `text`. Raises RuleError with every record's first mistake, or with the syntax
    error.
    """
    _check_size(text, path)
    try:
        found = _parser().parse(text)  # pyright: ignore[reportUnknownMemberType]
    except UnexpectedInput as error:
        raise RuleError([_syntax_problem(error, text, path)]) from None
    except LayoutError as error:
        place = Place(path, error.line, error.column)
        raise RuleError([Problem(place, error.message, SYNTAX)]) from None
    records: list[Record] = []
    problems: list[Problem] = []
    for record in found.children:
        if isinstance(record, Tree):
            try:
                records.extend(build_record(record, text, path))
            except RuleError as error:
                problems.extend(error.problems)
            except StringError as error:
                place = Place(path, error.line, error.column)
                problems.append(Problem(place, error.message, SYNTAX))
            except RecursionError:
                place = Place(path, record.meta.line)
                problems.append(Problem(place, "an expression nests too deeply", SYNTAX))
    if problems:
        raise RuleError(problems)
    return RuleFile(path, tuple(records))


@cache
def _parser() -> Lark:
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer="contextual",
        postlex=Layout(),
        propagate_positions=True,
        maybe_placeholders=True,
    )


def _check_size(text: str, path: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise RuleError([Problem(Place(path, 1), "the rule file is too large", SYNTAX)])
    if "\0" in text:
        raise RuleError([Problem(Place(path, 1), "the file holds NUL bytes: no rule file", SYNTAX)])
    depth = 0
    for match in BRACKET.finditer(text):
        if match[0] == "\n":  # a record starts: what was left open in a string or comment ends
            depth = 0
        else:
            depth += 1 if match[0] in "([{" else -1
        if depth > MAX_NESTING:
            place = Place(path, text.count("\n", 0, match.start()) + 1)
            raise RuleError([Problem(place, f"more than {MAX_NESTING} open brackets", SYNTAX)])


def _syntax_problem(error: UnexpectedInput, text: str, path: str) -> Problem:
    expected: set[str] = set()
    found = ""
    match error:
        case UnexpectedToken(token=Token() as token, expected=names):
            expected = set(names)
            found = _shown(token)
        case UnexpectedCharacters(allowed=names):
            expected = set(names or ())
            found = f"`{_character(text, error.line, error.column)}`"
        case UnexpectedEOF():
            found = "the end of the file"
        case _:
            found = "this"
    line, column = getattr(error, "line", 1), getattr(error, "column", 1)
    if line < 1:
        line, column = text.count("\n") + 1, 1
    place = Place(path, line, max(column, 1))
    return Problem(place, f"unexpected {found}; expected {_listed(expected)}", SYNTAX)


def _character(text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    return lines[line - 1][column - 1 : column] if 0 < line <= len(lines) else ""


def _shown(token: Token) -> str:
    if token.type in ("_LINE", "_CONT", "_LINE_END"):
        return "line end"
    if token.type in ("_END", "$END"):
        return "end of the record"
    return f"`{token}`"


def _listed(names: set[str]) -> str:
    labels: list[str] = []
    names = {name for name in names if name not in ("_LINE_END", "COMMENT")}
    if EXPRESSION - {"RANGE"} <= names | {"RANGE"}:
        names -= EXPRESSION
        labels.append("an expression")
    labels += sorted(LABELS.get(name, f"`{name.lower()}`") for name in names)
    if len(labels) > 1:
        return f"{', '.join(labels[:-1])} or {labels[-1]}"
    return labels[0] if labels else "something else"
