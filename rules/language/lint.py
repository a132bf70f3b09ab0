"""Checks of records against the signatures of both APIs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from ...ir.keys import same
from ...ir.nodes import Call, Expression, Symbol, walk
from ..api import FLAVOURS, Flavour, Signature, SourceApi, TargetApi
from .errors import Place, Problem, RuleError
from .facts import literal
from .helpers import helper_names
from .namespaces import is_source
from .records import Alias, Record, Rule, Value
from .template import Names, Text, template

DROPPED = ("Ignored", "Noted", "Regularizer")
HELPERS = "tf_compat."
CHECKED = ("jax.", "flax.", "optax.")


def load_apis() -> tuple[SourceApi | None, TargetApi | None]:
    """The API data; None where it has not been generated."""
    source, target = SourceApi.load(), TargetApi.load()
    try:
        has_source = source.canonical("tensorflow.zeros") is not None
    except OSError:
        has_source = False
    try:
        has_target = target.has("jax.numpy.sum")
    except OSError:
        has_target = False
    return source if has_source else None, target if has_target else None


def lint(
    records: Iterable[Record], source: SourceApi | None, target: TargetApi | None
) -> list[Problem]:
    """Every mistake and warning. Records have canonical symbols. Without an API its checks are left
    out.
    """
    problems: list[Problem] = []
    seen: set[tuple[Place, str]] = set()
    for record in records:
        found = list(_source_problems(record, source)) if source is not None else []
        found += _target_problems(record, target) if target is not None else []
        for problem in found:
            if (problem.place, problem.message) not in seen:
                seen.add((problem.place, problem.message))
                problems.append(problem)
    return problems


def did_you_mean(word: str, words: Iterable[str]) -> str | None:
    close = difflib.get_close_matches(word, list(words), n=1)
    return f"did you mean `{close[0]}`?" if close else None


# -------------------------------------------------------------------------------- the source side


def _signatures(
    symbol: str, flavour: Flavour | None, source: SourceApi
) -> list[tuple[Flavour | None, Signature]]:
    """The signatures that a record for `symbol` speaks of, by Keras version where it matters."""
    if not symbol.startswith("keras."):
        found = source.signature(symbol)
        return [] if found is None else [(None, found)]
    wanted: Iterable[Flavour] = FLAVOURS if flavour is None else (flavour,)
    found_in: list[tuple[Flavour | None, Signature]] = []
    for name in wanted:
        signature = source.signature(symbol, name)
        if signature is not None:
            found_in.append((name, signature))
    return found_in


def _source_problems(record: Record, source: SourceApi) -> Iterator[Problem]:
    if not isinstance(record, Rule) or not record.is_call or not is_source(record.symbol):
        return
    yield from _check_names(record, Alias(record.symbol), source)
    for alias in record.aliases:
        if is_source(alias.symbol):
            yield from _check_names(record, alias, source)


def _check_names(rule: Rule, alias: Alias, source: SourceApi) -> Iterator[Problem]:
    """Parameter names, required parameters and defaults of one symbol of the rule."""
    signatures = _signatures(alias.symbol, rule.flavour, source)
    if not signatures:
        return
    ours = dict(alias.renames)
    theirs = {name: their for their, name in ours.items()}
    is_own = alias.symbol == rule.symbol
    names = {name for _, signature in signatures for name in signature.names}
    is_open = any(s.var_keyword or s.var_positional for _, s in signatures)
    for their, our in alias.renames:
        if rule.parameter(our) is None:
            yield Problem(rule.place, f"`{alias.symbol}`: the rule has no parameter `{our}`")
        if their not in names and not is_open:
            yield _unknown(rule, alias.symbol, their, names)
    for parameter in rule.parameters:
        name = theirs.get(parameter.name, parameter.name)
        if is_own and name not in names and not is_open and name != "self":
            yield _unknown(rule, alias.symbol, name, names)
    known = {p.name for p in rule.parameters}
    for flavour, signature in signatures:
        for parameter in signature:
            if parameter.required and ours.get(parameter.name, parameter.name) not in known:
                where = f" ({flavour})" if flavour else ""
                message = f"`{alias.symbol}`{where} requires `{parameter.name}`"
                hint = f"name it in `from`, or map it: {alias.symbol}(ours = {parameter.name})"
                yield Problem(rule.place, message, hint=hint)
    yield from _check_defaults(rule, alias, theirs, signatures)


def _unknown(rule: Rule, symbol: str, name: str, names: Iterable[str]) -> Problem:
    hint = did_you_mean(name, names) or f"it has: {', '.join(sorted(names)) or 'none'}"
    return Problem(rule.place, f"`{symbol}` has no parameter `{name}`", hint=hint)


def _check_defaults(
    rule: Rule,
    alias: Alias,
    theirs: dict[str, str],
    signatures: list[tuple[Flavour | None, Signature]],
) -> Iterator[Problem]:
    """A default that no version of the API has is a mistake; that only some have, a warning."""
    own = dict(alias.defaults)
    for parameter in rule.parameters:
        declared = own.get(parameter.name, parameter.default)
        if parameter.type.kind in DROPPED or declared is None:
            continue
        known = literal(declared)
        name = theirs.get(parameter.name, parameter.name)
        real = [(f, p) for f, s in signatures if (p := s.get(name)) and p.has_literal_default]
        if known is None or not real:
            continue
        wrong = [(f, p) for f, p in real if not _agree(p.literal_default(), known.value)]
        if not wrong:
            continue
        flavour, first = wrong[0]
        where = f" in {flavour}" if flavour else ""
        message = f"`{name}` of `{alias.symbol}` defaults to {first.default}{where}"
        if alias.symbol == rule.symbol:
            hint = f"the rule says {known.value!r}"
        else:
            hint = f"write {alias.symbol}({parameter.name} = {first.default})"
        if len(wrong) < len(real):
            hint += "; the Keras versions differ: one record for each, with `flavour`"
        yield Problem(rule.place, message, hint=hint, is_warning=len(wrong) < len(real))


def _agree(left: object, right: object) -> bool:
    if isinstance(left, list):
        left = tuple(left)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return left == right


# -------------------------------------------------------------------------------- the target side


def _bodies(record: Record) -> Iterator[Expression]:
    if isinstance(record, Rule):
        for choice in (*record.to, *record.call):
            yield choice.body
            if choice.guard is not None:
                yield choice.guard
    elif isinstance(record, Value):
        yield record.body


def _target_problems(record: Record, target: TargetApi) -> Iterator[Problem]:
    for body in _bodies(record):
        for node in walk(body):
            if isinstance(node, Symbol) and node.path.startswith(HELPERS):
                name = node.path.removeprefix(HELPERS)
                if name.partition(".")[0] not in helper_names():
                    message = f"no helper `{name}` in rules/helpers"
                    yield Problem(record.place, message, is_warning=True)
            if isinstance(node, Symbol) and node.path.startswith(CHECKED):
                if not target.has(node.path) and node.path not in ("jax", "flax", "optax"):
                    module = node.path.rpartition(".")[0]
                    message = f"the target API has no `{node.path}`"
                    yield Problem(record.place, message, is_warning=not target.has(module))
            elif isinstance(node, Call) and isinstance(node.function, Symbol):
                yield from _check_call(record, node, node.function.path, target)
    if isinstance(record, Rule):
        yield from _undeclared(record, target)


def _check_call(record: Record, node: Call, path: str, target: TargetApi) -> Iterator[Problem]:
    signature = target.signature(path)
    if signature is None:
        return
    for argument in node.arguments:
        name = argument.keyword
        if name is not None and not signature.accepts_keyword(name):
            hint = did_you_mean(name, signature.names)
            yield Problem(record.place, f"`{path}` has no parameter `{name}`", hint=hint)
    count = sum(argument.keyword is None for argument in node.arguments)
    starred = any(argument.star for argument in node.arguments)
    if count > len(signature.positional) and not signature.var_positional and not starred:
        limit = len(signature.positional)
        message = f"`{path}` takes {limit} positional arguments, the template gives {count}"
        yield Problem(record.place, message)


def _undeclared(rule: Rule, target: TargetApi) -> Iterator[Problem]:
    """Source parameters that the target has too, with another default, and that the template never
    passes.
    """
    for choice in rule.to:
        body = choice.body
        if not isinstance(body, Call) or not isinstance(body.function, Symbol):
            continue
        signature = target.signature(body.function.path)
        passed = {argument.keyword for argument in body.arguments}
        first = sum(argument.keyword is None for argument in body.arguments)
        if signature is None or any(argument.star for argument in body.arguments):
            continue
        for theirs in signature.parameters[first:]:
            ours = rule.parameter(theirs.name)
            if ours is None or ours.default is None or theirs.default is None:
                continue
            if theirs.name in passed or any(name == ours.name for name, _, _ in rule.differs):
                continue
            if ours.type.kind in DROPPED:
                continue
            default = _target_default(theirs.default)
            if default is not None and not same(default, ours.default):
                message = (
                    f"`{ours.name}` differs by default: `{body.function.path}` has {theirs.default}"
                )
                hint = "pass it, or declare it with `differs`"
                yield Problem(rule.place, message, hint=hint, is_warning=True)


def _target_default(text: str) -> Expression | None:
    try:
        return template(Text(text, Place("<api>", 1)), Names(()))
    except RuleError:
        return None
