"""Classes of a module: those that extend one, and names that none has."""

from __future__ import annotations

from collections.abc import Container

from ...ir.nodes import ClassDef, Module, Name, Reference


def heirs_of(tree: Module, node: ClassDef) -> list[ClassDef]:
    """The classes of the module that extend a class, directly or not."""
    names, found = {node.name}, list[ClassDef]()
    for statement in tree.body:
        if not isinstance(statement, ClassDef):
            continue
        bases = [b.value for b in statement.bases]
        named = {b.id for b in bases if isinstance(b, Name)}
        named |= {b.name for b in bases if isinstance(b, Reference)}
        if named & names:
            names.add(statement.name)
            found.append(statement)
    return found


def unused_name(name: str, names: Container[str]) -> str:
    while name in names:
        name += "_"
    return name
