"""The classes of a project that are no layers or models, and which method of them a call means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ....ir.nodes import (
    Assign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    Name,
    Node,
    Reference,
    Statement,
    Symbol,
    walk,
)
from ..project import ModuleInput

Key = tuple[str, str]
_KINDS = frozenset({"staticmethod", "classmethod"})


@dataclass(frozen=True, slots=True)
class Owner:
    """An ordinary class of the project."""

    module: str
    node: ClassDef
    methods: Mapping[str, FunctionDef]
    bases: tuple[Key, ...]

    @property
    def key(self) -> Key:
        return self.module, self.node.name


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known where a call stands: variables that hold objects of a class (`exact`: of none
    below it), and attributes of objects that do."""

    classes: OrdinaryClasses
    owner: Owner | None = None
    variables: Mapping[str, tuple[Owner, bool]] = field(
        default_factory=dict[str, tuple[Owner, bool]]
    )
    fields: Mapping[str, Owner] = field(default_factory=dict[str, Owner])
    own: str | None = None

    def entered(self, node: Node) -> Scope:
        """The scope inside of a node."""
        match node:
            case FunctionDef():
                own = own_name(node) if self.owner is not None and self.own is None else None
                known = {**self.variables, **self.classes.instances(node)}
                if own is not None and self.owner is not None and method_kind(node) == "method":
                    known[own] = self.owner, False
                return replace(self, variables=known, own=self.own or own)
            case _:
                return self


class OrdinaryClasses:
    """All such classes of a project."""

    def __init__(self, owners: Mapping[Key, Owner]) -> None:
        self.owners = owners
        self._overridden = {
            (*above, name)
            for owner in owners.values()
            for above in self._above(owner)
            for name in owner.methods
        }

    @classmethod
    def of(
        cls, modules: Mapping[str, ModuleInput], is_built: Callable[[ClassDef, str], bool]
    ) -> OrdinaryClasses:
        owners: dict[Key, Owner] = {}
        for name, module in modules.items():
            for statement in module.tree.body:
                if not isinstance(statement, ClassDef) or is_built(statement, name):
                    continue
                values = [b.value for b in statement.bases]
                if any(isinstance(v, Symbol) for v in values):
                    continue
                bases = tuple((v.module, v.name) for v in values if isinstance(v, Reference))
                methods = {m.name: m for m in statement.body if isinstance(m, FunctionDef)}
                owners[name, statement.name] = Owner(name, statement, methods, bases)
        return cls(owners)

    def _above(self, owner: Owner) -> Iterator[Key]:
        seen: set[Key] = set()
        waiting = [*owner.bases]
        while waiting:
            key = waiting.pop()
            if key not in seen:
                seen.add(key)
                yield key
                waiting += self.owners[key].bases if key in self.owners else ()

    def method(self, owner: Owner, name: str, *, exact: bool) -> FunctionDef | None:
        """The method that `object.name` is; None where a class below may have another."""
        for key in (owner.key, *self._above(owner)):
            above = self.owners.get(key)
            if above is not None and name in above.methods:
                overridden = not exact and (*owner.key, name) in self._overridden
                return None if overridden else above.methods[name]
        return None

    # -- attributes

    def readers(self, owner: Owner, attributes: Collection[str]) -> set[int]:
        """The methods of a class, and of those above and below it, that read one of these."""
        family = [o for o in self.owners.values() if self._is_related(o, owner)]
        return {
            id(method)
            for each in family
            for method in each.methods.values()
            for name in self.attributes_read(method)
            if name in attributes
        }

    def attributes_read(self, method: FunctionDef) -> set[str]:
        """The attributes that a method reads of its object."""
        return _attributes(method, own_name(method), written=False)

    def is_set_elsewhere(self, owner: Owner, attribute: str, method: FunctionDef) -> bool:
        """Whether another method of the class, or of those around it, sets an attribute."""
        return any(
            attribute in _attributes(other, own_name(other), written=True)
            for each in self.owners.values()
            if self._is_related(each, owner)
            for other in each.methods.values()
            if other is not method
        )

    def _is_related(self, one: Owner, other: Owner) -> bool:
        return one is other or one.key in self._above(other) or other.key in self._above(one)

    def chosen_by_class(self, wanted: Collection[int]) -> set[int]:
        """The methods among `wanted` that call one which a class below may replace, and all that
        are called so."""
        found: set[int] = set()
        for owner in self.owners.values():
            for node in owner.methods.values():
                for name in _called_names(node):
                    if self.method(owner, name, exact=False) is not None:
                        continue
                    others = [
                        id(each.methods[name])
                        for each in self.owners.values()
                        if name in each.methods and self._is_related(each, owner)
                    ]
                    if any(other in wanted for other in others):
                        found |= {id(node), *others}
        return found & {*wanted}

    # -- scopes

    def at(self, module: str, statement: Statement) -> Scope:
        """The scope of a statement at the top level of a module."""
        owner = self.owners.get((module, getattr(statement, "name", "")))
        if not isinstance(statement, ClassDef):
            return Scope(self, variables=self.instances(statement))
        return Scope(self, owner, fields=self._fields(statement))

    def inside(self, owner: Owner, node: FunctionDef) -> Scope:
        """The scope around a method of a class."""
        return self.at(owner.module, owner.node) if node in owner.node.body else Scope(self, owner)

    def called(self, value: Expression, name: str, scope: Scope) -> FunctionDef | None:
        """The method that `value.name(...)` calls, as far as that is known."""
        match value:
            case Reference() | Call(function=Reference()):
                owner = self._made(value)
                return self.method(owner, name, exact=True) if owner is not None else None
            case Name(id=variable) if variable in scope.variables:
                owner, exact = scope.variables[variable]
                return self.method(owner, name, exact=exact)
            case Attribute(value=Name(id=variable), attribute=attribute) if variable == scope.own:
                owner = scope.fields.get(attribute)
                return self.method(owner, name, exact=True) if owner is not None else None
            case _:
                return None

    def own_calls(self, owner: Owner, node: FunctionDef) -> Iterator[tuple[Attribute, FunctionDef]]:
        """The methods that a method calls of its own object or class."""
        own = own_name(node)
        for inner in walk(node):
            match inner:
                case Call(function=Attribute(value=value, attribute=name) as function):
                    exact = isinstance(value, Reference)
                    mine = isinstance(value, Name) and value.id == own
                    if mine or (exact and (value.module, value.name) == owner.key):
                        found = self.method(owner, name, exact=exact)
                        if found is not None:
                            yield function, found
                case _:
                    pass

    def instances(self, node: Node) -> dict[str, tuple[Owner, bool]]:
        """Variables that are assigned once, an object of a class."""
        found: dict[str, tuple[Owner, bool]] = {}
        counts: dict[str, int] = {}
        for inner in walk(node):
            match inner:
                case Assign(targets=targets, value=Call() as value):
                    for name in (n for t in targets for n in walk(t) if isinstance(n, Name)):
                        counts[name.id] = counts.get(name.id, 0) + 1
                    owner = self._made(value)
                    if owner is not None and len(targets) == 1 and isinstance(targets[0], Name):
                        found[targets[0].id] = owner, True
                case Assign(targets=targets):
                    for name in (n for t in targets for n in walk(t) if isinstance(n, Name)):
                        counts[name.id] = counts.get(name.id, 0) + 1
                case _:
                    pass
        return {n: o for n, o in found.items() if counts[n] == 1}

    def _fields(self, node: ClassDef) -> dict[str, Owner]:
        """Attributes of the class's objects that are only ever an object of one class."""
        made: dict[str, list[Owner | None]] = {}
        for inner in walk(node):
            match inner:
                case Assign(targets=(Attribute(value=Name(), attribute=name),), value=value):
                    owner = self._made(value) if isinstance(value, Call) else None
                    made.setdefault(name, []).append(owner)
                case _:
                    pass
        return {n: f[0] for n, f in made.items() if len(f) == 1 and f[0] is not None}

    def _made(self, value: Expression) -> Owner | None:
        match value:
            case Call(function=Reference(module=module, name=name)):
                return self.owners.get((module, name))
            case Reference(module=module, name=name):
                return self.owners.get((module, name))
            case _:
                return None


