"""Checks of the names inside one record: dtype variables, parameters in clauses, shadowing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from ...ir.nodes import Comprehension, Lambda, Name, walk
from .errors import Place, Problem
from .helpers import FOLDER, read_helper
from .pieces import DTYPE_CLASSES
from .records import Parameter, ParameterType, Record, Rule

NUMBERS = (
    "int4",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint4",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
)
FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
DTYPES = frozenset(("bool", *NUMBERS, *FLOATS))


def lint_names(records: Iterable[Record]) -> list[Problem]:
    """The mistakes and warnings, in order."""
    return [p for record in records if isinstance(record, Rule) for p in _problems(record)]


@cache
def duplicate_helpers(folder: Path = FOLDER) -> tuple[Problem, ...]:
    """Names that two helper files define: templates could mean either."""
    owners: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.py")):
        for name in read_helper(path).names:
            other = owners.setdefault(name, path.name)
            if other != path.name:
                message = f"the helper `{name}` is defined in helpers/{other}, too"
                problems.append(Problem(Place(f"helpers/{path.name}", 1), message))
    return tuple(problems)


def _problems(rule: Rule) -> Iterator[Problem]:
    parameters = (*rule.parameters, *rule.inputs)
    dtypes = {t.dtype for p in parameters for t in _types(p.type) if t.dtype is not None}
    for variable, classes in rule.where:
        if variable not in dtypes:
            declared = ", ".join(sorted(dtypes)) or "none"
            message = f"`where` speaks of the dtype `{variable}`, which no parameter has"
            yield Problem(rule.place, message, hint=f"declared: {declared}")
        for word in classes:
            name = word.removeprefix("-")
            if name not in DTYPES and name not in DTYPE_CLASSES:
                hint = f"classes: {', '.join(DTYPE_CLASSES)}, or the name of a dtype"
                yield Problem(rule.place, f"unknown dtype class `{name}`", hint=hint)
    names = {p.name for p in parameters}
    for clause, used in (
        ("differs", [name for name, _, _ in rule.differs]),
        ("try", [name for name, _ in rule.attempts]),
    ):
        for name in used:
            if name not in names:
                message = f"`{clause}` speaks of `{name}`, which is no parameter"
                yield Problem(rule.place, message, hint=f"parameters: {', '.join(sorted(names))}")
    yield from _shadowing(rule, parameters)


def _shadowing(rule: Rule, parameters: Iterable[Parameter]) -> Iterator[Problem]:
    names = {p.name for p in parameters}
    for choice in (*rule.to, *rule.call):
        bound: set[str] = set()
        for node in walk(choice.body):
            if isinstance(node, Lambda):
                bound |= {p.name for p in node.parameters}
            elif isinstance(node, Comprehension):
                targets = (n for g in node.generators for n in walk(g.target))
                bound |= {n.id for n in targets if isinstance(n, Name)}
        for name in sorted(bound & names):
            message = f"a variable of the template shadows the parameter `{name}`"
            yield Problem(rule.place, message, hint="give it another name", is_warning=True)


def _types(type_: ParameterType) -> Iterator[ParameterType]:
    yield type_
    if type_.element is not None:
        yield from _types(type_.element)
