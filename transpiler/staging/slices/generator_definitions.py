"""Functions take a generator, classes keep one."""

from __future__ import annotations

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Module,
    Name,
    Node,
    Parameter,
    Pass,
    Statement,
    Symbol,
    map_children,
    replace_node,
)
from .generator_calls import CallRewriter
from .generator_scope import (
    RNGS,
    ClassScope,
    Key,
    ProjectScope,
    binds,
    calls_parent,
    method_key,
    without_self,
)

PARAMETER = Parameter(RNGS, "keyword_only", None, Symbol("flax.nnx.Rngs"))


HERE = Call(Symbol("flax.nnx.Rngs"), (Argument(Constant(0)),))


def with_generators(project: ProjectScope, module: str, tree: Module) -> Module:
    def visit(node: Node) -> Node:
        match node:
            case FunctionDef():
                return _function(project, module, node, None)
            case ClassDef():
                return _class(project, module, node)
            case Expression():
                return CallRewriter(project, module, None, HERE).visit(node)
            case _:
                return map_children(node, visit)

    result = map_children(tree, visit)
    return result


def _body(rewriter: CallRewriter, node: FunctionDef) -> tuple[Statement, ...]:
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
    project: ProjectScope, module: str, node: FunctionDef, owner: ClassScope | None
) -> FunctionDef:
    """A function, or a method without `self`."""
    key = (module, node.name) if owner is None else method_key(owner, node.name)
    key = project.renamed.get(key, key)
    body = _body(CallRewriter(project, module, owner, Name(RNGS), node), node)
    needs = key in project.needing and not binds(node)
    return _changed(node, _with_generator(node.parameters) if needs else node.parameters, body)


def _with_generator(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    last = tuple(p for p in parameters if p.kind == "kwargs")
    return (*(p for p in parameters if p.kind != "kwargs"), PARAMETER, *last)


def _class(project: ProjectScope, module: str, node: ClassDef) -> ClassDef:
    key = project.renamed.get((module, node.name), (module, node.name))
    owner = project.classes.get(key)
    if owner is None or owner.node is not node:
        return node
    is_module = _is_module(project, owner)
    kept = owner.stores and not any(keeps_generator(project, b) for b in owner.bases)
    body: list[Statement] = []
    for member in node.body:
        match member:
            case FunctionDef(name="__init__"):
                parent_keeps = not kept and owner.stores and calls_parent(member)
                store = owner.stores and not parent_keeps
                body.append(_constructor(project, module, owner, member, store, is_module))
            case FunctionDef() if without_self(member):
                body.append(_function(project, module, member, owner))
            case FunctionDef():
                body.append(_method(project, module, owner, member))
            case _:
                rewriter = CallRewriter(project, module, owner, HERE)
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


def _is_module(project: ProjectScope, owner: ClassScope) -> bool:
    if any(
        isinstance(b.value, Symbol) and b.value.path == "flax.nnx.Module" for b in owner.node.bases
    ):
        return True
    return any(_is_module(project, project.classes[b]) for b in owner.bases)


def keeps_generator(project: ProjectScope, key: Key) -> bool:
    """Whether the constructor of a class keeps a generator, itself or by that of its parent."""
    found = project.classes[key]
    own = found.methods.get("__init__")
    if found.stores or (own is not None and not calls_parent(own)):
        return found.stores
    return any(keeps_generator(project, b) for b in found.bases)


def _store(self_name: str, is_module: bool) -> Statement:
    """A module keeps a generator of its own: modules that share one are no tree."""
    value: Expression = Name(RNGS)
    if is_module:
        value = Call(Attribute(value, "fork"), ())
    return Assign((Attribute(Name(self_name), RNGS),), value)


def _constructor(
    project: ProjectScope,
    module: str,
    owner: ClassScope,
    node: FunctionDef,
    store: bool,
    is_module: bool,
) -> FunctionDef:
    body = list(_body(CallRewriter(project, module, owner, Name(RNGS), node), node))
    if store:
        body = [s for s in body if not isinstance(s, Pass)]
        at = 1 if _is_docstring(body[:1]) else 0
        body.insert(at, _store(node.parameters[0].name, is_module))
    takes = owner.constructor and not binds(node)
    return _changed(
        node, _with_generator(node.parameters) if takes else node.parameters, tuple(body)
    )


def _new_constructor(project: ProjectScope, owner: ClassScope, is_module: bool) -> FunctionDef:
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


def _has_constructor(project: ProjectScope, owner: ClassScope) -> bool:
    bases = (project.classes[b] for b in owner.bases)
    return (
        owner.is_open
        or "__init__" in owner.methods
        or any(_has_constructor(project, b) for b in bases)
    )


def _method(
    project: ProjectScope, module: str, owner: ClassScope, node: FunctionDef
) -> FunctionDef:
    """A method with `self` reads the generator of its object, unless it is given one."""
    if not node.parameters:
        return node
    own = Attribute(Name(node.parameters[0].name), RNGS)
    generator: Expression = Name(RNGS) if binds(node) else own
    return _changed(
        node, node.parameters, _body(CallRewriter(project, module, owner, generator, node), node)
    )
