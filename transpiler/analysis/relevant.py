"""Which functions of a program may have to do with tensors at all.

Much of a program never does: configurations, downloads, documentation. What uses neither the API
nor NumPy, nor calls anything that does, and is no method of a class that does, makes no tensor and
no layer, and gives none but what it is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...ir.nodes import (
    AnnotatedAssign,
    Assign,
    Attribute,
    Body,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Handler,
    If,
    Import,
    Module,
    Name,
    Node,
    OpCall,
    Reference,
    Return,
    Statement,
    Symbol,
    Try,
    With,
    children,
    walk,
)
from .annotations import JAXTYPING

Definition = FunctionDef | ClassDef
SIMPLE = (Assign, AnnotatedAssign, ExpressionStatement, Return)
"""Statements without others in them."""


def definitions(body: Body) -> Iterator[Definition]:
    """Functions and classes at the top of a module, those under `if`, `try` and `with` as well."""
    for s in body:
        match s:
            case FunctionDef() | ClassDef():
                yield s
            case If(then=then, otherwise=otherwise):
                yield from definitions(then)
                yield from definitions(otherwise)
            case Try(body=inner) | With(body=inner):
                yield from definitions(inner)
            case _:
                pass


def concerned(modules: Mapping[str, Module]) -> frozenset[int]:
    """The definitions that may have to do with tensors, methods by themselves, by identity."""
    search = _Search()
    for name, module in modules.items():
        search.module(name, module)
    return search.found()


@dataclass(slots=True)
class _Search:
    """Definitions by name, methods by theirs whatever the class; what each of them names; and
    methods that set attributes."""

    named: dict[tuple[str, str], list[Statement]] = field(default_factory=lambda: defaultdict(list))
    methods: dict[str, list[Statement]] = field(default_factory=lambda: defaultdict(list))
    names: list[tuple[Statement, frozenset[str], frozenset[tuple[str, str]]]] = field(
        default_factory=list[tuple[Statement, frozenset[str], frozenset[tuple[str, str]]]]
    )
    setters: list[tuple[Statement, ClassDef]] = field(
        default_factory=list[tuple[Statement, ClassDef]]
    )
    direct: list[Statement] = field(default_factory=list[Statement])
    classes: list[tuple[ClassDef, list[Statement]]] = field(
        default_factory=list[tuple[ClassDef, list[Statement]]]
    )

    # The names that modules have for NumPy and what is in it.
    arrays: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def module(self, name: str, module: Module) -> None:
        for node in _imports(module.body):
            self.arrays |= {(name, bound) for bound in _arrays(node)}
        for definition in definitions(module.body):
            self.named[name, definition.name].append(definition)
            if isinstance(definition, FunctionDef):
                self._definition(name, definition, (definition,))
                continue
            inner = [s for s in definition.body if isinstance(s, FunctionDef)]
            self.classes.append((definition, [*inner]))
            for method in inner:
                self.methods[method.name].append(method)
                self._definition(name, method, (method,), definition)
            rest = [s for s in definition.body if not isinstance(s, FunctionDef)]
            heads = [a.value for a in definition.bases]
            self._definition(name, definition, (*definition.decorators, *heads, *rest))

    def _definition(
        self, module: str, owner: Statement, parts: Iterable[Node], cls: ClassDef | None = None
    ) -> None:
        words: set[str] = set()
        known: set[tuple[str, str]] = set()
        sets = False
        for node in (n for part in parts for n in walk(part)):
            match node:
                case OpCall() | Symbol():
                    self.direct += (owner,) if cls is None else (owner, cls)
                    return
                case Reference(module=home, name=name):
                    known.add((home, name))
                case Name(id=name) if (module, name) in self.arrays:
                    self.direct += (owner,) if cls is None else (owner, cls)
                    return
                case Name(id=name):
                    known.add((module, name))
                case Attribute(attribute=name):
                    words.add(name)
                case FunctionDef(parameters=parameters):
                    if any(p.annotation and _tells_sizes(p.annotation) for p in parameters):
                        self.direct += (owner,) if cls is None else (owner, cls)
                        return
                case Assign(targets=targets):
                    sets = sets or any(isinstance(t, Attribute) for t in targets)
                case _:
                    pass
        # What a method puts into an attribute is there for all others.
        self.names.append((owner, frozenset(words - {"__init__"}), frozenset(known)))
        if cls is not None and sets:
            self.setters.append((owner, cls))

    def found(self) -> frozenset[int]:
        users: dict[int, list[Statement]] = defaultdict(list)
        for owner, words, known in self.names:
            used = [d for w in words for d in self.methods.get(w, ())]
            used += [d for k in known for d in self.named.get(k, ())]
            for definition in used:
                users[id(definition)].append(owner)
        for method, cls in self.setters:
            users[id(method)].append(cls)
        for cls, inner in self.classes:
            users[id(cls)] += inner
        found = {id(d) for d in self.direct}
        waiting = list(found)
        while waiting:
            for user in users.get(waiting.pop(), ()):
                if id(user) not in found:
                    found.add(id(user))
                    waiting.append(id(user))
        return frozenset(found)


def _imports(nodes: Iterable[Node]) -> Iterator[Import]:
    """Those of statements, wherever they are nested. Expressions are not looked at."""
    for node in nodes:
        if isinstance(node, Import):
            yield node
        elif not isinstance(node, SIMPLE):
            yield from _imports(c for c in children(node) if isinstance(c, (Statement, Handler)))


def _arrays(node: Import) -> Iterator[str]:
    for alias in node.names:
        dotted = node.module or alias.name
        if not node.level and dotted.partition(".")[0] == "numpy":
            yield alias.alias or (alias.name if node.module else "numpy")


def _tells_sizes(annotation: Expression) -> bool:
    """Whether the annotation may say that a parameter is a tensor."""
    for node in walk(annotation):
        match node:
            case Name(id=name) | Attribute(attribute=name) if name in JAXTYPING:
                return True
            case Constant(value=str() as text) if any(word in text for word in JAXTYPING):
                return True
            case _:
                pass
    return False
