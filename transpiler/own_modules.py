"""Which modules are the project's own, and which use the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..ir.nodes import Module, OpCall, Reference, Symbol, walk
from ..rules.api import Flavour, Signature
from .frontend import Api

ROOTS = frozenset({"tensorflow", "keras", "tf_keras"})


def own_modules(modules: Iterable[str]) -> frozenset[str]:
    """The modules of TensorFlow or Keras that are compiled themselves."""
    return frozenset(name for name in modules if name.partition(".")[0] in ROOTS)


def project_api(api: Api, modules: Iterable[str]) -> Api:
    """The API as the project sees it: modules that are compiled are code, not API."""
    own = own_modules(modules)
    if not own:
        return api
    packages = {p for name in own for p in _parents(name) if "." in p}
    return _WithoutOwn(api, own, frozenset(packages))


@dataclass(frozen=True, slots=True)
class _WithoutOwn:
    """`packages`: those that hold modules of the project; their other modules stay API."""

    api: Api
    own: frozenset[str]
    packages: frozenset[str]

    def canonical(self, dotted_path: str, /) -> str | None:
        if dotted_path in self.own or dotted_path in self.packages:
            return None
        if any(parent in self.own for parent in _parents(dotted_path)):
            return None
        return self.api.canonical(dotted_path)

    def is_module(self, dotted: str, /) -> bool:
        return self.api.is_module(dotted)

    def flavours(self, canonical: str, /) -> tuple[Flavour, ...]:
        return self.api.flavours(canonical)

    def signature(self, canonical: str, flavour: Flavour | None = None, /) -> Signature | None:
        return self.api.signature(canonical, flavour)


def concerned_modules(modules: Mapping[str, Module]) -> frozenset[str]:
    """Those that use the API, and those that use something of them: the others stay as they are."""
    users: dict[str, list[str]] = {}
    concerned: list[str] = []
    for name, module in modules.items():
        owners = {name}
        if _uses_api(module, owners):
            concerned.append(name)
        for owner in owners:
            users.setdefault(owner, []).append(name)
    found: set[str] = set()
    while concerned:
        name = concerned.pop()
        if name not in found:
            found.add(name)
            concerned.extend(users.get(name, ()))
    return frozenset(found)


def _uses_api(module: Module, owners: set[str]) -> bool:
    """Also collects the modules of the project definitions that are used."""
    uses = False
    for node in walk(module):
        if isinstance(node, Reference):
            owners.add(node.module)
        elif isinstance(node, Symbol | OpCall):
            uses = True
    return uses


def _parents(dotted: str) -> Iterator[str]:
    while "." in dotted:
        dotted = dotted.rpartition(".")[0]
        yield dotted
