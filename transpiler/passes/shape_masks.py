"""Masks that shapes alone decide, as NumPy arrays.

    ones = jnp.ones_like(x)              ones = np.ones(x.shape, x.dtype)
    mask = jnp.tril(ones)         ->     mask = np.tril(ones)
    x[mask.astype(bool)]                 x[mask.astype(bool)]

Under `jax.jit` an array that `jnp` makes is traced, and a traced mask cannot select elements; what
NumPy makes is there when the function is traced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...ir.names import target_names
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Binary,
    Body,
    Call,
    Compare,
    Constant,
    Expression,
    For,
    FunctionDef,
    Module,
    Name,
    NamedExpression,
    Node,
    Statement,
    Subscript,
    Symbol,
    Unary,
    With,
    children,
    map_children,
    replace_node,
    walk,
)
from ...ir.span import Span

Definitions = dict[str, list[Expression] | None]

_LIKE = {"jax.numpy.ones_like": "numpy.ones", "jax.numpy.zeros_like": "numpy.zeros"}
_SAME = frozenset(
    f"jax.numpy.{name}"
    for name in (
        *("tril", "triu", "logical_and", "logical_or", "logical_not", "logical_xor"),
        *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
    )
)
_MADE = frozenset({"jax.numpy.arange", "jax.numpy.eye"})
"""Made of sizes and numbers, which `jax.jit` knows wherever it can make them."""


def with_shape_masks(tree: Module, settled: Callable[[Span], None]) -> Module:
    """The module with such masks; `settled` gets the span of each statement that needs no more than
    that."""
    if not any(_masks(node) for node in walk(tree)):
        return tree

    def visit(node: Node) -> Node:
        node = map_children(node, visit)
        return _function(node, settled) if isinstance(node, FunctionDef) else node

    result = visit(tree)
    assert isinstance(result, Module)
    return result


def _function(node: FunctionDef, settled: Callable[[Span], None]) -> FunctionDef:
    used = {name for inner in walk(node) for name in _masks(inner)}
    definitions = _definitions(node)
    fixed: set[str] = set()
    for name in used:
        fixed |= _fixed_by(name, definitions, ()) or set()
    if not fixed or any(_updates(inner, fixed) for inner in walk(node)):
        return node
    for statement in _statements(node.body):
        masks = [name for inner in _own(statement) for name in _masks(inner)]
        if masks and all(name in fixed for name in masks) and statement.span is not None:
            settled(statement.span)

    def visit(inner: Node) -> Node:
        match inner:
            case Assign(targets=(Name(id=name),), value=value) if name in fixed:
                return replace_node(inner, value=_in_numpy(value))
            case _:
                return map_children(inner, visit)

    result = visit(node)
    assert isinstance(result, FunctionDef)
    return result


def _updates(node: Node, names: set[str]) -> bool:
    """`mask.at[...]`, which NumPy's arrays do not have."""
    match node:
        case Attribute(value=Name(id=name), attribute="at"):
            return name in names
        case _:
            return False


def _masks(node: Node) -> list[str]:
    """The variable that selects elements: `x[mask.astype(bool)]`, `x[mask]`."""
    match node:
        case Subscript(index=Name(id=name)):
            return [name]
        case Subscript(index=Call(function=Attribute(value=Name(id=name), attribute="astype"))):
            return [name]
        case Call(
            function=Symbol(path="jax.numpy.compress"), arguments=(Argument(Name(id=name)), *_)
        ):
            return [name]
        case _:
            return []


def _definitions(node: FunctionDef) -> Definitions:
    """What each variable is assigned; None for what gets its value in other ways."""
    found: Definitions = {p.name: None for p in node.parameters}
    for inner in walk(node):
        match inner:
            case Assign(targets=(Name(id=name),), value=value):
                known = found.setdefault(name, [])
                if known is not None:
                    known.append(value)
            case Assign(targets=targets):
                found |= dict.fromkeys(n for t in targets for n in target_names(t))
            case AugmentedAssign(target=target) | For(target=target):
                found |= dict.fromkeys(target_names(target))
            case NamedExpression(target=target):
                found |= dict.fromkeys(target_names(target))
            case With(items=items):
                targets = [i.target for i in items if i.target is not None]
                found |= dict.fromkeys(n for t in targets for n in target_names(t))
            case FunctionDef(parameters=parameters) if inner is not node:
                found |= dict.fromkeys(p.name for p in parameters)
            case _:
                pass
    return found


def _fixed_by(name: str, definitions: Definitions, asked: tuple[str, ...]) -> set[str] | None:
    """The variables that make up one that shapes decide; None for any other."""
    if name in asked:
        return set()  # decided where it was asked first
    values = definitions.get(name)
    if not values:
        return None
    found = {name}
    for value in values:
        more = _fixed(value, definitions, (*asked, name))
        if more is None or isinstance(value, Constant):
            return None
        found |= more
    return found


def _fixed(code: Expression, definitions: Definitions, asked: tuple[str, ...]) -> set[str] | None:
    """The variables in code that makes an array of shapes and numbers alone; None otherwise."""
    match code:
        case Constant(value=int() | float()):
            return set()
        case Name(id=name):
            return _fixed_by(name, definitions, asked)
        case Call(function=Symbol(path=path), arguments=(Argument(Name()),)) if path in _LIKE:
            return set()
        case Call(function=Symbol(path=path), arguments=arguments) if path in _MADE:
            plain = all(not a.star for a in arguments)
            return set() if plain and arguments else None
        case Call(function=Symbol(path=path), arguments=arguments) if path in _SAME:
            return _all(tuple(a.value for a in arguments), definitions, asked)
        case Call(function=Attribute(value=value, attribute="astype")):
            return _fixed(value, definitions, asked)
        case Binary(left=left, right=right):
            return _all((left, right), definitions, asked)
        case Compare(left=left, comparators=(right,)):
            return _all((left, right), definitions, asked)
        case Unary(operand=operand):
            return _fixed(operand, definitions, asked)
        case Subscript(value=value, index=index) if not any(
            isinstance(n, Name) for n in walk(index)
        ):
            return _fixed(value, definitions, asked)
        case _:
            return None


def _all(
    parts: tuple[Expression, ...], definitions: Definitions, asked: tuple[str, ...]
) -> set[str] | None:
    found: set[str] = set()
    for part in parts:
        more = _fixed(part, definitions, asked)
        if more is None:
            return None
        found |= more
    return found


def _in_numpy(code: Expression) -> Expression:
    def visit(node: Node) -> Node:
        match node:
            case Call(function=Symbol(path=path), arguments=(Argument(Name() as x),)) if (
                path in _LIKE
            ):
                parts = (Attribute(x, "shape"), Attribute(x, "dtype"))
                return Call(Symbol(_LIKE[path]), tuple(Argument(part) for part in parts))
            case Call(function=Symbol(path=path)) if path in _SAME | _MADE:
                numpy = Symbol(path.replace("jax.numpy.", "numpy.", 1))
                return replace_node(map_children(node, visit), function=numpy)
            case _:
                return map_children(node, visit)

    result = visit(code)
    assert isinstance(result, Expression)
    return result


def _statements(body: Body) -> Iterator[Statement]:
    for statement in body:
        yield statement
        for child in children(statement):
            if isinstance(child, Statement):
                yield from _statements((child,))


def _own(statement: Statement) -> Iterator[Node]:
    """The nodes of a statement without the statements inside it."""
    stack: list[Node] = [c for c in children(statement) if not isinstance(c, Statement)]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(c for c in children(node) if not isinstance(c, Statement))
