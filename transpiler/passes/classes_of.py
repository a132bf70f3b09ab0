"""Classes of a project: those that extend one, who else reads a member, and names that none has."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from ...ir.nodes import Attribute, ClassDef, FunctionDef, Module, Name, Node, Reference, walk


@dataclass(frozen=True, slots=True)
class Project:
    """The classes of all modules, and the members that code reads of other objects than its own."""

    classes: tuple[ClassDef, ...]
    read: frozenset[str]

    @classmethod
    def of(cls, trees: Iterable[Module]) -> Project:
        classes, read = list[ClassDef](), set[str]()
        for tree in trees:
            classes += [s for s in tree.body if isinstance(s, ClassDef)]
            for node in walk(tree):
                if isinstance(node, Attribute) and not _is_self(node.value):
                    read.add(node.attribute)
        return cls(tuple(classes), frozenset(read))

    def heirs(self, node: ClassDef) -> Iterator[ClassDef]:
        """The classes that extend one, directly or not; taken by name, so rather too many."""
        names, seen = {node.name}, {id(node)}
        for _ in self.classes:
            found = [c for c in self.classes if id(c) not in seen and _bases(c) & names]
            if not found:
                return
            names |= {c.name for c in found}
            seen |= {id(c) for c in found}
            yield from found


def _is_self(code: Node) -> bool:
    return isinstance(code, Name) and code.id == "self"


def _bases(node: ClassDef) -> set[str]:
    found = [b.value for b in node.bases]
    named = {b.id for b in found if isinstance(b, Name)}
    return named | {b.name for b in found if isinstance(b, Reference)}


def defined_names(tree: Module) -> set[str]:
    """The classes and functions of a module."""
    return {s.name for s in tree.body if isinstance(s, ClassDef | FunctionDef)}


def unused_name(name: str, names: Container[str]) -> str:
    while name in names:
        name += "_"
    return name