def _called_names(method: FunctionDef) -> Iterator[str]:
    """The methods that a method calls of its own object, by name."""
    own = own_name(method)
    for node in walk(method):
        match node:
            case Call(function=Attribute(value=Name(id=name), attribute=called)) if name == own:
                yield called
            case _:
                pass


def _attributes(method: FunctionDef, own: str | None, *, written: bool) -> set[str]:
    """The attributes of its object that a method sets, or those that it reads."""
    targets = {
        id(n)
        for statement in walk(method)
        if isinstance(statement, Assign)
        for target in statement.targets
        for n in ([target] if isinstance(target, Attribute) else walk(target))
    }
    return {
        n.attribute
        for n in walk(method)
        if isinstance(n, Attribute)
        and isinstance(n.value, Name)
        and n.value.id == own
        and (id(n) in targets) is written
    }


def method_kind(node: FunctionDef) -> str | None:
    """ "method", "staticmethod" or "classmethod"; None for what is decorated otherwise."""
    names = [d.id for d in node.decorators if isinstance(d, Name)]
    if not node.decorators:
        return "method" if node.parameters else None
    return names[0] if len(node.decorators) == 1 and names and names[0] in _KINDS else None


def own_name(node: FunctionDef) -> str | None:
    """What a method calls its object or class; None in a static one."""
    is_static = method_kind(node) == "staticmethod"
    return None if is_static or not node.parameters else node.parameters[0].name


def is_property(node: FunctionDef) -> bool:
    """Whether reading it as an attribute calls it."""
    return any(isinstance(d, Name) and d.id == "property" for d in node.decorators)
