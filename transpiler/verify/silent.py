"""Statements of the translation that compute nothing, between two places of one function.

A step that is missing, or that does nothing any more, has no value of its own: what can be named
are the statements between the last value that agrees and the first that does not.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from .places import Place

MOST = 3
NOWHERE = -1
"""The line of no value: before a function."""
Function = ast.FunctionDef | ast.AsyncFunctionDef
_PLAIN = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Pass | ast.Expr | ast.Return


def silent_statements(
    texts: Mapping[str, str],
    computing: Collection[Place],
    after: Sequence[Place],
    target: Sequence[Place],
) -> tuple[Place, ...]:
    """First lines of simple statements without a line in `computing`, at most `MOST` of each frame:
    that of a helper, and that of its caller.

    `after` and `target` are frames, innermost first; either may be empty: then from the start of
    the function, or to its end, and its `return` counts. What lies before both of them is named
    from the nearest on. A statement that calls a function of its file, of which no line computes,
    stands for the lines of that function, too. Where nothing is found, it may be what follows
    `after` in functions that have ended there.
    """
    for ranges in (_ranges(texts, after, target), _ended(texts, after, target)):
        places: dict[Place, None] = {}
        done: set[Place] = set()  # functions
        for name, first, last, function in ranges:

            def silent(one: ast.stmt, name: str = name) -> bool:
                return not _computes(one, name, computing)

            found = [
                one
                for one in _simple(function.body, lambda one, silent=silent: not silent(one))
                if first < one.lineno < last and silent(one)
                if not target or last > _end(function) or not isinstance(one, ast.Return)
            ]
            if found and (name, function.lineno) not in done:
                done.add((name, function.lineno))
                if not target:  # the `return` is the last one
                    found = [*found[: MOST - 1], *found[MOST - 1 :][-1:]]
                found = found[:MOST] if first > NOWHERE else found[-MOST:]
                inner = [s for one in found for s in _called(one, function, texts[name])]
                found += [one for one in inner if silent(one)][:MOST]
                places |= dict.fromkeys((name, one.lineno) for one in found)
        if places:
            return tuple(places)
    return ()


def _called(statement: ast.stmt, function: Function, text: str) -> Iterator[ast.stmt]:
    """The simple statements of the functions of the file that a statement calls: those of the
    module, and methods of the class of `function`."""
    tree = ast.parse(text)
    classes = [c for c in ast.walk(tree) if isinstance(c, ast.ClassDef)]
    around = [c for c in classes if c.lineno <= function.lineno <= _end(c)]
    inside = around[-1].body if around else []
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=called)):
                where = inside
            case ast.Call(func=ast.Name(id=called)):
                where = tree.body
            case _:
                continue
        for one in where:
            if isinstance(one, Function) and one.name == called and one.lineno != function.lineno:
                yield from _simple(one.body, lambda _: False)


def _computes(statement: ast.stmt, name: str, computing: Collection[Place]) -> bool:
    return any((name, n) in computing for n in range(statement.lineno, _end(statement) + 1))


def _ranges(
    texts: Mapping[str, str], after: Sequence[Place], target: Sequence[Place]
) -> Iterator[tuple[str, int, int, Function]]:
    for name, line in target or after:
        function = _function(texts.get(name, ""), line)
        if function is None:
            continue
        inside = range(function.lineno, _end(function) + 1)
        starts = [n for other, n in after if other == name and n in inside]
        before = [n for n in starts if n < line]
        if not target:
            yield name, line, _end(function) + 1, function
        elif starts and not before:  # in a loop, from one round to the next
            loop = _loop(function, line, starts[0])
            if loop is None and starts[0] == line:  # both are computed there, from what was before
                yield name, NOWHERE, line, function
            if loop is not None:
                yield name, starts[0], _end(loop) + 1, function
                yield name, loop.lineno, line, function
        else:
            yield name, max(before, default=function.lineno), line, function


def _ended(
    texts: Mapping[str, str], after: Sequence[Place], target: Sequence[Place]
) -> Iterator[tuple[str, int, int, Function]]:
    """What follows in the functions of `after` that are over at `target`: those within the call
    that leads to both."""
    shared = 0
    while shared < min(len(after), len(target)) and after[-1 - shared] == target[-1 - shared]:
        shared += 1
    goes_on = shared < len(target)  # in the function of the innermost call that is not shared
    for name, line in after[: max(len(after) - shared - goes_on, 0)] if target else ():
        function = _function(texts.get(name, ""), line)
        if function is not None:
            yield name, line, _end(function) + 1, function


def _loop(function: Function, *lines: int) -> ast.For | ast.While | None:
    """The smallest loop around some lines."""
    around = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.For | ast.While)
        and all(node.lineno <= n <= _end(node) for n in lines)
    ]
    return min(around, key=lambda loop: _end(loop) - loop.lineno, default=None)


def _function(text: str, line: int) -> Function | None:
    """The smallest function around a line."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, Function) and node.lineno <= line <= _end(node)
    ]
    return min(around, key=lambda f: _end(f) - f.lineno, default=None)


def _simple(body: Sequence[ast.stmt], computes: Callable[[ast.stmt], bool]) -> Iterator[ast.stmt]:
    """Statements without a body; docstrings and the naming of parts compute nothing of their own,
    and neither does a branch that was not taken."""
    for one in body:
        parts = [getattr(one, name, ()) for name in ("body", "orelse")]
        inner = [part for part in parts if part]
        if inner and not isinstance(one, Function | ast.ClassDef):
            taken = [part for part in inner if any(map(computes, part))]
            for part in inner if not isinstance(one, ast.If) or not taken else taken:
                yield from _simple(part, computes)
        elif isinstance(one, _PLAIN):
            constant = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            if not constant and not _names_parts(one):
                yield one


def _names_parts(statement: ast.stmt) -> bool:
    """`h, c = states`"""
    match statement:
        case ast.Assign(targets=[ast.Tuple()], value=ast.Name()):
            return True
        case _:
            return False


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def texts_below(roots: Sequence[str], names: Collection[str]) -> dict[str, str]:
    """The files of places, by name."""
    found: dict[str, str] = {}
    for name in names:
        for root in roots:
            path = Path(root, name)
            if name not in found and path.is_file():
                found[name] = path.read_text("utf-8", "replace")
    return found
