"""Which variables hand their tensors on: to an expression, to the variables of a loop; which hold
several; which attributes are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Binary,
    Call,
    Conditional,
    Constant,
    Expression,
    For,
    FormattedString,
    Generator,
    List,
    Name,
    Node,
    OpCall,
    Starred,
    Subscript,
    Tuple,
    walk,
)


def carried(value: Expression) -> set[str]:
    """Variables whose tensors an expression passes on."""
    match value:
        case Name(id=name):
            return {name}
        case Tuple(elements=elements) | List(elements=elements):
            return set[str]().union(*(carried(e) for e in elements))
        case Starred(value=inner) | Subscript(value=inner):
            return carried(inner)
        case Binary(left=left, right=right):
            return carried(left) | carried(right)
        case Conditional(then=then, otherwise=otherwise):
            return carried(then) | carried(otherwise)
        case OpCall(symbol="keras.utils.get_source_inputs", bound=bound):
            return set[str]().union(*(carried(v) for v in bound.values()))
        case _:
            return set()


def assigned_variables(node: Node) -> Iterator[tuple[str, Expression]]:
    """The variables of an assignment, each with what it takes its value from."""
    match node:
        case Assign(targets=(target,), value=value):
            yield from _parts(target, value)
        case _:
            pass


def _parts(target: Expression, value: Expression) -> Iterator[tuple[str, Expression]]:
    match target, value:
        case Name(id=name), _:
            yield name, value
        case ((Tuple() | List()), (Tuple() | List())) if len(target.elements) == len(
            value.elements
        ):
            for element, part in zip(target.elements, value.elements, strict=True):
                yield from _parts(element, part)
        case ((Tuple() | List()), _):
            for element in target.elements:
                yield from _parts(element.value if isinstance(element, Starred) else element, value)
        case _:
            pass


def loop_variables(node: Node) -> Iterator[tuple[str, Expression]]:
    """The variables of a loop, each with what it takes its values from."""
    match node:
        case For(target=target, iterable=iterable) | Generator(target=target, iterable=iterable):
            yield from _elements(target, iterable)
        case _:
            pass


def _elements(target: Expression, iterable: Expression) -> Iterator[tuple[str, Expression]]:
    match target, iterable:
        case (
            Tuple(elements=(_, element)),
            Call(function=Name(id="enumerate"), arguments=(Argument(value=inner), *_)),
        ):
            yield from _elements(element, inner)
        case Tuple(elements=elements), Call(function=Name(id="zip"), arguments=arguments) if len(
            elements
        ) == len(arguments):
            for element, argument in zip(elements, arguments, strict=True):
                yield from _elements(element, argument.value)
        case _, Call(
            function=Name(id="reversed" | "list" | "tuple" | "sorted"),
            arguments=(Argument(value=inner), *_),
        ):
            yield from _elements(target, inner)
        case (
            Tuple(elements=(_, Name(id=name))),
            Call(function=Attribute(value=owner, attribute="items")),
        ) | (Name(id=name), Call(function=Attribute(value=owner, attribute="values"))):
            yield name, owner
        case Name(id=name), Name() | Subscript() | List() | Tuple() | Binary():
            yield name, iterable
        case _:
            pass


def held_by_key(node: Node) -> set[str]:
    """Variables that the code takes for dicts: their entries are listed, or found by a string."""
    found: set[str] = set()
    for inner in walk(node):
        match inner:
            case (
                Call(
                    function=Attribute(
                        value=Name(id=name), attribute="items" | "values" | "keys" | "get"
                    )
                )
                | Subscript(
                    value=Name(id=name),
                    index=Constant(value=str()) | FormattedString() | Call(function=Name(id="str")),
                )
            ):
                found.add(name)
            case _:
                pass
    return found


def attributes_read(tree: Node, without: Iterable[Node] = ()) -> set[str]:
    """Names of attributes that code reads, but for the methods `without`; `getattr` counts."""
    gone = {id(inner) for method in without for inner in walk(method)}
    nodes = [n for n in walk(tree) if id(n) not in gone]
    targets = {id(t) for n in nodes if isinstance(n, Assign) for t in n.targets}
    read: set[str] = set()
    for node in nodes:
        match node:
            case Attribute(attribute=name) if id(node) not in targets:
                read.add(name)
            case Call(function=Name(id="getattr"), arguments=(_, Argument(value=code), *_)):
                read |= {str(n.value) for n in walk(code) if isinstance(n, Constant)}
            case _:
                pass
    return read
