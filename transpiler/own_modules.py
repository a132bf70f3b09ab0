"""Which modules are the project's own, which use the API, and which are needed only in part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..ir.nodes import (
    Body,
    FunctionDef,
    If,
    Import,
    ImportAlias,
    Module,
    Name,
    OpCall,
    Pass,
    Reference,
    Statement,
    Symbol,
    Try,
    replace_node,
    walk,
)
from ..ir.span import Span
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


def needed_part(
    module: Module, package: str, wanted: Collection[str], modules: Collection[str]
) -> tuple[Module, list[Span]]:
    """An `__init__` of which only some names are needed, without the imports that lead to modules
    outside of the project and what uses them; and the spans of what was left out."""
    facade = _Facade(package, wanted, modules, {name.partition(".")[0] for name in modules})
    body = facade.body(module.body)
    return replace_node(module, body=body), facade.left_out


class _Facade:
    def __init__(
        self, package: str, wanted: Collection[str], modules: Collection[str], tops: set[str]
    ) -> None:
        self.package, self.wanted, self.modules, self.tops = package, wanted, modules, tops
        self.gone: set[str] = set()
        self.left_out: list[Span] = []

    def body(self, body: Body) -> Body:
        return tuple(kept for s in body if (kept := self._statement(s)) is not None)

    def _statement(self, node: Statement) -> Statement | None:
        match node:
            case Import():
                return self._import(node)
            case If():
                then, otherwise = self.body(node.then), self.body(node.otherwise)
                return replace_node(node, then=then or (Pass(),), otherwise=otherwise)
            case Try():
                return replace_node(node, body=self.body(node.body) or (Pass(),))
            case FunctionDef():
                return node
            case _:
                read = {n.id for n in walk(node) if isinstance(n, Name)}
                return self._without(node) if read & self.gone else node

    def _import(self, node: Import) -> Statement | None:
        kept: list[ImportAlias] = []
        for alias in node.names:
            if self._stays(node, alias):
                kept.append(alias)
            else:
                self.gone.add(alias.alias or alias.name.partition(".")[0])
        if len(kept) == len(node.names):
            return node
        return replace_node(node, names=tuple(kept)) if kept else self._without(node)

    def _stays(self, node: Import, alias: ImportAlias) -> bool:
        base = _absolute(node, self.package)
        target = alias.name if node.module is None and not node.level else base
        if target.partition(".")[0] not in self.tops:
            return True
        if node.module is None and not node.level:
            return alias.name in self.modules
        if alias.name == "*":
            return base in self.modules
        if f"{base}.{alias.name}" in self.modules:
            return True
        return (alias.alias or alias.name) in self.wanted and base in self.modules

    def _without(self, node: Statement) -> None:
        if node.span is not None:
            self.left_out.append(node.span)


def _absolute(node: Import, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - (node.level - 1)]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _parents(dotted: str) -> Iterator[str]:
    while "." in dotted:
        dotted = dotted.rpartition(".")[0]
        yield dotted
