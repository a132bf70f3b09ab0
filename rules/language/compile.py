"""Rule files to the data that a `RuleSet` is made of (and that the cache holds)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ...ir.nodes import Call, Expression, Node, Symbol, walk
from ..api import TargetApi
from . import cache, codec
from .canonical import canonical_records
from .errors import Place, Problem, RuleError
from .files import text_of
from .helpers import helper_default
from .index import build_index
from .layer_arguments import with_layer_arguments
from .lint import lint, load_apis
from .lint_names import duplicate_helpers, lint_names
from .namespaces import BUILTINS
from .optimizer_arguments import with_optimizer_arguments
from .parser import parse
from .records import Record, Rule
from .template import Names, Text, template

Group = list[tuple[str, bytes]]


def compile_groups(
    groups: Iterable[Group], *, api: bool = True, folder: Path | None = None
) -> object:
    """Parses, canonicalises, lints and indexes. Raises RuleError with every mistake found.

    `folder` caches the records of each file, so that an edit costs the parsing of one file.
    """
    source, target = load_apis() if api else (None, load_apis()[1])
    errors = [*duplicate_helpers()]
    warnings: list[Problem] = []
    parsed: list[list[Record]] = []
    for group in groups:
        records: list[Record] = []
        for path, content in group:
            try:
                records.extend(_records(path, content, folder))
            except RuleError as error:
                errors.extend(error.problems)
        records, problems = canonical_records(records, source)
        problems += lint(records, source, target) + lint_names(records)
        records = with_layer_arguments(records, source)
        parsed.append(with_optimizer_arguments(records, source))
        for problem in problems:
            (warnings if problem.is_warning else errors).append(problem)
    numbered, index, problems = build_index(parsed)
    errors += [problem for problem in problems if not problem.is_warning]
    warnings += [problem for problem in problems if problem.is_warning]
    if errors:
        raise RuleError(errors)
    return (
        index.calls,
        index.values,
        index.named,
        [codec.dumps(record) for record in numbered],
        _defaults(numbered, target),
        [(p.place.path, p.place.line, p.place.column, p.message, p.code) for p in warnings],
    )


def _records(path: str, content: bytes, folder: Path | None) -> tuple[Record, ...]:
    key = cache.digest([("file " + path, content)])
    cached = cache.read(folder, key)
    if cached is not None:
        return codec.decode(cached)
    records = parse(text_of(path, content), path).records
    cache.write(folder, key, codec.encode(records))
    return records


def templates(record: Record) -> Iterator[Expression]:
    """The target templates of a record."""
    if isinstance(record, Rule):
        for choice in (*record.to, *record.call):
            yield choice.body
    elif hasattr(record, "body"):
        yield record.body  # pyright: ignore


def _defaults(records: Iterable[Record], target: TargetApi | None) -> dict[str, dict[str, Any]]:
    """Defaults of the keywords that templates pass, as encoded expressions."""
    found: dict[str, dict[str, Any]] = {}
    if target is None:
        return found
    nodes = (node for record in records for e in templates(record) for node in walk(e))
    for function, keyword in _keywords(nodes):
        if function.startswith("tf_compat."):
            text = helper_default(function.removeprefix("tf_compat."), keyword)
        else:
            text = target.default(function, keyword)
        if text is None or text.startswith("opaque("):
            continue
        text = text.replace("jax.nn.initializers.", "nnx.initializers.")  # as templates spell them
        try:
            default = template(Text(text, Place("<api>", 1)), Names(BUILTINS))
        except RuleError:
            continue
        found.setdefault(function, {})[keyword] = codec.encode(default)
    return found


def _keywords(nodes: Iterable[Node]) -> set[tuple[str, str]]:
    return {
        (node.function.path, argument.keyword)
        for node in nodes
        if isinstance(node, Call) and isinstance(node.function, Symbol)
        for argument in node.arguments
        if argument.keyword is not None
    }
