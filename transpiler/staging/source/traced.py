"""Code that TensorFlow turns into a graph, with the Python control flow on tensors in it.

AutoGraph rewrites what runs under `tf.function` and the `call` of Keras layers, and everything
these call. Elsewhere Python decides on concrete values, in TensorFlow as in JAX.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ....ir.names import target_names
from ....ir.nodes import (
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    ClassDef,
    Compare,
    Constant,
    Expression,
    FunctionDef,
    Module,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Statement,
    Symbol,
    children,
    walk,
)
from ....ir.span import Span

COMPILED = "tf.function"
ENTRIES = frozenset({"call", "__call__"})
_STATIC_TYPES = frozenset({"int", "str", "bool", "float"})
_STATIC_ATTRIBUTES = frozenset({"shape", "ndim", "dtype", "rank", "name"})
_STATIC_CALLS = frozenset({"len", "isinstance", "hasattr", "callable", "type", "getattr", "range"})
_STATIC_SYMBOLS = frozenset(
    {"tf.shape", "tf.rank", "tf.size", "tf.is_tensor", "tf.get_static_value"}
)


@dataclass(frozen=True, slots=True)
class TracedFunction:
    """`tensors`: the variables that may hold tensors, where calls pass any kind of value."""

    span: Span
    tensors: frozenset[str]


@dataclass(frozen=True, slots=True)
class TracedCode:
    """The functions and methods that run inside graphs, by module."""

    functions: Mapping[str, tuple[TracedFunction, ...]]

    def covers(self, module: str, span: Span | None) -> bool:
        return span is not None and any(self._around(module, span))

    def may_be_tensor(self, module: str, span: Span | None, name: str) -> bool:
        return span is not None and any(name in f.tensors for f in self._around(module, span))

    def _around(self, module: str, span: Span) -> Iterator[TracedFunction]:
        for found in self.functions.get(module, ()):
            if found.span.start_line <= span.start_line and span.end_line <= found.span.end_line:
                yield found


@dataclass(frozen=True, slots=True)
class _Unit:
    module: str
    name: str
    node: FunctionDef
    is_method: bool


def traced_code(trees: Mapping[str, Module]) -> TracedCode:
    """What the modules compile, and all that it reaches by name."""
    units = [unit for name, tree in trees.items() for unit in _units(name, tree.body, False)]
    functions = {(u.module, u.name): u for u in units if not u.is_method}
    methods: dict[str, list[_Unit]] = {}
    for unit in units:
        if unit.is_method:
            methods.setdefault(unit.name, []).append(unit)
    waiting = [u for u in units if _is_entry(u)]
    for tree in trees.values():
        for node in walk(tree):
            if isinstance(node, OpCall) and node.symbol == COMPILED:
                waiting += _reached(node.bound.values(), functions, methods, any_object=True)
    traced: dict[int, _Unit] = {}
    while waiting:
        unit = waiting.pop()
        if id(unit.node) not in traced:
            traced[id(unit.node)] = unit
            waiting += _reached(unit.node.body, functions, methods)
    found: dict[str, list[TracedFunction]] = {}
    for unit in traced.values():
        if unit.node.span is not None:
            tensors = _tensor_names(unit.node) if _is_compiled(unit.node) else frozenset[str]()
            found.setdefault(unit.module, []).append(TracedFunction(unit.node.span, tensors))
    return TracedCode({name: tuple(spans) for name, spans in found.items()})


def _units(module: str, body: Iterable[Node], in_class: bool) -> Iterator[_Unit]:
    for node in body:
        match node:
            case FunctionDef(name=name):
                yield _Unit(module, name, node, in_class)
            case ClassDef(body=members):
                yield from _units(module, members, True)
            case Statement():
                inner = [n for n in children(node) if isinstance(n, Statement)]
                yield from _units(module, inner, in_class)
            case _:
                pass


def _is_entry(unit: _Unit) -> bool:
    return _is_compiled(unit.node) or (unit.is_method and unit.name in ENTRIES)


def _is_compiled(node: FunctionDef) -> bool:
    return any(
        (isinstance(n, Symbol) and n.path == COMPILED)
        or (isinstance(n, OpCall) and n.symbol == COMPILED)
        for decorator in node.decorators
        for n in walk(decorator)
    )


def _reached(
    nodes: Iterable[Node],
    functions: Mapping[tuple[str, str], _Unit],
    methods: Mapping[str, list[_Unit]],
    *,
    any_object: bool = False,
) -> Iterator[_Unit]:
    for root in nodes:
        for node in walk(root):
            match node:
                case Reference(module=module, name=name) if (module, name) in functions:
                    yield functions[module, name]
                case Attribute(value=Name(id=owner), attribute=name) if any_object or owner in (
                    "self",
                    "cls",
                ):
                    yield from methods.get(name, ())
                case Attribute(value=Call(function=Name(id="super")), attribute=name):
                    yield from methods.get(name, ())
                case _:
                    pass


# ---------------------------------------------------------------------------------------- tensors


def _tensor_names(node: FunctionDef) -> frozenset[str]:
    """Parameters that calls may fill with tensors, and variables computed from them."""
    found = {p.name for p in node.parameters if p.name not in ("self", "cls") and _takes_any(p)}
    for _ in range(3):
        before = len(found)
        for statement in walk(node):
            match statement:
                case Assign(targets=targets, value=value) if mentions_data(value, found):
                    found |= {n for t in targets for n in target_names(t)}
                case AugmentedAssign(target=Name(id=name), value=value) if mentions_data(
                    value, found
                ):
                    found.add(name)
                case _:
                    pass
        if len(found) == before:
            break
    return frozenset(found)


def _takes_any(parameter: Parameter) -> bool:
    annotation = parameter.annotation
    is_static = isinstance(annotation, Name) and annotation.id in _STATIC_TYPES
    return parameter.default is None and not is_static


def mentions_data(code: Expression, names: Iterable[str]) -> bool:
    """Whether a value depends on the contents of the variables, not only on their shapes."""
    names = frozenset(names)
    stack: list[Node] = [code]
    while stack:
        node = stack.pop()
        match node:
            case Name(id=name) if name in names:
                return True
            case Attribute(attribute=attribute) if attribute in _STATIC_ATTRIBUTES:
                continue
            case Call(function=Name(id=name)) if name in _STATIC_CALLS:
                continue
            case OpCall(symbol=symbol) if symbol in _STATIC_SYMBOLS:
                continue
            case Compare(operators=operators) if {"is", "is not", "in", "not in"} & {*operators}:
                continue
            case Compare(comparators=comparators) if any(
                isinstance(c, Constant) and isinstance(c.value, (str, type(None)))
                for c in comparators
            ):
                continue
            case _:
                stack.extend(children(node))
    return False
