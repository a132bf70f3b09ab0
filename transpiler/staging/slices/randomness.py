"""Random generators in reach of the code that draws from them.

Rules write `rngs()` wherever the source draws random numbers. Here that name gets a definition: a
function takes a keyword parameter `rngs`, which all its callers in the project pass; a class takes
it in its constructor and keeps it for its methods. The need spreads along calls until nothing
changes, over all modules at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ....ir.names import undefined_names
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Lambda,
    Module,
    Name,
    Node,
    Parameter,
    Pass,
    Reference,
    Statement,
    Symbol,
    Unhandled,
    map_children,
    replace_node,
    walk,
)
from ....ir.nodes import children as children_of

RNGS = "rngs"
PARAMETER = Parameter(RNGS, "keyword_only", None, Symbol("flax.nnx.Rngs"))
HERE = Call(Symbol("flax.nnx.Rngs"), (Argument(Constant(0)),))
"""Where nobody passes a generator: at the top level of a module."""
PARTIAL = "functools.partial"
WITHOUT_SELF = frozenset({"staticmethod", "classmethod"})

Key = tuple[str, str]


@dataclass(slots=True, eq=False)
class _Class:
    """A class of the project: its statement, its bases in the project, and what it needs."""

    key: Key
    node: ClassDef
    bases: tuple[Key, ...]
    is_open: bool  # has a base that is not known, whose constructor must be called
    methods: dict[str, FunctionDef]
    constructor: bool = False  # the constructor takes `rngs`
    stores: bool = False  # its own methods read `self.rngs`


@dataclass(slots=True, eq=False)
class _Project:
    free: set[int]  # the reads of `rngs` that nothing defines, by identity
    functions: dict[Key, list[FunctionDef]] = field(default_factory=dict[Key, list[FunctionDef]])
    classes: dict[Key, _Class] = field(default_factory=dict[Key, _Class])
    renamed: dict[Key, Key] = field(default_factory=dict[Key, Key])
    needing: set[Key] = field(default_factory=set[Key])  # functions, "Class.method" without self

    def resolve(self, module: str, code: Expression) -> Key | None:
        """The definition that an expression names."""
        match code:
            case Reference(module=owner, name=name):
                key = (owner, name)
            case Name(id=name):
                key = (module, name)
            case _:
                return None
        key = self.renamed.get(key, key)
        return key if key in self.functions or key in self.classes else None


def thread_generators(
    trees: Mapping[str, Module], renamed: Mapping[Key, str]
) -> Callable[[str], Module]:
    """A function that gives the tree of a module with its generators; a tree without any is the
    same object. `renamed`: the new names of definitions."""
    free = {
        id(n) for t in trees.values() if _mentions(t) for n in undefined_names(t) if n.id == RNGS
    }
    if not free:
        return lambda name: trees[name]
    project = _Project(free)
    project.renamed = {(module, new): (module, old) for (module, old), new in renamed.items()}
    for module, tree in trees.items():
        for node in _definitions(tree.body):
            key = project.renamed.get((module, node.name), (module, node.name))
            if isinstance(node, FunctionDef):
                project.functions.setdefault(key, []).append(node)
            else:
                project.classes[key] = _class_of(project, module, key, node)
    for found in project.classes.values():
        found.bases = tuple(b for b in found.bases if b in project.classes)
    _spread(project)
    return lambda name: _rewritten(project, name, trees[name])


def _mentions(tree: Module) -> bool:
    return any(isinstance(n, Name) and n.id == RNGS for n in walk(tree))


def _definitions(body: Body) -> Iterator[FunctionDef | ClassDef]:
    """Those at the top level, also inside `if` and `try`."""
    for statement in body:
        if isinstance(statement, (FunctionDef, ClassDef)):
            yield statement
        else:
            for inner in children_of(statement):
                if isinstance(inner, Statement):
                    yield from _definitions((inner,))


def _class_of(project: _Project, module: str, key: Key, node: ClassDef) -> _Class:
    bases: list[Key] = []
    is_open = False
    for base in node.bases:
        match base.value:
            case Reference(module=owner, name=name):
                bases.append(project.renamed.get((owner, name), (owner, name)))
            case Name(id=name) if name != "object":
                bases.append(project.renamed.get((module, name), (module, name)))
            case Symbol(path="flax.nnx.Module"):
                pass
            case Attribute(attribute="ABC"):
                pass
            case _:
                is_open = is_open or base.keyword is None
    methods = {m.name: m for m in node.body if isinstance(m, FunctionDef)}
    found = _Class(key, node, tuple(bases), is_open, methods)
    init = methods.get("__init__")
    found.constructor = init is not None and _binds(init)
    return found


# ------------------------------------------------------------------------------------------- needs


def _spread(project: _Project) -> None:
    changed = True
    while changed:
        before = (
            len(project.needing),
            sum(c.constructor + c.stores for c in project.classes.values()),
        )
        for key, nodes in project.functions.items():
            if any(_needs(project, key[0], node, None) for node in nodes):
                project.needing.add(key)
        for found in project.classes.values():
            for name, method in found.methods.items():
                if not _needs(project, found.key[0], method, found):
                    continue
                if name == "__init__":
                    found.constructor = True
                elif _without_self(method):
                    project.needing.add(_method_key(found, name))
                else:
                    found.constructor = found.stores = True
            inherits = any(project.classes[b].constructor for b in found.bases)
            if inherits and (
                "__init__" not in found.methods or _calls_parent(found.methods["__init__"])
            ):
                found.constructor = True
        after = (
            len(project.needing),
            sum(c.constructor + c.stores for c in project.classes.values()),
        )
        changed = after != before


def _without_self(method: FunctionDef) -> bool:
    return any(isinstance(d, Name) and d.id in WITHOUT_SELF for d in method.decorators)


def _method_key(owner: _Class, name: str) -> Key:
    return owner.key[0], f"{owner.key[1]}.{name}"


def _calls_parent(init: FunctionDef) -> bool:
    return any(_is_parent_call(n) for n in walk(init))


def _is_parent_call(node: Node) -> bool:
    match node:
        case Call(function=Attribute(value=Call(function=Name(id="super")), attribute="__init__")):
            return True
        case _:
            return False


def _binds(node: FunctionDef | Lambda) -> bool:
    """Whether `rngs` is a parameter or a local variable."""
    if any(p.name == RNGS for p in node.parameters):
        return True
    if isinstance(node, Lambda):
        return False
    assigned = (t for n in walk(node) if isinstance(n, Assign) for t in n.targets)
    return any(isinstance(t, Name) and t.id == RNGS for t in assigned)


def _needs(project: _Project, module: str, node: FunctionDef, owner: _Class | None) -> bool:
    """Whether a function draws random numbers, or calls what does, and has no generator yet."""
    if _binds(node):
        return False
    rewriter = _Rewriter(project, module, owner, Name(RNGS), node)
    for statement in node.body:
        rewriter.visit(statement)
    return rewriter.used


# --------------------------------------------------------------------------------------- rewriting


@dataclass(slots=True, eq=False)
class _Rewriter:
    """Puts `generator` where code draws, and passes it where code calls what draws."""

    project: _Project
    module: str
    owner: _Class | None
    generator: Expression
    function: FunctionDef | None = None
    used: bool = False

    def visit(self, node: Node) -> Node:
        match node:
            case Unhandled():
                return node
            case FunctionDef():
                if _binds(node):
                    return node
                body = tuple(self._statement(s) for s in node.body)
                same = all(a is b for a, b in zip(body, node.body, strict=True))
                return node if same else replace_node(node, body=body)
            case Lambda() if _binds(node):
                return node
            case Parameter():
                return node
            case Name() if id(node) in self.project.free:
                self.used = True
                return node if isinstance(self.generator, Name) else self.generator
            case Call():
                return self._call(node)
            case Reference() if self._target(node) in self.project.needing:
                self.used = True
                return Call(Symbol(PARTIAL), (Argument(node), Argument(self.generator, RNGS)))
            case _:
                return map_children(node, self.visit)

    def _statement(self, statement: Statement) -> Statement:
        new = self.visit(statement)
        assert isinstance(new, Statement)
        return new

    def _target(self, code: Expression) -> Key | None:
        if isinstance(code, Attribute):
            return self._method(code)
        found = self.project.resolve(self.module, code)
        own = self.function.parameters if self.function is not None else ()
        hidden = isinstance(code, Name) and any(p.name == code.id for p in own)
        return None if hidden else found

    def _method(self, code: Attribute) -> Key | None:
        """A method that is called without an object, or whose object does not matter."""
        match code.value:
            case Name(id="self" | "cls") if self.owner is not None:
                owner: _Class | None = self.owner
            case value:
                key = self.project.resolve(self.module, value)
                owner = self.project.classes.get(key) if key is not None else None
        if owner is None or code.attribute not in owner.methods:
            return None
        return _method_key(owner, code.attribute)

    def _wants(self, callee: Expression) -> bool:
        key = self._target(callee)
        if key is None:
            return False
        found = self.project.classes.get(key)
        return found.constructor if found is not None else key in self.project.needing

    def _call(self, node: Call) -> Node:
        wants = self._wants(node.function)
        match node.function, node.arguments:
            case Symbol(path="functools.partial"), (first, *_):
                wants = self._wants(first.value)
            case _:
                wants = wants or (_is_parent_call(node) and self._parent_wants())
        passed = any(a.keyword == RNGS for a in node.arguments)
        arguments: list[Argument] = []
        for index, argument in enumerate(node.arguments):
            named = wants and index == 0 and isinstance(node.function, Symbol)
            new = argument if named else map_children(argument, self.visit)
            arguments.append(new)
        function = node.function
        if not wants:
            function = self.visit(function)
        elif not passed:
            self.used = True
            last = [a for a in arguments if a.star == "**"]
            arguments = [a for a in arguments if a.star != "**"]
            arguments += [Argument(self.generator, RNGS), *last]
        same = len(arguments) == len(node.arguments) and function is node.function
        if same and all(a is b for a, b in zip(arguments, node.arguments, strict=True)):
            return node
        return replace_node(node, function=function, arguments=tuple(arguments))

    def _parent_wants(self) -> bool:
        owner = self.owner
        return owner is not None and any(self.project.classes[b].constructor for b in owner.bases)


def _rewritten(project: _Project, module: str, tree: Module) -> Module:
    def visit(node: Node) -> Node:
        match node:
            case FunctionDef():
                return _function(project, module, node, None)
            case ClassDef():
                return _class(project, module, node)
            case Expression():
                return _Rewriter(project, module, None, HERE).visit(node)
            case _:
                return map_children(node, visit)

    result = map_children(tree, visit)
    return result


def _body(rewriter: _Rewriter, node: FunctionDef) -> tuple[Statement, ...]:
    new: list[Statement] = []
    for statement in node.body:
        changed = rewriter.visit(statement)
        assert isinstance(changed, Statement)
        new.append(changed)
    return tuple(new)


def _changed(
    node: FunctionDef, parameters: tuple[Parameter, ...], body: tuple[Statement, ...]
) -> FunctionDef:
    changes: dict[str, object] = {}
    if parameters is not node.parameters:
        changes["parameters"] = parameters
    if len(body) != len(node.body) or any(a is not b for a, b in zip(body, node.body, strict=True)):
        changes["body"] = body
    return replace_node(node, **changes) if changes else node


def _function(
    project: _Project, module: str, node: FunctionDef, owner: _Class | None
) -> FunctionDef:
    """A function, or a method without `self`."""
    key = (module, node.name) if owner is None else _method_key(owner, node.name)
    key = project.renamed.get(key, key)
    body = _body(_Rewriter(project, module, owner, Name(RNGS), node), node)
    needs = key in project.needing and not _binds(node)
    return _changed(node, _with_generator(node.parameters) if needs else node.parameters, body)


def _with_generator(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    last = tuple(p for p in parameters if p.kind == "kwargs")
    return (*(p for p in parameters if p.kind != "kwargs"), PARAMETER, *last)


# ----------------------------------------------------------------------------------------- classes


def _class(project: _Project, module: str, node: ClassDef) -> ClassDef:
    key = project.renamed.get((module, node.name), (module, node.name))
    owner = project.classes.get(key)
    if owner is None or owner.node is not node:
        return node
    is_module = _is_module(project, owner)
    kept = owner.stores and not any(_stores_already(project, b) for b in owner.bases)
    body: list[Statement] = []
    for member in node.body:
        match member:
            case FunctionDef(name="__init__"):
                parent_keeps = not kept and owner.stores and _calls_parent(member)
                store = owner.stores and not parent_keeps
                body.append(_constructor(project, module, owner, member, store, is_module))
            case FunctionDef() if _without_self(member):
                body.append(_function(project, module, member, owner))
            case FunctionDef():
                body.append(_method(project, module, owner, member))
            case _:
                rewriter = _Rewriter(project, module, owner, HERE)
                new = map_children(member, rewriter.visit)
                assert isinstance(new, Statement)
                body.append(new)
    if kept and "__init__" not in owner.methods:
        at = 1 if _is_docstring(body[:1]) else 0
        while at < len(body) and not isinstance(body[at], FunctionDef):
            at += 1
        body.insert(at, _new_constructor(project, owner, is_module))
    if all(a is b for a, b in zip(body, node.body, strict=False)) and len(body) == len(node.body):
        return node
    return replace_node(node, body=tuple(body))


def _is_docstring(body: list[Statement]) -> bool:
    match body:
        case [ExpressionStatement(value=Constant(value=str()))]:
            return True
        case _:
            return False


def _is_module(project: _Project, owner: _Class) -> bool:
    if any(
        isinstance(b.value, Symbol) and b.value.path == "flax.nnx.Module" for b in owner.node.bases
    ):
        return True
    return any(_is_module(project, project.classes[b]) for b in owner.bases)


def _stores_already(project: _Project, key: Key) -> bool:
    found = project.classes[key]
    return found.stores or any(_stores_already(project, b) for b in found.bases)


def _store(self_name: str, is_module: bool) -> Statement:
    """A module keeps a generator of its own: modules that share one are no tree."""
    value: Expression = Name(RNGS)
    if is_module:
        value = Call(Attribute(value, "fork"), ())
    return Assign((Attribute(Name(self_name), RNGS),), value)


def _constructor(
    project: _Project, module: str, owner: _Class, node: FunctionDef, store: bool, is_module: bool
) -> FunctionDef:
    body = list(_body(_Rewriter(project, module, owner, Name(RNGS), node), node))
    if store:
        body = [s for s in body if not isinstance(s, Pass)]
        at = 1 if _is_docstring(body[:1]) else 0
        body.insert(at, _store(node.parameters[0].name, is_module))
    takes = owner.constructor and not _binds(node)
    return _changed(
        node, _with_generator(node.parameters) if takes else node.parameters, tuple(body)
    )


def _new_constructor(project: _Project, owner: _Class, is_module: bool) -> FunctionDef:
    own = Parameter("self")
    store = _store("self", is_module)
    parents = [project.classes[b] for b in owner.bases]
    if not owner.is_open and not any(_has_constructor(project, p) for p in parents):
        return FunctionDef("__init__", (own, PARAMETER), (store,))
    passed = [Argument(Name("args"), star="*")]
    if any(p.constructor for p in parents):
        passed.append(Argument(Name(RNGS), RNGS))
    passed.append(Argument(Name("kwargs"), star="**"))
    parent = Call(Attribute(Call(Name("super"), ()), "__init__"), tuple(passed))
    parameters = (own, Parameter("args", "varargs"), PARAMETER, Parameter("kwargs", "kwargs"))
    return FunctionDef("__init__", parameters, (ExpressionStatement(parent), store))


def _has_constructor(project: _Project, owner: _Class) -> bool:
    bases = (project.classes[b] for b in owner.bases)
    return (
        owner.is_open
        or "__init__" in owner.methods
        or any(_has_constructor(project, b) for b in bases)
    )


def _method(project: _Project, module: str, owner: _Class, node: FunctionDef) -> FunctionDef:
    """A method with `self` reads the generator of its object, unless it is given one."""
    if not node.parameters:
        return node
    own = Attribute(Name(node.parameters[0].name), RNGS)
    generator: Expression = Name(RNGS) if _binds(node) else own
    return _changed(
        node, node.parameters, _body(_Rewriter(project, module, owner, generator, node), node)
    )
