"""Classes that extend a layer of Keras: what they pass to its constructor, and who uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Name,
    Parameter,
    Reference,
    Statement,
    Symbol,
    Tuple,
    replace_node,
    walk,
)
from ..project import ModuleInput

CALLS = ("call", "__call__")


LEFT_OUT = frozenset({"name", "dtype", "trainable", "autocast"})


@dataclass(slots=True)
class Uses:
    """How the project calls a class: keywords, most positional arguments, and whether a call hides
    more."""

    keywords: dict[str, None]
    positional: int = 0
    found: bool = False
    hidden: bool = False


def ordered(own: list[Parameter], extra: list[Parameter]) -> list[Parameter]:
    """Parameters in an order that Python accepts."""
    last = [p for p in own if p.kind == "kwargs"]
    keywords = [p for p in own if p.kind == "keyword_only"]
    first = [p for p in own if p.kind not in ("kwargs", "keyword_only")]
    has_default = any(p.default is not None for p in first)
    for parameter in extra:
        if parameter.default is None and has_default:
            keywords.append(replace_node(parameter, kind="keyword_only"))
        else:
            first.append(parameter)
            has_default = has_default or parameter.default is not None
    return [*first, *keywords, *last]


def is_star(argument: Argument, varargs: str, kwargs: str) -> bool:
    match argument:
        case Argument(value=Name(id=name), star="*"):
            return name == varargs
        case Argument(value=Name(id=name), star="**"):
            return name == kwargs
        case _:
            return False


def parent_init(statement: Statement, symbol: str) -> tuple[Argument, ...] | None:
    """The arguments of `super().__init__(...)`, or of `Dense.__init__(self, ...)`."""
    match statement:
        case ExpressionStatement(
            value=Call(
                function=Attribute(value=Call(function=Name(id="super")), attribute="__init__"),
                arguments=arguments,
            )
        ):
            return arguments
        case ExpressionStatement(
            value=Call(
                function=Attribute(value=Symbol(path=path), attribute="__init__"),
                arguments=(_, *rest),
            )
        ) if path == symbol:
            return tuple(rest)
        case _:
            return None


def parent_method(function: Expression) -> str | None:
    match function:
        case Attribute(value=Call(function=Name(id="super")), attribute=name):
            return name
        case _:
            return None


def calls_parent(classes: list[ClassDef], names: tuple[str, ...]) -> bool:
    return any(
        isinstance(n, Call) and parent_method(n.function) in names
        for c in classes[:1]
        for n in walk(c)
    )


def attributes_of(classes: list[ClassDef], *, loads: bool) -> Iterator[str]:
    """Attributes of the object that methods read, or that they assign."""
    for node in classes:
        for method in node.body:
            if not isinstance(method, FunctionDef) or not method.parameters:
                continue
            if method.name in ("get_config", "from_config"):
                continue
            own = method.parameters[0].name
            stored = {id(t) for s in walk(method) for t in getattr(s, "targets", ())} | {
                id(getattr(s, "target", None)) for s in walk(method)
            }
            for inner in walk(method):
                match inner:
                    case Attribute(value=Name(id=owner), attribute=name) if owner == own:
                        if (id(inner) not in stored) is loads:
                            yield name
                    case _:
                        pass


def heirs_of(modules: Mapping[str, ModuleInput], module: str, name: str) -> list[ClassDef]:
    found: list[ClassDef] = []
    for owner, other in modules.items():
        for statement in other.tree.body:
            if isinstance(statement, ClassDef) and any(
                _is_reference(b.value, module, name) for b in statement.bases
            ):
                found += [statement, *heirs_of(modules, owner, statement.name)]
    return found


def _is_reference(code: Expression, module: str, name: str) -> bool:
    return isinstance(code, Reference) and (code.module, code.name) == (module, name)


def uses_of(modules: Mapping[str, ModuleInput], module: str, name: str) -> Uses:
    """The calls of a class in the project, and what the classes that extend it pass on to it."""
    uses = Uses({})

    def add(arguments: tuple[Argument, ...]) -> None:
        uses.found = True
        uses.hidden = uses.hidden or any(a.star == "**" for a in arguments)
        uses.positional = max(uses.positional, sum(not a.keyword and not a.star for a in arguments))
        uses.keywords |= {a.keyword: None for a in arguments if a.keyword}

    for other in modules.values():
        for node in walk(other.tree):
            match node:
                case Call(function=function, arguments=arguments):
                    if _is_reference(function, module, name):
                        add(arguments)
                    elif _is_partial(function) and _is_reference(arguments[0].value, module, name):
                        # There is more to come.
                        add(arguments[1:])
                        uses.hidden = True
                case ClassDef(bases=bases, body=body) if any(
                    _is_reference(b.value, module, name) for b in bases
                ):
                    for inner in (n for s in body for n in walk(s)):
                        if isinstance(inner, ExpressionStatement):
                            given = parent_init(inner, "")
                            if given is not None:
                                add(given)
                case _:
                    pass
    return uses


def _is_partial(function: Expression) -> bool:
    match function:
        case Symbol(path="functools.partial"):
            return True
        case Name(id=name) | Attribute(attribute=name) | Reference(name=name):
            return name == "partial"
        case _:
            return False


def literal(value: object) -> Expression:
    if isinstance(value, tuple):
        return Tuple(tuple(literal(v) for v in value))  # pyright: ignore
    return Constant(value)  # pyright: ignore
