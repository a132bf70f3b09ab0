"""Results of a callee in the caller's terms: parameters replaced by the arguments of one call."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from ....ir.dims import Dim, Variable, from_expression
from ....ir.keys import same
from ....ir.nodes import (
    Attribute,
    Boolean,
    Call,
    Compare,
    Conditional,
    Constant,
    Expression,
    Name,
    Node,
    Subscript,
    Tuple,
    Unary,
    map_children,
    walk,
)
from ...passes.folding import folded
from ...shapes.shapes import Shape, Size, batch_of
from ..class_definitions.class_state import ClassState
from ..values import Flagged, Mapped, Sequence, ShapeOf, Static, Tensor, Value, integer


def substitute_code(code: Expression, arguments: Mapping[str, Expression]) -> Expression | None:
    """`code` with names replaced; None when it mentions a name that is no parameter."""
    calls = {id(n.function) for n in walk(code) if isinstance(n, Call) and _is_builtin(n.function)}
    if any(
        isinstance(n, Name) and n.id not in arguments and id(n) not in calls for n in walk(code)
    ):
        return None

    def visit(node: Node) -> Node:
        if isinstance(node, Name):
            return arguments.get(node.id, node)
        return _decided(element(map_children(node, visit)))

    result = visit(code)
    assert isinstance(result, Expression)
    return result


def _is_builtin(function: Expression) -> bool:
    return isinstance(function, Name) and function.id in ("int", "len", "max", "min", "round")


def _decided(node: Node) -> Node:
    """What the arguments of a call decide: `None or n` is `n`, and so is `1 if n != n else n`."""
    match node:
        case Boolean(operator="or", operands=(Constant(value=value) as first, *rest)):
            if value:
                return first
            return rest[0] if len(rest) == 1 else _decided(Boolean("or", tuple(rest)))
        case Compare(left=left, operators=(("==" | "!=") as operator,), comparators=(right,)):
            return Constant(operator == "==") if same(left, right) else folded(node)
        case Compare() | Unary(operator="not"):
            return folded(node)
        case Conditional(test=Constant(value=value), then=then, otherwise=otherwise):
            return then if value else otherwise
        case _:
            return node


def element(node: Node) -> Node:
    """`(h, w, c)[0]` is `h`."""
    match node:
        case Subscript(value=Tuple(elements=elements), index=Constant(value=int() as index)):
            return elements[index] if -len(elements) <= index < len(elements) else node
        case Subscript(
            value=Tuple(elements=elements),
            index=Unary(operator="-", operand=Constant(value=int() as index)),
        ):
            return elements[-index] if 0 < index <= len(elements) else node
        case _:
            return node


@dataclass(frozen=True, slots=True)
class Terms:
    """What a call of a definition gives it: its sizes and shapes by the names of the parameters
    that carry them, and the code of its other arguments. `definitions`: what attributes of the
    object are in terms of its constructor's parameters. `call` tells this call from others; None
    where not all of the sizes that it is given are known: then another call may look the same."""

    sizes: Mapping[str, Size]
    arguments: Mapping[str, Expression]
    shapes: Mapping[str, Shape] = field(default_factory=dict[str, Shape])
    definitions: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    call: Hashable | None = None


def substitute_size(size: Size, terms: Terms, *, compares: bool = False) -> Size:
    """A size of the callee in the caller's terms; None where that cannot be said. `compares`: such
    a size is hidden instead, if the call is one that always gives the same."""
    if size is None:
        return None
    failed = False

    def in_call(atom: Variable) -> Dim | None:
        nonlocal failed
        found = _of_shape(atom, terms)
        if found is None and not atom.hidden:
            match atom.expression:
                case Name(id=name) if name in terms.sizes:
                    found = terms.sizes[name]
                case code:
                    given = {**_said(terms), **terms.arguments}
                    new = _as_defined(code, given, terms.definitions)
                    new = substitute_code(code, given) if new is None else new
                    found = None if new is None else from_expression(new)
        if found is None and compares and terms.call is not None:
            found = Dim.hidden(("given", terms.call, atom.key))
        failed = failed or found is None
        return found

    result = size.substitute(in_call)
    return None if failed else result


def _as_defined(
    code: Expression,
    arguments: Mapping[str, Expression],
    definitions: Mapping[str, Expression],
) -> Expression | None:
    """Code over attributes of the object in terms of the arguments that it was made with, where
    these decide every choice: `self.stride` is `4` where it is `stride or 4` and none was given."""

    def visit(node: Node) -> Node:
        match node:
            case Attribute(value=Name(id="self"), attribute=name) if name in definitions:
                return visit(definitions[name])
            case _:
                return map_children(node, visit)

    expanded = visit(code)
    assert isinstance(expanded, Expression)
    if expanded is code or any(isinstance(n, Name) and n.id == "self" for n in walk(expanded)):
        return None
    found = substitute_code(expanded, arguments)
    open_choice = (Boolean, Compare, Conditional)
    if found is None or any(isinstance(n, open_choice) for n in walk(found)):
        return None
    return found


def _said(terms: Terms) -> dict[str, Expression]:
    """The sizes that the caller has code for."""
    return {
        name: size.to_expression()
        for name, size in terms.sizes.items()
        if size is not None and not size.is_hidden
    }


def _of_shape(atom: Variable, terms: Terms) -> Size:
    """The caller's size for one that the callee reads off the shape of an input."""
    match atom:
        case Variable(hidden=True):
            for name, shape in terms.shapes.items():
                if batch_of(Name(name)) == Dim.atom(atom):
                    return shape.axis(0)
        case Variable(expression=Subscript(value=Name(id=name), index=index)) if (
            name in terms.shapes
        ):
            match index:
                case Constant(value=int() as position):
                    return terms.shapes[name].axis(position + 1)
                case Unary(operator="-", operand=Constant(value=int() as position)):
                    return terms.shapes[name].axis(-position)
                case _:
                    pass
        case _:
            pass
    return None


