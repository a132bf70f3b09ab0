"""Which calls change the state of a module: those must be handed the module by `nnx.cond` and the
like, for state cannot be changed from inside a function that JAX traces on its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...ir.nodes import (
    Assign,
    Attribute,
    Body,
    Call,
    ClassDef,
    Expression,
    For,
    FunctionDef,
    Generator,
    Module,
    Name,
    Node,
    Reference,
    Statement,
    Subscript,
    Symbol,
    children,
    walk,
)
from .liveness import set_cell

PURE_MODULES = frozenset(
    f"flax.nnx.{name}"
    for name in (
        *("Linear", "LinearGeneral", "Einsum", "Conv", "ConvTranspose", "Embed", "LoRA"),
        *("LayerNorm", "RMSNorm", "GroupNorm", "InstanceNorm", "PReLU"),
        *("List", "Dict", "Param", "Variable", "Rngs", "initializers"),
    )
)
_MODULES = ("flax.nnx.", "tf_compat.")
RNGS = "rngs"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Effects:
    """`classes` and `functions`: the definitions of the project, by module and name."""

    classes: Mapping[Key, ClassDef]
    functions: Mapping[Key, FunctionDef]
    memo: dict[int, bool] = field(default_factory=dict[int, bool])

    @staticmethod
    def of(trees: Mapping[str, Module]) -> Effects:
        classes: dict[Key, ClassDef] = {}
        functions: dict[Key, FunctionDef] = {}
        for module, tree in trees.items():
            for node in _definitions(tree.body):
                if isinstance(node, ClassDef):
                    classes[module, node.name] = node
                else:
                    functions[module, node.name] = node
        return Effects(classes, functions)

    def changed_objects(
        self, body: Iterable[Node], module: str, owner: ClassDef | None, self_name: str | None
    ) -> set[str]:
        """The names of the objects whose state code changes, other than by setting a variable of
        theirs directly."""
        found: set[str] = set()
        generator = self_name or RNGS
        for root in body:
            for node in walk(root):
                match node:
                    case Name(id=name) if name == RNGS:
                        found.add(generator)
                    case Attribute(value=Name(id=name), attribute=attribute) if (
                        attribute == RNGS and name == self_name
                    ):
                        found.add(generator)
                    case Call(function=function):
                        if self._draws(function, module):
                            found.add(generator)
                        if self_name is not None and self._changes(
                            function, module, owner, self_name
                        ):
                            found.add(self_name)
                    case For(iterable=iterable) | Generator(iterable=iterable):
                        if self_name is not None and self._runs_through(
                            iterable, module, owner, self_name
                        ):
                            found.add(self_name)
                    case _:
                        pass
        return found

    # -- calls

    def _draws(self, function: Expression, module: str) -> bool:
        """A function of the project that draws random numbers: it is about to get a generator."""
        match function:
            case Reference(module=owner, name=name) if (owner, name) in self.functions:
                found = self.functions[owner, name]
            case Name(id=name) if (module, name) in self.functions:
                found, owner = self.functions[module, name], module
            case _:
                return False
        known = self.memo.get(id(found))
        if known is None:
            self.memo[id(found)] = False
            known = bool(self.changed_objects(found.body, owner, None, None) & {RNGS})
            self.memo[id(found)] = known
        return known

    def _changes(
        self, function: Expression, module: str, owner: ClassDef | None, self_name: str
    ) -> bool:
        """`self(...)`, `self.method(...)`, `self.layer(...)`, `self.layers[i](...)`."""
        match function:
            case Name(id=name):
                attribute = "__call__" if name == self_name else None
            case Attribute(value=Name(id=name), attribute=attribute) if name == self_name:
                pass
            case Attribute(value=inner) | Subscript(value=inner):
                if isinstance(function, Attribute) and function.attribute == "set_value":
                    return isinstance(inner, Subscript) and _root(inner) == self_name
                return self._changes(inner, module, owner, self_name)
            case _:
                return False
        if attribute is None:
            return False
        if owner is None:
            return True
        method = self._method(module, owner, attribute)
        if method is not None:
            return self._method_changes(method, module, owner)
        return self._attribute_changes(module, owner, attribute)

    def _runs_through(
        self, iterable: Expression, module: str, owner: ClassDef | None, self_name: str
    ) -> bool:
        """A loop over modules that `self` holds, which are called in it."""
        return any(
            isinstance(n, Attribute)
            and isinstance(n.value, Name)
            and n.value.id == self_name
            and (owner is None or self._attribute_changes(module, owner, n.attribute))
            for n in walk(iterable)
        )

    def _method(self, module: str, owner: ClassDef, name: str) -> FunctionDef | None:
        for current in self._lineage(module, owner):
            for member in current.body:
                if isinstance(member, FunctionDef) and member.name == name:
                    return member
        return None

    def _lineage(self, module: str, owner: ClassDef) -> Iterator[ClassDef]:
        yield owner
        for base in owner.bases:
            key = _key(base.value, module)
            if key in self.classes and self.classes[key] is not owner:
                yield from self._lineage(key[0], self.classes[key])

    def _method_changes(self, method: FunctionDef, module: str, owner: ClassDef) -> bool:
        known = self.memo.get(id(method))
        if known is None:
            self.memo[id(method)] = False
            name = method.parameters[0].name if method.parameters else "self"
            known = any(isinstance(n, Statement) and set_cell(n) is not None for n in walk(method))
            known = known or name in self.changed_objects(method.body, module, owner, name)
            self.memo[id(method)] = known
        return known

    def _attribute_changes(self, module: str, owner: ClassDef, name: str) -> bool:
        """Whether calling what an attribute holds may change its state, by how it is made."""
        made = [
            value
            for current in self._lineage(module, owner)
            for value in _assigned_to(current, name)
        ]
        return not made or any(self._made_changes(value, module) for value in made)

    def _made_changes(self, value: Expression, module: str) -> bool:
        found = False
        for node in walk(value):
            match node:
                case Call(function=Symbol(path=path)) if path.startswith(_MODULES):
                    pure = path in PURE_MODULES or path.startswith("flax.nnx.initializers")
                    found = found or not pure
                case Call(function=Name() | Reference() as function):
                    key = _key(function, module)
                    owner = self.classes.get(key)
                    if owner is None:
                        found = found or not _is_plain(function)
                        continue
                    method = self._method(key[0], owner, "__call__")
                    found = found or method is None or self._method_changes(method, key[0], owner)
                case Name(id=name) if value is node and name != "None":
                    found = True  # a module that somebody else has made
                case _:
                    pass
        return found


def _is_plain(function: Expression) -> bool:
    return isinstance(function, Name) and function.id in ("range", "len", "int", "float", "list")


def _root(code: Expression) -> str | None:
    while isinstance(code, (Attribute, Subscript)):
        code = code.value
    return code.id if isinstance(code, Name) else None


def _key(code: Expression, module: str) -> Key:
    match code:
        case Reference(module=owner, name=name):
            return owner, name
        case Name(id=name):
            return module, name
        case _:
            return module, ""


def _assigned_to(owner: ClassDef, name: str) -> Iterator[Expression]:
    for node in walk(owner):
        match node:
            case Assign(targets=targets, value=value) if any(
                isinstance(t, Attribute) and t.attribute == name for t in targets
            ):
                yield value
            case Call(
                function=Attribute(value=Attribute(attribute=attribute), attribute="append"),
                arguments=(argument,),
            ) if attribute == name:
                yield argument.value
            case _:
                pass


def _definitions(body: Body) -> Iterator[FunctionDef | ClassDef]:
    for statement in body:
        if isinstance(statement, (FunctionDef, ClassDef)):
            yield statement
        else:
            inner = tuple(c for c in children(statement) if isinstance(c, Statement))
            yield from _definitions(inner)
