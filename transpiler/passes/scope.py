"""The function that a pass rewrites: its names, its object, and where to report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Binary,
    Body,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Lambda,
    Name,
    Node,
    Parameter,
    Return,
    Statement,
    Subscript,
    Symbol,
    Tuple,
    map_children,
)
from ...ir.span import Span
from .effects import Effects
from .liveness import SETTER, Names, cell_of, live_before, set_cell

Report = Callable[[str, str, "Span | None", "str | None"], None]
Block = Callable[["Scope", Body, Names, Names], "list[Statement]"]


@dataclass(frozen=True, slots=True)
class Scope:
    """`used`: all names of the function, shared by the scopes inside it. `block` converts a body:
    (scope, body, live after it, defined before it)."""

    module: str
    owner: ClassDef | None
    self_name: str | None
    effects: Effects
    used: set[str]
    report: Report
    block: Block
    constants: Mapping[str, Expression]

    def fresh(self, hint: str) -> str:
        name, index = hint, 2
        while name in self.used:
            name, index = f"{hint}_{index}", index + 1
        self.used.add(name)
        return name

    def with_constants(self, constants: Mapping[str, Expression]) -> Scope:
        return replace(self, constants=constants)

    def changed_objects(self, *bodies: Iterable[Node]) -> list[str]:
        nodes = [n for body in bodies for n in body]
        found = self.effects.changed_objects(nodes, self.module, self.owner, self.self_name)
        return sorted(found)


def call(symbol: str, *arguments: Expression) -> Call:
    return Call(Symbol(symbol), tuple(Argument(a) for a in arguments))


def packed(values: list[Expression]) -> Expression:
    """One value as it is, several as a tuple."""
    return values[0] if len(values) == 1 else Tuple(tuple(values))


def local_name(key: str) -> str:
    """What a variable is called inside a function that takes its value."""
    return key.rpartition(".")[2]


def read(key: str) -> Expression:
    """The code that reads a name or a cell."""
    first, *rest = key.split(".")
    code: Expression = Name(first)
    for part in rest:
        code = Attribute(code, part)
    return Subscript(code, Constant(...)) if rest else code


def assign(keys: list[str], value: Expression) -> Statement:
    """Assigns the results of a call to names and cells."""
    match keys:
        case []:
            return ExpressionStatement(value)
        case [key] if "." in key:
            target = read(key)
            assert isinstance(target, Subscript)
            return ExpressionStatement(Call(Attribute(target.value, SETTER), (Argument(value),)))
        case _:
            return Assign((packed([read(k) for k in keys]),), value)


def with_locals(body: Iterable[Statement], names: Mapping[str, str]) -> list[Statement]:
    """A body in which cells are local variables of these names."""
    if not names:
        return list(body)

    def visit(node: Node) -> Node:
        if isinstance(node, Statement) and (cell := set_cell(node)) is not None:
            key, _, value = cell
            if key in names:
                new = visit(value)
                assert isinstance(new, Expression)
                return Assign((Name(names[key]),), new, span=node.span)
        key = cell_of(node) if isinstance(node, Subscript) else None
        if key is not None and key in names:
            return Name(names[key])
        return map_children(node, visit)

    return [s for s in map(visit, body) if isinstance(s, Statement)]


def with_cells_read(code: Expression, names: Mapping[str, str]) -> Expression:
    found = with_locals([ExpressionStatement(code)], names)[0]
    assert isinstance(found, ExpressionStatement)
    return found.value


def values_of(body: list[Statement], outputs: list[str]) -> list[Expression] | None:
    """The value of each output, if a body does nothing but assign them, each on its own."""
    from .liveness import reads

    values: dict[str, Expression] = {}
    for statement in body:
        match statement:
            case Assign(targets=(Name(id=name),), value=value):
                pass
            case AugmentedAssign(target=Name(id=name), operator=operator, value=value):
                value = Binary(operator, Name(name), value)
            case _:
                return None
        if name not in outputs or name in values or reads(value) & values.keys():
            return None
        values[name] = value
    return [values.get(name, Name(name)) for name in outputs]


def finished(body: list[Statement], result: Expression | None) -> list[Statement]:
    """The body with its result returned, without a variable in between."""
    if result is None:
        return body
    match result, body[-1:]:
        case Name(id=wanted), [Assign(targets=(Name(id=last),), value=value)] if wanted == last:
            return [*body[:-1], Return(value)]
        case Tuple(elements=wanted), [Assign(targets=(Tuple(elements=last),), value=value)] if (
            not isinstance(value, Tuple) and [_id(w) for w in wanted] == [_id(v) for v in last]
        ):
            return [*body[:-1], Return(value)]
        case _:
            return [*body, Return(result)]


def function(name: str, parameters: list[str], body: list[Statement]) -> FunctionDef:
    return FunctionDef(name, tuple(map(Parameter, parameters)), tuple(body))


def _id(code: Expression) -> object:
    return code.id if isinstance(code, Name) else code


def lambda_of(parameters: list[str], body: Expression) -> Lambda:
    return Lambda(tuple(map(Parameter, parameters)), body)


def first_read(body: Iterable[Statement]) -> Names:
    """What a body reads before it assigns it."""
    return live_before(tuple(body), frozenset())
