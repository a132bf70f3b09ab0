"""Signatures as data, and the binding of call arguments to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, Literal, TypeVar

ParameterKind = Literal[
    "positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword"
]
ProblemKind = Literal["too_many_positional", "unknown_keyword", "duplicate", "missing_required"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    `default` is Python source text: a literal (`0.001`, `'valid'`), the public dotted name of an
    object (`jax.numpy.float32`), a call of one (`jax.nn.initializers.lecun_normal()`), or
    `opaque('...')` for an object that has no name. None: the parameter has no default.
    """

    name: str
    kind: ParameterKind
    default: str | None = None

    @property
    def is_variadic(self) -> bool:
        return self.kind in ("var_positional", "var_keyword")

    @property
    def required(self) -> bool:
        return self.default is None and not self.is_variadic

    @property
    def has_literal_default(self) -> bool:
        return self.default is not None and _evaluated(self.default) is not None

    def literal_default(self) -> object:
        """The default as a Python value. Raises ValueError when it is absent or no literal."""
        if self.default is None:
            raise ValueError(f"{self.name} has no default")
        found = _evaluated(self.default)
        return ast.literal_eval(self.default) if found is None else found.value


@dataclass(frozen=True, slots=True)
class _Literal:
    value: object


@lru_cache(maxsize=4096)
def _evaluated(text: str) -> _Literal | None:
    """What a default says; None when it is no literal."""
    try:
        return _Literal(ast.literal_eval(text))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters in order, without `self` / `cls`."""

    parameters: tuple[Parameter, ...] = ()

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    def __getitem__(self, name: str) -> Parameter:
        """The parameter called `name`. Raises KeyError."""
        parameter = self.get(name)
        if parameter is None:
            raise KeyError(name)
        return parameter

    def __contains__(self, name: object) -> bool:
        return any(parameter.name == name for parameter in self.parameters)

    def get(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.parameters if not p.is_variadic)

    @property
    def var_positional(self) -> Parameter | None:
        return next((p for p in self.parameters if p.kind == "var_positional"), None)

    @property
    def var_keyword(self) -> Parameter | None:
        return next((p for p in self.parameters if p.kind == "var_keyword"), None)

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """The parameters that a positional argument can fill."""
        kinds = ("positional_only", "positional_or_keyword")
        return tuple(p for p in self.parameters if p.kind in kinds)

    def accepts_keyword(self, name: str) -> bool:
        parameter = self.get(name)
        if parameter is None or parameter.is_variadic or parameter.kind == "positional_only":
            return self.var_keyword is not None
        return True

    def __str__(self) -> str:
        parts: list[str] = []
        previous: ParameterKind | None = None
        for parameter in self.parameters:
            kind = parameter.kind
            if previous == "positional_only" and kind != "positional_only":
                parts.append("/")
            if kind == "keyword_only" and previous not in ("var_positional", "keyword_only"):
                parts.append("*")
            stars = {"var_positional": "*", "var_keyword": "**"}.get(kind, "")
            default = "" if parameter.default is None else f"={parameter.default}"
            parts.append(f"{stars}{parameter.name}{default}")
            previous = kind
        if previous == "positional_only":
            parts.append("/")
        return f"({', '.join(parts)})"


def parse_signature(text: str) -> Signature:
    """Reads `(a, b=None, *, c=1, **kwargs)`. Raises SyntaxError, or ValueError on other code."""
    function = ast.parse(f"def f{text}: ...").body[0]
    if not isinstance(function, ast.FunctionDef):
        raise ValueError(f"not a signature: {text}")
    arguments = function.args

    def source(node: ast.expr) -> str:
        return text[node.col_offset - 5 : (node.end_col_offset or 0) - 5]  # 5: len("def f")

    parameters: list[Parameter] = []
    positional = [*arguments.posonlyargs, *arguments.args]
    first_default = len(positional) - len(arguments.defaults)
    for index, argument in enumerate(positional):
        kind: ParameterKind = (
            "positional_only" if index < len(arguments.posonlyargs) else "positional_or_keyword"
        )
        default = index - first_default
        parameters.append(
            Parameter(
                argument.arg, kind, source(arguments.defaults[default]) if default >= 0 else None
            )
        )
    if arguments.vararg is not None:
        parameters.append(Parameter(arguments.vararg.arg, "var_positional"))
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(
            Parameter(argument.arg, "keyword_only", None if value is None else source(value))
        )
    if arguments.kwarg is not None:
        parameters.append(Parameter(arguments.kwarg.arg, "var_keyword"))
    return Signature(tuple(parameters))


@dataclass(frozen=True, slots=True)
class BindProblem:
    """What is wrong with a call: `name` of the parameter or keyword, `index` if positional."""

    kind: ProblemKind
    name: str = ""
    index: int = -1


@dataclass(frozen=True, slots=True)
class BoundArguments(Generic[T]):
    """Arguments by parameter name, in signature order; defaults are not filled in."""

    values: Mapping[str, T]
    extra_positional: tuple[T, ...] = ()
    """What `*args` of the signature took."""
    extra_keywords: Mapping[str, T] = field(default_factory=dict[str, T])
    """What `**kwargs` of the signature took."""
    problems: tuple[BindProblem, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


def bind(
    signature: Signature,
    positional: Sequence[T],
    keywords: Mapping[str, T],
    *,
    partial: bool = False,
) -> BoundArguments[T]:
    """Binds a call to `signature` the way Python does, with what is wrong returned as data.

    `partial` leaves missing required arguments unreported: for calls that also unpack `*args` or
    `**kwargs` that are not known statically.
    """
    problems: list[BindProblem] = []
    found: dict[str, T] = {}
    slots = signature.positional
    for parameter, value in zip(slots, positional, strict=False):
        found[parameter.name] = value
    rest = tuple(positional[len(slots) :])
    if rest and signature.var_positional is None:
        problems.append(BindProblem("too_many_positional", index=len(slots)))
        rest = ()
    extra: dict[str, T] = {}
    for name, value in keywords.items():
        parameter = signature.get(name)
        named = parameter is not None and parameter.kind in (
            "positional_or_keyword",
            "keyword_only",
        )
        if named and name in found:
            problems.append(BindProblem("duplicate", name))
        elif named:
            found[name] = value
        elif signature.var_keyword is not None:
            extra[name] = value
        else:
            problems.append(BindProblem("unknown_keyword", name))
    if not partial:
        problems.extend(
            BindProblem("missing_required", parameter.name)
            for parameter in signature
            if parameter.required and parameter.name not in found
        )
    ordered = {name: found[name] for name in signature.names if name in found}
    return BoundArguments(ordered, rest, extra, tuple(problems))
