"""The shape of each node class, read off its annotations; printer, parser and checker use it."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from . import nodes
from .nodes import Node

Form = Literal["one", "many", "table"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `kind` is the class of its nodes, None for plain values.

    `form` "many" is a tuple, "table" a dictionary of nodes by name. `text` fields hold strings.
    """

    name: str
    kind: type[Node] | None
    form: Form
    text: bool
    optional: bool
    default: Any = MISSING

    @property
    def required(self) -> bool:
        return self.default is MISSING


@cache
def schema(kind: type[Node]) -> tuple[Field, ...]:
    """The fields of a node class in order, `span` left out; `comments` last."""
    found = [_field(f.name, str(f.type), f.default) for f in fields(kind) if f.name != "span"]
    return tuple(sorted(found, key=lambda field: field.name == "comments"))


def _field(name: str, annotation: str, default: Any) -> Field:
    form: Form = "one"
    inner = "tuple[Statement, ...]" if annotation == "Body" else annotation
    if match := re.fullmatch(r"tuple\[(.*), \.\.\.\]", inner):
        form, inner = "many", match[1]
    elif match := re.fullmatch(r"dict\[str, (.*)\]", inner):
        form, inner = "table", match[1]
    optional = inner.endswith(" | None")
    inner = inner.removesuffix(" | None")
    return Field(name, _node_class(inner), form, inner == "str", optional, default)


def _node_class(name: str) -> type[Node] | None:
    found: object = getattr(nodes, name, None)
    return found if inspect.isclass(found) and issubclass(found, Node) else None


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


# Shorter than the class names, or as Python writes it.
_WORDS = {
    "Argument": "arg",
    "Attribute": ".",
    "AugmentedAssign": "assign-with",
    "ClassDef": "class",
    "ExpressionStatement": "do",
    "FunctionDef": "def",
    "ImportAlias": "alias",
    "OpCall": "op",
    "Parameter": "param",
    "Subscript": "index",
}

KINDS = MappingProxyType(
    {
        _WORDS.get(name, _kebab(name)): kind
        for name, kind in vars(nodes).items()
        if inspect.isclass(kind)
        and issubclass(kind, Node)
        and kind not in (Node, nodes.Expression, nodes.Statement)
    }
)
WORDS = MappingProxyType({kind: word for word, kind in KINDS.items()})
