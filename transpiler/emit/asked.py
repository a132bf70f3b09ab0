"""What modules import from each other."""

from __future__ import annotations

from collections.abc import Iterable

from ...ir.nodes import Import, Module, Name, Reference, walk
from .spelling import absolute_module, imported_names


def asked_names(modules: Iterable[Module]) -> frozenset[tuple[str, str]]:
    """What the modules import from others and use, by (module, name)."""
    found: set[tuple[str, str]] = set()
    for module in modules:
        facade = module.path.rpartition("/")[2] == "__init__.py"
        package = module.name if facade else module.name.rpartition(".")[0]
        imports: list[Import] = []
        used: set[str] = set()
        for node in walk(module):
            match node:
                case Import(module=str()):
                    imports.append(node)
                case Name(id=name) | Reference(name=name):
                    used.add(name)
                case _:
                    pass
        for node in imports:
            owner = absolute_module(node, package)
            for alias, bound, _ in imported_names(node, package):
                if bound in used or alias.name in used:
                    found.add((owner, alias.name))
    return frozenset(found)
