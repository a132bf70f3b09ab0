"""Which names a scope binds, and how: one walk over its statements, none over its expressions."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
BindingKind = Literal["import", "assign", "definition", "parameter", "other"]


@dataclass(slots=True, eq=False)
class Binding:
    """One place where a name gets a value.

    "import": `module` and `level` as written, `attribute` the imported name, None for a module.
    "assign": `value`, and `position` for the element that unpacking takes, None for all of it.
    "parameter": `value` is the default. `conditional` is True inside `if`, `try`, loops.
    `function` is the function that binds a name it declared `global`.
    """

    kind: BindingKind
    statement: ast.AST
    value: ast.expr | None = None
    position: int | None = None
    module: str = ""
    attribute: str | None = None
    level: int = 0
    conditional: bool = False
    function: FunctionNode | None = None


@dataclass(slots=True)
class ScopeBindings:
    """The bindings of one module, class or function body, by name."""

    names: dict[str, list[Binding]] = field(default_factory=dict[str, list[Binding]])
    stars: list[Binding] = field(default_factory=list[Binding])
    global_names: set[str] = field(default_factory=set[str])
    nonlocal_names: set[str] = field(default_factory=set[str])

    def add(self, name: str, binding: Binding) -> None:
        self.names.setdefault(name, []).append(binding)


def collect(body: Sequence[ast.stmt], *, walrus: bool) -> ScopeBindings:
    """The bindings of a body. `walrus` also looks for `:=` in its expressions."""
    scope = ScopeBindings()
    _body(body, scope, False, walrus)
    return scope


def collect_function(node: FunctionNode, *, walrus: bool) -> ScopeBindings:
    """The bindings of a function: its parameters and its body."""
    scope = ScopeBindings()
    parameters(node.args, scope)
    _body(node.body, scope, False, walrus)
    return scope


def parameters(arguments: ast.arguments, scope: ScopeBindings) -> None:
    """Adds the parameters of a function or lambda."""
    positional = [*arguments.posonlyargs, *arguments.args]
    gap = len(positional) - len(arguments.defaults)
    for index, argument in enumerate(positional):
        default = arguments.defaults[index - gap] if index >= gap else None
        scope.add(argument.arg, Binding("parameter", argument, default))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        scope.add(argument.arg, Binding("parameter", argument, default))
    for argument in (arguments.vararg, arguments.kwarg):
        if argument is not None:
            scope.add(argument.arg, Binding("parameter", argument))


def functions(body: Sequence[ast.stmt]) -> Iterator[FunctionNode]:
    """Every function defined in a body, at any depth."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from functions(node.body)
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body)
        else:
            for nested in nested_bodies(node):
                yield from functions(nested)