def substitute_value(value: Value, terms: Terms) -> Value:
    match value:
        case Tensor(shape=shape, dtype=dtype):
            return Tensor(_shape(shape, terms), dtype, optional=value.optional)
        case ShapeOf(shape=shape):
            return ShapeOf(_shape(shape, terms))
        case Sequence(kind=kind, items=items, item=item):
            return Sequence(
                kind,
                None if items is None else tuple(substitute_value(v, terms) for v in items),
                None if item is None else substitute_value(item, terms),
            )
        case Flagged(then=then, otherwise=otherwise):
            forms = substitute_value(then, terms), substitute_value(otherwise, terms)
            return replace(value, then=forms[0], otherwise=forms[1])
        case Mapped(entries=entries):
            return Mapped({k: substitute_value(v, terms) for k, v in entries.items()})
        case Static(constant=constant, kind=kind, extent=extent):
            size = substitute_size(extent, terms, compares=True)
            return replace(integer(size), constant=constant, kind=kind)
        case _:
            return value


def seen_outside(state: ClassState, value: Value) -> Value:
    """The result of a class where variables of its constructor are not known."""
    match value:
        case Tensor(shape=shape):
            end = _with_ends(shape.size(-1), _known_inside(state))
            return value if end is None else replace(value, shape=shape.with_last(end))
        case Sequence(items=items) if items is not None:
            return replace(value, items=tuple(seen_outside(state, v) for v in items))
        case Flagged(then=then, otherwise=otherwise):
            forms = seen_outside(state, then), seen_outside(state, otherwise)
            return replace(value, then=forms[0], otherwise=forms[1])
        case _:
            return value


def _known_inside(state: ClassState) -> dict[Dim, Dim]:
    """What sizes that only the constructor knows are for others."""
    local = {Dim.named(n): s for n, s in state.local_sizes.items() if s is not None}
    return {**{n: s for n, s in local.items() if n != s}, **state.chain_ends}


def _with_ends(size: Size, ends: Mapping[Dim, Dim]) -> Size:
    """A size said by what the modules of a list give, and what the variables of the constructor
    are; None where nothing of that has to do with it."""
    found: Size = None
    for _ in ends:  # what one is may be said by another
        after = _with_end(found or size, ends)
        if after is None:
            break
        found = after
    return found


def _with_end(size: Size, ends: Mapping[Dim, Dim]) -> Size:
    if size is None:
        return None
    if size in ends:
        return ends[size]
    codes = [(variable.to_expression(), end.to_expression()) for variable, end in ends.items()]

    def visit(node: Node) -> Node:
        found = next((end for variable, end in codes if same(node, variable)), None)
        return map_children(node, visit) if found is None else found

    before = size.to_expression()
    after = visit(before)
    assert isinstance(after, Expression)
    return None if same(before, after) else from_expression(after)


def _shape(shape: Shape, terms: Terms) -> Shape:
    if shape.dims is not None:
        end = len(shape.dims) - 1
        return Shape(
            tuple(substitute_size(d, terms, compares=i < end) for i, d in enumerate(shape.dims))
        )
    last = substitute_size(shape.last, terms)
    match shape.base or shape.lead:
        case Name(id=name) if name in terms.shapes:
            given = terms.shapes[name]
            if given.dims is not None or shape.lead is not None:
                return given.with_last(last)
            return Shape(None, last, given.base, given.lead)
        case _:
            pass
    base = None if shape.base is None else substitute_code(shape.base, terms.arguments)
    lead = None if shape.lead is None else substitute_code(shape.lead, terms.arguments)
    return Shape(None, last, base, lead)
