"""Constants that only say how arrays are laid out: `paddings = tf.constant([[0, 0], [n, n]])`.

TensorFlow takes shapes, paddings and axes as tensors, too; JAX wants numbers that Python knows when
the code is traced. A variable that goes nowhere else becomes the list itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    FunctionDef,
    List,
    Module,
    Name,
    Node,
    OpCall,
    Reference,
    Slice,
    Subscript,
    Tuple,
    map_children,
    replace_node,
    walk,
)
from ....rules.language.records import Rule
from ....rules.language.ruleset import RuleSet
from ..project import ModuleInput

CONSTANTS = frozenset({"tf.constant", "tf.convert_to_tensor", "keras.ops.convert_to_tensor"})
STRUCTURE = frozenset({"Shape", "Axes"})
"""The types of parameters that take Python numbers."""


def with_plain_structure(
    modules: Mapping[str, ModuleInput], rules: RuleSet
) -> Mapping[str, ModuleInput]:
    """All modules; those without such a constant are the same objects."""
    uses = _Uses(rules, {n: _functions(m.tree.body) for n, m in modules.items()})
    result = dict(modules)
    for name, module in modules.items():
        tree = _converted(module.tree, name, uses)
        if tree is not module.tree:
            result[name] = replace(module, tree=tree)
    return result


def _converted(tree: Module, module: str, uses: _Uses) -> Module:
    def visit(node: Node) -> Node:
        inner = map_children(node, visit)
        if isinstance(inner, OpCall) and inner.symbol == "tf.concat":
            return _joined_sizes(inner)
        if isinstance(node, FunctionDef) and isinstance(inner, FunctionDef):
            return _in_function(node, inner, module, uses)
        return inner

    constants = [n for n in walk(tree) if _listed(n) is not None]
    found = visit(tree) if constants else tree
    assert isinstance(found, Module)
    return found


def _joined_sizes(node: OpCall) -> OpCall:
    """`tf.concat([tf.shape(x)[:-1], tf.constant([n])], axis=0)`: what is beside a shape is one."""
    values = node.bound.get("values")
    if not isinstance(values, List | Tuple) or not any(map(_is_shape, values.elements)):
        return node
    parts = tuple(_listed(e) or e for e in values.elements)
    return replace_node(node, bound={**node.bound, "values": replace_node(values, elements=parts)})


def _is_shape(node: Expression) -> bool:
    match node:
        case OpCall(symbol="tf.shape"):
            return True
        case Subscript(value=value, index=Slice()):
            return _is_shape(value)
        case _:
            return False


def _in_function(node: FunctionDef, inner: FunctionDef, module: str, uses: _Uses) -> FunctionDef:
    constants: dict[str, list[Assign]] = {}
    for statement in walk(node):
        match statement:
            case Assign(targets=(Name(id=name),), value=value) if _listed(value) is not None:
                constants.setdefault(name, []).append(statement)
            case _:
                pass
    plain = {n for n, made in constants.items() if uses.are_structural(n, node, module, len(made))}
    if not plain:
        return inner

    def visit(part: Node) -> Node:
        match part:
            case Assign(targets=(Name(id=name),), value=value) if name in plain:
                listed = _listed(value)
                return part if listed is None else replace_node(part, value=listed)
            case _:
                return map_children(part, visit)

    body = tuple(visit(s) for s in inner.body)
    return replace_node(inner, body=body)


def _listed(node: Node) -> Expression | None:
    """The list that a tensor is made of."""
    match node:
        case OpCall(symbol=symbol, bound=bound) if symbol in CONSTANTS:
            value = bound.get("value") or bound.get("x")
            return value if isinstance(value, List | Tuple) else None
        case _:
            return None


def _functions(body: Sequence[Node]) -> dict[str, list[FunctionDef]]:
    """The functions of a module by name, those of classes as `.method`."""
    found: dict[str, list[FunctionDef]] = {}
    for statement in body:
        match statement:
            case FunctionDef(name=name):
                found.setdefault(name, []).append(statement)
            case ClassDef(body=inner):
                for method in inner:
                    if isinstance(method, FunctionDef):
                        found.setdefault(f".{method.name}", []).append(method)
            case _:
                pass
    return found


@dataclass(slots=True)
class _Uses:
    """What the variables of functions are used for."""

    rules: RuleSet
    functions: Mapping[str, Mapping[str, list[FunctionDef]]]
    asked: dict[tuple[int, str], bool] = field(default_factory=dict[tuple[int, str], bool])

    def are_structural(self, name: str, node: FunctionDef, module: str, assigned: int) -> bool:
        """Whether all that a function does with a variable, but for `assigned` places that give it
        a value, is to pass it where JAX wants Python numbers."""
        places = sum(isinstance(n, Name) and n.id == name for s in node.body for n in walk(s))
        passed = sum(1 for s in node.body for p in self._passed(s, module) if _is(p, name))
        return passed > 0 and places == passed + assigned

    def _passed(self, body: Node, module: str) -> Iterator[Expression]:
        """Arguments that say how arrays are laid out."""
        for node in walk(body):
            match node:
                case OpCall(symbol=symbol, bound=bound):
                    record = self.rules.for_symbol(symbol)
                    if isinstance(record, Rule):
                        wanted = {p.name for p in record.parameters if p.type.kind in STRUCTURE}
                        yield from (v for n, v in bound.items() if n in wanted)
                case Call(function=Attribute(value=Name(), attribute=called), arguments=arguments):
                    yield from self._own(module, f".{called}", arguments)
                case Call(function=Reference(module=owner, name=called), arguments=arguments):
                    yield from self._own(owner, called, arguments)
                case _:
                    pass

    def _own(
        self, module: str, called: str, arguments: tuple[Argument, ...]
    ) -> Iterator[Expression]:
        """Arguments of a function of the project that hands them on."""
        found = self.functions.get(module, {}).get(called, [])
        if len(found) != 1 or any(a.star for a in arguments):
            return
        (function,) = found
        names = [p.name for p in function.parameters]
        if called.startswith(".") and not _is_static(function):
            names = names[1:]
        for position, argument in enumerate(arguments):
            name = argument.keyword or (names[position] if position < len(names) else None)
            if name is None or not isinstance(argument.value, Name):
                continue
            if self._parameter(function, name, module):
                yield argument.value

    def _parameter(self, function: FunctionDef, name: str, module: str) -> bool:
        key = (id(function), name)
        if key not in self.asked:
            self.asked[key] = False  # while it is asked, of functions that call themselves
            self.asked[key] = self.are_structural(name, function, module, 0)
        return self.asked[key]


def _is(node: Expression, name: str) -> bool:
    return isinstance(node, Name) and node.id == name


def _is_static(function: FunctionDef) -> bool:
    return any(isinstance(d, Name) and d.id == "staticmethod" for d in function.decorators)
