"""`--annotate-shapes`: shapes that are known and proved, in the signatures of the output.

The names come from `jaxtyping`, which is imported for type checkers only: the output does not need
it to run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from .claims import ArrayType, Claim

WIDTH = 100
KINDS = {"float": "Float", "bfloat": "Float", "int": "Int", "uint": "UInt", "complex": "Complex"}
HEAD = "# ruff: noqa: F722\n"
Function = ast.FunctionDef | ast.AsyncFunctionDef
Edit = tuple[int, int, str]


def annotated(text: str, claims: Sequence[Claim]) -> str:
    """The text with annotations for parameters and results that have none."""
    known = {c.target: c for c in claims if c.verdict == "proved" and (c.types or c.gives)}
    if not known:
        return text
    tree = ast.parse(text)
    places = _Places(text)
    edits: list[Edit] = []
    used: set[str] = set()
    for name, function in _functions(tree):
        claim = known.get(name)
        if claim is not None:
            edits += _header(places, function, claim, used)
    if not edits:
        return text
    edits += _imports(places, tree, used)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """By name; a class that is called stands for its `__call__`."""
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, node
            case ast.ClassDef():
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef):
                        yield f"{node.name}.{inner.name}", inner
                        if inner.name == "__call__":
                            yield node.name, inner
            case _:
                pass


class _Places:
    """Offsets in the text of what `ast` counts in bytes of lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        prefix = self.lines[line - 1].encode()[:column]
        return self.starts[line - 1] + len(prefix.decode())


def _header(places: _Places, function: Function, claim: Claim, used: set[str]) -> Iterator[Edit]:
    """The text between `def` and the colon, written anew if something is added to it."""
    parameters = _parameters(function)
    types = _by_name(parameters, claim.types)
    added = {p.arg: _text(types[p.arg], used) for p in parameters if _takes(p, types)}
    gives = claim.gives if function.returns is None else None
    if not added and gives is None:
        return
    start = places.at(function.lineno, function.col_offset)
    body = function.body[0]
    limit = places.at(body.lineno, body.col_offset)
    head = places.text[start:limit]
    opening = head.index("(")
    closing = _closing(head, opening)
    colon = head.index(":", closing)
    if "#" in head[: colon + 1]:
        return
    parts = [_part(places.text, places, p, function, added) for p in _pieces(function)]
    after = head[closing + 1 : colon].strip()
    if gives is not None:
        after = f"-> {_text(gives, used)}"
    result = f" {after}" if after else ""
    name = head[:opening]
    one_line = f"{name}({', '.join(parts)}){result}:"
    indent = " " * function.col_offset
    if len(indent) + len(one_line) > WIDTH:
        inner = "".join(f"{indent}    {part},\n" for part in parts)
        one_line = f"{name}(\n{inner}{indent}){result}:"
    yield start, start + colon + 1, one_line


def _closing(head: str, opening: int) -> int:
    """The parenthesis that closes the one at `opening`; strings are skipped."""
    depth, i = 0, opening
    while i < len(head):
        quoted = re.match(r"(\"[^\"]*\"|'[^']*')", head[i:])
        if quoted:
            i += quoted.end()
            continue
        depth += (head[i] in "([{") - (head[i] in ")]}")
        if depth == 0:
            return i
        i += 1
    return len(head) - 1


def _parameters(function: Function) -> list[ast.arg]:
    arguments = function.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _by_name(
    parameters: Sequence[ast.arg], types: Mapping[str | int, ArrayType]
) -> dict[str, ArrayType]:
    plain = [p.arg for p in parameters if p.arg != "self"]
    found = {k: v for k, v in types.items() if isinstance(k, str)}
    for place, kind in types.items():
        if isinstance(place, int) and place < len(plain):
            found[plain[place]] = kind
    return found


def _takes(parameter: ast.arg, types: Mapping[str, ArrayType]) -> bool:
    return parameter.annotation is None and parameter.arg in types


def _pieces(function: Function) -> list[tuple[str, ast.arg | None, ast.expr | None]]:
    """Parameters in order, with their stars and defaults."""
    a = function.args
    plain = [*a.posonlyargs, *a.args]
    defaults = [*([None] * (len(plain) - len(a.defaults))), *a.defaults]
    found: list[tuple[str, ast.arg | None, ast.expr | None]] = []
    for i, (parameter, default) in enumerate(zip(plain, defaults, strict=True)):
        found.append(("", parameter, default))
        if a.posonlyargs and i == len(a.posonlyargs) - 1:
            found.append(("/", None, None))
    if a.vararg is not None:
        found.append(("*", a.vararg, None))
    elif a.kwonlyargs:
        found.append(("*", None, None))
    found += [("", p, d) for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True)]
    if a.kwarg is not None:
        found.append(("**", a.kwarg, None))
    return found


def _part(
    text: str,
    places: _Places,
    piece: tuple[str, ast.arg | None, ast.expr | None],
    function: Function,
    added: Mapping[str, str],
) -> str:
    stars, parameter, default = piece
    if parameter is None:
        return stars
    written = ast.get_source_segment(text, parameter) or parameter.arg
    kind = added.get(parameter.arg)
    if kind is not None and not stars:
        written = f"{parameter.arg}: {kind}"
    if default is None:
        return f"{stars}{written}"
    value = ast.get_source_segment(text, default) or ast.unparse(default)
    typed = kind is not None or parameter.annotation is not None
    return f"{written} = {value}" if typed else f"{written}={value}"


def _text(kind: ArrayType, used: set[str]) -> str:
    word = re.match(r"[a-z]+", kind.dtype)
    name = "Bool" if kind.dtype == "bool" else KINDS.get(word[0] if word else "", "Shaped")
    used.update(("Array", name))
    # One word alone would be read as a name by linters.
    sizes = kind.sizes[0] if len(kind.sizes) == 1 else " ".join(kind.sizes)
    return f'{name}[Array, "{" " if len(kind.sizes) == 1 else ""}{sizes}"]'


def _imports(places: _Places, tree: ast.Module, used: set[str]) -> Iterator[Edit]:
    """Annotations are not evaluated; their names are imported for type checkers."""
    body = tree.body
    docstring = bool(body) and isinstance(body[0], ast.Expr) and ast.get_docstring(tree) is not None
    imports = [n for n in body if isinstance(n, ast.Import | ast.ImportFrom)]
    future = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in imports)
    first = places.at(body[0].end_lineno or 1, body[0].end_col_offset or 0) if docstring else 0
    start = f"\n\n{HEAD}" if docstring else HEAD
    lines = "" if future else "from __future__ import annotations\n\n"
    lines += "" if _has_typing(imports) else "from typing import TYPE_CHECKING\n"
    yield first, first, f"{start}{lines}".rstrip("\n") + ("" if docstring else "\n\n")
    if not imports:
        return
    last = imports[-1]
    end = places.at(last.end_lineno or 1, last.end_col_offset or 0)
    names = ", ".join(sorted(used))
    yield end, end, f"\n\nif TYPE_CHECKING:\n    from jaxtyping import {names}"


def _has_typing(imports: Sequence[ast.Import | ast.ImportFrom]) -> bool:
    return any(
        isinstance(n, ast.ImportFrom)
        and n.module == "typing"
        and any(a.name == "TYPE_CHECKING" for a in n.names)
        for n in imports
    )
