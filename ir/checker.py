"""Checks a tree between stages: nothing here depends on what the source or the target is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from .names import undefined_names
from .nodes import Expression, FormattedString, Module, Node, OpCall, Statement, Symbol, Unhandled
from .schema import Field, schema
from .span import Span

Stage = Literal["source", "target"]
ProblemKind = Literal["type", "span", "source-symbol", "undefined-name"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, at which node, and where in the source that is, as far as known."""

    kind: ProblemKind
    message: str
    node: Node
    span: Span | None


def check(
    module: Module, stage: Stage, source_roots: Collection[str] = ("tf", "keras")
) -> list[Problem]:
    """What is wrong with a tree, in source order as far as the places are known.

    "source": node types, names, spans inside their parents' and in order. "target", after
    rewriting: node types, names, and no symbol below `source_roots` outside of `Unhandled`.
    """
    problems = list(_types(module))
    if problems:
        return problems  # the other checks rely on well typed trees
    if stage == "source":
        problems.extend(_spans(module))
    else:
        problems.extend(_symbols(module, source_roots))
    for name in undefined_names(module):
        problems.append(Problem("undefined-name", f"`{name.id}` is not defined", name, name.span))
    return sorted(problems, key=lambda problem: _start(problem.span))


def _start(span: Span | None) -> tuple[int, int]:
    return (0, 0) if span is None else (span.start_line, span.start_column)


def _types(module: Module) -> Iterator[Problem]:
    stack: list[tuple[Node, Span | None]] = [(module, module.span)]
    while stack:
        node, place = stack.pop()
        place = node.span or place
        for field in schema(type(node)):
            value = getattr(node, field.name)
            problem = _mismatch(field, value)
            if problem is not None:
                message = f"{type(node).__name__}.{field.name}: {problem}"
                yield Problem("type", message, node, place)
            else:
                stack.extend((one, place) for one in _nodes(value))


def _mismatch(field: Field, value: Any) -> str | None:
    match field.form:
        case "many":
            if not isinstance(value, tuple):
                return f"a tuple is wanted, not {type(value).__name__}"
            items = cast("tuple[Any, ...]", value)
        case "table":
            if not isinstance(value, dict):
                return f"a dictionary is wanted, not {type(value).__name__}"
            items = tuple(cast("dict[str, Any]", value).values())
        case "one":
            items = (value,)
    for item in items:
        if item is None and field.optional:
            continue
        if field.kind is not None and not isinstance(item, field.kind):
            return f"{field.kind.__name__} is wanted, not {type(item).__name__}"
        if field.kind in (Expression, Statement) and type(item) is field.kind:
            return f"a plain {type(item).__name__} says nothing"
        if field.text and not isinstance(item, str):
            return f"text is wanted, not {type(item).__name__}"
    return None


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in cast("tuple[Any, ...]", value):
            if isinstance(item, Node):
                yield item
    elif isinstance(value, dict):
        for item in cast("dict[str, Any]", value).values():
            if isinstance(item, Node):
                yield item


def _spans(module: Module) -> Iterator[Problem]:
    stack: list[tuple[Node, Span | None]] = [(module, module.span)]
    while stack:
        node, outer = stack.pop()
        span = node.span
        if span is not None and outer is not None and not _within(span, outer):
            message = f"{type(node).__name__} at {span} is outside of its parent at {outer}"
            yield Problem("span", message, node, span)
        inner = span or outer
        for field in schema(type(node)):
            value = getattr(node, field.name)
            nodes = list(_nodes(value))
            stack.extend((one, inner) for one in nodes)
            if field.form == "many" and not isinstance(node, FormattedString):
                yield from _order(nodes)


def _order(nodes: list[Node]) -> Iterator[Problem]:
    last: Span | None = None
    for node in nodes:
        span = node.span
        if span is None:
            continue
        if last is not None and (span.start_line, span.start_column) < (
            last.end_line,
            last.end_column,
        ):
            message = f"{type(node).__name__} at {span} starts before the one before it ends"
            yield Problem("span", message, node, span)
        last = span


def _within(inner: Span, outer: Span) -> bool:
    starts = (inner.start_line, inner.start_column) >= (outer.start_line, outer.start_column)
    return starts and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)


def _symbols(module: Module, roots: Collection[str]) -> Iterator[Problem]:
    stack: list[tuple[Node, Span | None]] = [(module, module.span)]
    while stack:
        node, place = stack.pop()
        place = node.span or place
        path = node.path if isinstance(node, Symbol) else ""
        path = node.symbol if isinstance(node, OpCall) else path
        if path.partition(".")[0] in roots:
            yield Problem("source-symbol", f"`{path}` is left", node, place)
            if isinstance(node, OpCall):  # its function would be reported again
                stack.extend((one, place) for one in node.bound.values())
                stack.extend((one, place) for one in node.extra)
                continue
        if not isinstance(node, Unhandled):
            for field in schema(type(node)):
                stack.extend((one, place) for one in _nodes(getattr(node, field.name)))
