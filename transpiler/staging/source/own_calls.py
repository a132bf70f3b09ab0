"""Layers with a `__call__` of their own beside `call`.

    def __call__(self, x, scale=1.0):            def call(self, x, scale=1.0, training=None):
        return super().__call__(x * scale)           return self._call(x * scale, training=training)

    def call(self, x, training=None):            def _call(self, x, training=None):
        ...                                          ...

In Keras `__call__` of the base builds the layer and runs `call`, with the mode and the mask that it
was itself called with. In Flax the one method is `__call__`, so the other gets a name of its own. A
`__call__` that only hands everything on goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ....ir.names import bound_names
from ....ir.nodes import (
    Argument,
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
    Reference,
    Return,
    Statement,
    map_children,
    replace_node,
    walk,
)
from ..project import Finding, ModuleInput

Key = tuple[str, str]
ENTRY = "__call__"
INNER = "_call"
HANDED_ON = ("training", "mask")
"""What Keras hands on to `call` where it is not passed."""


def with_one_call(
    modules: Mapping[str, ModuleInput], is_layer: Callable[[ClassDef, str], bool]
) -> tuple[Mapping[str, ModuleInput], list[Finding]]:
    """All modules; those without such a class are the same objects. `is_layer`: whether the base
    of a class, of a module, has a `__call__` that runs `call`."""
    classes: dict[Key, ClassDef] = {
        (name, s.name): s
        for name, module in modules.items()
        for s in module.tree.body
        if isinstance(s, ClassDef)
    }
    found = _Classes(classes, is_layer)
    return {name: found.module(name, module) for name, module in modules.items()}, found.findings


@dataclass(slots=True)
class _Classes:
    """The classes of a project, and those whose `call` has become `_call`."""

    classes: Mapping[Key, ClassDef]
    is_layer: Callable[[ClassDef, str], bool]
    findings: list[Finding] = field(default_factory=list[Finding])
    _inner: dict[Key, bool] = field(default_factory=dict[Key, bool])

    def module(self, name: str, module: ModuleInput) -> ModuleInput:
        body = tuple(
            self._class((name, s.name), s) if isinstance(s, ClassDef) else s
            for s in module.tree.body
        )
        if all(a is b for a, b in zip(body, module.tree.body, strict=True)):
            return module
        tree = replace_node(module.tree, body=body)
        assert isinstance(tree, Module)
        return replace(module, tree=tree)

    def _class(self, key: Key, node: ClassDef) -> ClassDef:
        if not self._is_concerned(key, node):
            return node
        methods = _methods(node)
        entry, call = methods.get(ENTRY), methods.get("call")
        if entry is not None and call is not None and _hands_on(entry):
            return replace_node(node, body=tuple(s for s in node.body if s is not entry))
        inner = self._has_inner(key)
        parent_inner = any(self._has_inner(parent) for parent in self._parents(key))
        if entry is not None and "build" in methods and _passes_another(entry):
            message = f"`build` of `{node.name}` gets the shape of what its `__call__` passes on"
            hint = "make the layers in `__init__`, or change the input in `call`"
            self.findings.append(Finding(key[0], "TJ5006", message, methods["build"].span, hint))
        # With no `call` of its own, the class runs that of its parent.
        run = INNER if inner or parent_inner else "call"
        body: list[Statement] = []
        for statement in node.body:
            if not isinstance(statement, FunctionDef):
                body.append(statement)
                continue
            method = statement
            if method is call and inner:
                method = replace_node(method, name=INNER)
            elif method is entry:
                method = _with_given(_without_idle_kwargs(method, call), call)
                method = replace_node(method, name="call")
            body.append(_calls(method, entry is not None, run, inner, parent_inner))
        return replace_node(node, body=tuple(body))

    def _is_concerned(self, key: Key, node: ClassDef) -> bool:
        if not self.is_layer(node, key[0]):
            return False
        methods = _methods(node)
        if ENTRY not in methods:
            return self._has_inner(key)
        return "call" in methods or any(self._runs_call(p) for p in self._parents(key))

    def _has_inner(self, key: Key) -> bool:
        """Whether the `call` of the class is run by a `__call__` of the project."""
        if key not in self._inner:
            self._inner[key] = False  # while it is sought
            node = self.classes[key]
            methods = _methods(node)
            own = ENTRY in methods and "call" in methods and not _hands_on(methods[ENTRY])
            given = "call" in methods and any(self._has_entry(p) for p in self._parents(key))
            self._inner[key] = self.is_layer(node, key[0]) and (own or given)
        return self._inner[key]

    def _has_entry(self, key: Key) -> bool:
        methods = _methods(self.classes[key])
        if ENTRY in methods and "call" in methods:
            return not _hands_on(methods[ENTRY])
        return any(self._has_entry(p) for p in self._parents(key))

    def _runs_call(self, key: Key) -> bool:
        return "call" in _methods(self.classes[key]) or any(
            map(self._runs_call, self._parents(key))
        )

    def _parents(self, key: Key) -> list[Key]:
        bases = (b.value for b in self.classes[key].bases)
        keys = [(b.module, b.name) for b in bases if isinstance(b, Reference)]
        return [k for k in keys if k in self.classes and k != key]


def _methods(node: ClassDef) -> dict[str, FunctionDef]:
    return {s.name: s for s in node.body if isinstance(s, FunctionDef)}


def _hands_on(entry: FunctionDef) -> bool:
    """Whether a `__call__` only calls that of the base, with all that it gets."""
    body = [s for s in entry.body if not _is_docstring(s)]
    match body:
        case [Return(value=Call(function=Attribute(attribute="__call__") as function) as call)]:
            return _is_super(function.value) and all(
                any(_passes(a, p) for a in call.arguments) for p in entry.parameters[1:]
            )
        case _:
            return False


def _passes_another(entry: FunctionDef) -> bool:
    """Whether a `__call__` gives that of the base another input than its own."""
    own = {p.name for p in entry.parameters[1:2]}
    changed = own & bound_names(entry.body)
    for node in walk(entry):
        match node:
            case Call(function=Attribute(value=owner, attribute="__call__"), arguments=given) if (
                _is_super(owner)
            ):
                first = [a.value for a in given if a.keyword in (None, "inputs") and not a.star]
                if any(not isinstance(f, Name) or f.id not in own - changed for f in first[:1]):
                    return True
            case _:
                pass
    return False


def _passes(argument: Argument, parameter: Parameter) -> bool:
    star = {"varargs": "*", "kwargs": "**"}.get(parameter.kind, "")
    match argument:
        case Argument(value=Name(id=name), keyword=keyword, star=given):
            return name == parameter.name and given == star and keyword in (None, name)
        case _:
            return False


def _without_idle_kwargs(entry: FunctionDef, call: FunctionDef | None) -> FunctionDef:
    """The method without `**kwargs` that `call` takes nothing of."""
    kwargs = next((p.name for p in entry.parameters if p.kind == "kwargs"), None)
    if kwargs is None or call is None or any(p.kind == "kwargs" for p in call.parameters):
        return entry
    own = {p.name for p in entry.parameters}
    if any(p.name not in own and p.name not in HANDED_ON for p in call.parameters[2:]):
        return entry

    def visit(node: Node) -> Node:
        if isinstance(node, Call) and isinstance(node.function, Attribute):
            function = node.function
            if function.attribute == ENTRY and _is_super(function.value):
                kept = tuple(a for a in node.arguments if a.star != "**")
                return replace_node(node, arguments=kept)
        return map_children(node, visit)

    new = visit(entry)
    assert isinstance(new, FunctionDef)
    if any(isinstance(n, Name) and n.id == kwargs for s in new.body for n in walk(s)):
        return entry
    return replace_node(new, parameters=tuple(p for p in new.parameters if p.kind != "kwargs"))


def _is_docstring(statement: Statement) -> bool:
    match statement:
        case ExpressionStatement(value=Constant(value=str())):
            return True
        case _:
            return False


def _with_given(entry: FunctionDef, call: FunctionDef | None) -> FunctionDef:
    """The method with parameters for what Keras would hand on by itself."""
    wanted = [p.name for p in call.parameters if p.name in HANDED_ON] if call is not None else []
    has = {p.name for p in entry.parameters}
    new = [Parameter(n, "keyword_only", Constant(None)) for n in wanted if n not in has]
    if any(p.kind == "varargs" for p in entry.parameters) or not new:
        plain = entry.parameters
    else:
        plain = tuple(p for p in entry.parameters if p.kind != "kwargs")
        new = [replace_node(p, kind=_kind(plain)) for p in new]
    rest = tuple(p for p in entry.parameters if p not in plain)
    entry = replace_node(entry, parameters=(*plain, *new, *rest)) if new else entry

    def visit(node: Node) -> Node:
        match node:
            case Call(function=Attribute(value=owner, attribute="__call__"), arguments=given) if (
                _is_super(owner)
            ):
                named = {a.keyword for a in given} | {
                    a.value.id for a in given if isinstance(a.value, Name) and not a.star
                }
                more = tuple(Argument(Name(n), n) for n in wanted if n not in named)
                last = tuple(a for a in given if a.star == "**")
                first = tuple(a for a in given if a.star != "**")
                return replace_node(node, arguments=(*first, *more, *last)) if more else node
            case _:
                return map_children(node, visit)

    new_entry = visit(entry)
    assert isinstance(new_entry, FunctionDef)
    return new_entry


def _kind(parameters: tuple[Parameter, ...]) -> str:
    is_named = any(p.kind == "keyword_only" for p in parameters)
    return "keyword_only" if is_named else "positional"


def _calls(
    method: FunctionDef, has_entry: bool, run: str, inner: bool, parent_inner: bool
) -> FunctionDef:
    """A method whose calls of `__call__` and `call` lead to what these have become."""

    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        match node:
            case Attribute(value=owner, attribute="__call__") if _is_super(owner) and has_entry:
                # The base runs `call` of this class; that of another class with its own `__call__`
                # has become `call`.
                if parent_inner:
                    return replace_node(node, attribute="call")
                if inner:
                    return Attribute(Name(method.parameters[0].name), run, span=node.span)
                return replace_node(node, attribute=run)
            case Attribute(value=owner, attribute="call"):
                if _is_super(owner):
                    return replace_node(node, attribute=INNER) if parent_inner else node
                is_own = isinstance(owner, Name) and owner.id == method.parameters[0].name
                return replace_node(node, attribute=INNER) if is_own and inner else node
            case _:
                return node

    if not method.parameters:
        return method
    result = visit(method)
    assert isinstance(result, FunctionDef)
    return result


def _is_super(owner: Expression) -> bool:
    return (
        isinstance(owner, Call)
        and isinstance(owner.function, Name)
        and owner.function.id == "super"
    )