def target_names(target: ast.expr) -> Iterable[str]:
    """The names that an assignment target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from target_names(element)
    elif isinstance(target, ast.Starred):
        yield from target_names(target.value)


def _body(body: Sequence[ast.stmt], scope: ScopeBindings, conditional: bool, walrus: bool) -> None:
    for node in body:
        kind = type(node)
        if kind is ast.Expr and not walrus:
            continue
        handler = _HANDLERS.get(kind)
        if handler is not None:
            handler(node, scope, conditional)
        if walrus:
            _walrus(node, scope)
        for nested in nested_bodies(node):
            _body(nested, scope, True if kind is not ast.With else conditional, walrus)


def nested_bodies(node: Any) -> Iterable[list[ast.stmt]]:
    match node:
        case ast.If() | ast.For() | ast.AsyncFor() | ast.While():
            return (node.body, node.orelse)
        case ast.With() | ast.AsyncWith():
            return (node.body,)
        case ast.Try():
            handlers = [handler.body for handler in node.handlers]
            return (node.body, *handlers, node.orelse, node.finalbody)
        case ast.Match():
            return [case.body for case in node.cases]
        case _ if type(node).__name__ == "TryStar":
            handlers = [handler.body for handler in node.handlers]
            return (node.body, *handlers, node.orelse, node.finalbody)
        case _:
            return ()


def _others(target: ast.expr, node: ast.AST, scope: ScopeBindings, conditional: bool) -> None:
    for name in target_names(target):
        scope.add(name, Binding("other", node, conditional=conditional))


def _assign(node: ast.Assign, scope: ScopeBindings, conditional: bool) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            scope.add(target.id, Binding("assign", node, node.value, conditional=conditional))
            continue
        flat = isinstance(target, ast.Tuple | ast.List) and all(
            isinstance(element, ast.Name) for element in target.elts
        )
        if not flat:
            _others(target, node, scope, conditional)
            continue
        for index, name in enumerate(target_names(target)):
            binding = Binding("assign", node, node.value, index, conditional=conditional)
            scope.add(name, binding)


def _annotated(node: ast.AnnAssign, scope: ScopeBindings, conditional: bool) -> None:
    if isinstance(node.target, ast.Name):
        kind: BindingKind = "assign" if node.value is not None else "other"
        scope.add(node.target.id, Binding(kind, node, node.value, conditional=conditional))


def _augmented(node: ast.AugAssign, scope: ScopeBindings, conditional: bool) -> None:
    _others(node.target, node, scope, conditional)


def _for(node: ast.For | ast.AsyncFor, scope: ScopeBindings, conditional: bool) -> None:
    _others(node.target, node, scope, conditional)


def _with(node: ast.With | ast.AsyncWith, scope: ScopeBindings, conditional: bool) -> None:
    for item in node.items:
        if item.optional_vars is not None:
            _others(item.optional_vars, node, scope, conditional)


def _try(node: Any, scope: ScopeBindings, conditional: bool) -> None:
    for handler in node.handlers:
        if handler.name:
            scope.add(handler.name, Binding("other", handler, conditional=True))


def _definition(node: Any, scope: ScopeBindings, conditional: bool) -> None:
    scope.add(node.name, Binding("definition", node, conditional=conditional))


def _import(node: ast.Import, scope: ScopeBindings, conditional: bool) -> None:
    for alias in node.names:
        # `import a.b` binds `a`; `import a.b as c` binds `c` to `a.b`.
        module = alias.name if alias.asname else alias.name.partition(".")[0]
        binding = Binding("import", node, module=module, conditional=conditional)
        scope.add(alias.asname or module, binding)


def _import_from(node: ast.ImportFrom, scope: ScopeBindings, conditional: bool) -> None:
    for alias in node.names:
        binding = Binding(
            "import",
            node,
            module=node.module or "",
            attribute=alias.name,
            level=node.level,
            conditional=conditional,
        )
        if alias.name == "*":
            scope.stars.append(binding)
        else:
            scope.add(alias.asname or alias.name, binding)


def _global(node: ast.Global, scope: ScopeBindings, conditional: bool) -> None:
    scope.global_names.update(node.names)


def _nonlocal(node: ast.Nonlocal, scope: ScopeBindings, conditional: bool) -> None:
    scope.nonlocal_names.update(node.names)


def _delete(node: ast.Delete, scope: ScopeBindings, conditional: bool) -> None:
    for target in node.targets:
        _others(target, node, scope, conditional)


def _match(node: ast.Match, scope: ScopeBindings, conditional: bool) -> None:
    for case in node.cases:
        for pattern in ast.walk(case.pattern):
            name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
            if isinstance(name, str):
                scope.add(name, Binding("other", pattern, conditional=True))


def _type_alias(node: Any, scope: ScopeBindings, conditional: bool) -> None:
    scope.add(node.name.id, Binding("definition", node, conditional=conditional))


def _walrus(node: ast.stmt, scope: ScopeBindings) -> None:
    """Adds the names that `:=` binds in the expressions of one statement."""
    stack: list[ast.AST] = [
        child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)
    ]
    while stack:
        current = stack.pop()
        if isinstance(current, ast.NamedExpr):
            scope.add(current.target.id, Binding("other", current, conditional=True))
        if isinstance(current, ast.Lambda | ast.arguments | ast.stmt):
            continue
        stack.extend(ast.iter_child_nodes(current))


_HANDLERS: dict[type, Any] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.ClassDef: _definition,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Delete: _delete,
    ast.Match: _match,
}
for _name, _handler in (("TryStar", _try), ("TypeAlias", _type_alias)):
    if hasattr(ast, _name):  # 3.11 and 3.12
        _HANDLERS[cast(type, getattr(ast, _name))] = _handler
