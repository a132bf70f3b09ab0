"""What statements say of the shapes of variables: assertions, tests of branches, `set_shape`.

`assert len(x.shape) == 4`, `tf.debugging.assert_rank(x, 4)`, `b, h, w, c = x.shape`: where nothing
else tells the rank, x has it from there on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...ir.dims import Dim
from ...ir.nodes import (
    Attribute,
    Boolean,
    Call,
    Compare,
    Constant,
    Dict,
    Expression,
    List,
    Name,
    OpCall,
    Starred,
    Subscript,
    Tuple,
    Unary,
)
from .assignment import assign
from .machine import Machine
from .solver import ONE, Reason
from .tensors import refine
from .values import (
    UNKNOWN,
    Frame,
    Place,
    Size,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
)

SHAPES = frozenset({"tf.shape", "tf.compat.v1.shape", "keras.backend.int_shape", "keras.ops.shape"})
RANKS = frozenset({"tf.rank", "keras.backend.ndim", "keras.ops.ndim"})
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
ASSERTED = {
    "assert_equal": "==",
    "assert_less": "<",
    "assert_less_equal": "<=",
    "assert_greater": ">",
    "assert_greater_equal": ">=",
}
METHODS = frozenset(
    {"assert_has_rank", "with_rank", "assert_is_compatible_with", "merge_with", "set_shape"}
)


# -- what is spoken of


def shaped(e: Expression) -> Expression | None:
    """x, of an expression that is its shape: `x.shape`, `tf.shape(x)`, `x.shape.as_list()`."""
    match e:
        case Attribute(value=x, attribute="shape"):
            return x
        case OpCall(symbol=symbol, bound=bound) if symbol in SHAPES and bound:
            return next(iter(bound.values()))
        case Call(function=Attribute(value=x, attribute="get_shape"), arguments=()):
            return x
        case Call(function=Attribute(value=inner, attribute="as_list"), arguments=()):
            return shaped(inner)
        case Call(function=Name(id="tuple" | "list"), arguments=(argument,)):
            return shaped(argument.value)
        case _:
            return None


def ranked(e: Expression) -> Expression | None:
    """x, of an expression that is its rank: `len(x.shape)`, `x.ndim`, `tf.rank(x)`."""
    match e:
        case Call(function=Name(id="len"), arguments=(argument,)):
            return shaped(argument.value)
        case Attribute(value=inner, attribute="rank" | "ndims"):
            return shaped(inner)
        case Attribute(value=x, attribute="ndim"):
            return x
        case OpCall(symbol=symbol, bound=bound) if symbol in RANKS and bound:
            return next(iter(bound.values()))
        case _:
            return None


# -- taking note


def state(m: Machine, x: Expression, dims: Sequence[Dim | None], frame: Frame) -> None:
    """The variable has this shape, None standing for any size."""
    if not isinstance(x, (Name, Attribute)):
        return
    found = m.evaluate(x, frame)
    if not is_open(found):
        return
    place = m.place(x, frame)
    with m.mute():
        assign(m, x, opened(m, found, dims, place), frame)


def opened(m: Machine, found: Value, dims: Sequence[Dim | None], place: Place) -> Tensor:
    if isinstance(found, Size):
        return _argument(m, found, dims, place)
    dtype = found.dtype if isinstance(found, Tensor) else None
    last = found.last if isinstance(found, Tensor) else None
    known = [d if d is None or d != Dim.of(-1) else None for d in dims]
    if last is not None and known and known[-1] is None:
        known[-1] = last
    sizes = tuple(m.solver.fresh("?") if d is None else d for d in known)
    return Tensor(sizes, dtype, (place,) * len(sizes))


def _argument(m: Machine, found: Size, dims: Sequence[Dim | None], place: Place) -> Tensor:
    """An argument has sizes of its own, the same wherever it is met: a translation gets it, too."""
    m.demand(found.dim, len(dims))
    own = m.solver.shape_of_argument(found.dim, len(dims))
    reason = Reason(place, "this is stated")
    sizes: list[Dim] = []
    for mine, stated in zip(own, dims, strict=True):
        known = stated is not None and stated != Dim.of(-1)
        if known and stated is not None:
            m.solver.require(mine, stated, reason)
        sizes.append(stated if known and stated is not None else mine)
    return Tensor(tuple(sizes), None, (place,) * len(sizes))


def is_open(value: Value) -> bool:
    """Whether nothing is known of a shape: an argument, a tensor of any rank."""
    match value:
        case Tensor(dims=dims):
            return dims is None
        case Size(sure=sure):
            return not sure
        case _:
            return value == UNKNOWN


def unpacked(m: Machine, target: Expression, value: Expression, frame: Frame) -> None:
    """`b, h, w, c = x.shape` says that x has four axes."""
    x = shaped(value)
    if x is None or not isinstance(target, Tuple):
        return
    if not any(isinstance(e, Starred) for e in target.elements):
        state(m, x, (None,) * len(target.elements), frame)


def method(m: Machine, e: Call, frame: Frame) -> None:
    """`x.set_shape(s)`, `x.shape.assert_has_rank(n)`."""
    match e:
        case Call(function=Attribute(value=owner, attribute=name), arguments=(argument,)):
            if name not in METHODS:
                return
            x = owner if name == "set_shape" else shaped(owner)
            if x is None:
                return
            value = m.evaluate(argument.value, frame)
            if name.endswith("rank"):
                _rank(m, x, value, frame)
            else:
                _shape(m, x, value, frame, name != "set_shape")
        case _:
            pass


def _shape(m: Machine, x: Expression, value: Value, frame: Frame, checks: bool) -> None:
    """The variable has the shape that the value is, which is checked if asked for."""
    items = items_of(value)
    if items is None:
        return
    if is_open(found := m.evaluate(x, frame)):
        state(m, x, [dim_of(v) for v in items], frame)
    elif isinstance(found, Tensor) and checks:
        refine(m, found, value, m.place(x, frame))


def _rank(m: Machine, x: Expression, value: Value, frame: Frame) -> None:
    number = integer(value)
    if number is not None and 0 <= number <= 8:
        state(m, x, (None,) * number, frame)


def operation(m: Machine, e: OpCall, bound: Mapping[str, Value], frame: Frame) -> None:
    """`tf.debugging.assert_rank(x, n)` and the like."""
    name = e.symbol.rpartition(".")[2]
    if not name.startswith("assert_"):
        return
    if name == "assert_rank" and "x" in e.bound:
        _rank(m, e.bound["x"], bound.get("rank", UNKNOWN), frame)
    elif name == "assert_shapes" and "shapes" in e.bound:
        _shapes(m, e.bound["shapes"], frame)
    elif name in ASSERTED and "x" in e.bound and "y" in e.bound:
        reason = Reason(m.place(e, frame), "this is asserted")
        _related(m, ASSERTED[name], e.bound["x"], e.bound["y"], frame, reason)


def _shapes(m: Machine, e: Expression, frame: Frame) -> None:
    """`[(x, ("N", 4)), ...]` or `{x: ("N", 4)}`: equal texts are equal sizes."""
    named: dict[object, Dim] = {}
    for x, sizes in _stated_shapes(e):
        items = items_of(m.evaluate(sizes, frame))
        if items is None or ... in [const(v) for v in items if not isinstance(v, Size)]:
            continue
        words = [const(v) for v in items]
        if any(isinstance(w, str) and w in ("*", "...") for w in words) or Ellipsis in words:
            continue
        dims = [_named(m, v, named) for v in items]
        found = m.evaluate(x, frame)
        if is_open(found):
            state(m, x, dims, frame)
        elif isinstance(found, Tensor) and found.dims is not None and len(dims) == len(found.dims):
            for stated, real in zip(dims, found.dims, strict=True):
                if stated is not None:
                    m.solver.require(real, stated, Reason(m.place(x, frame), "asserted here"))


def _stated_shapes(e: Expression) -> list[tuple[Expression, Expression]]:
    match e:
        case List(elements=elements) | Tuple(elements=elements):
            pairs = [p.elements for p in elements if isinstance(p, (Tuple, List))]
            return [(p[0], p[1]) for p in pairs if len(p) == 2]
        case Dict(keys=keys, values=values):
            return [(k, v) for k, v in zip(keys, values, strict=True) if k is not None]
        case _:
            return []


def _named(m: Machine, value: Value, named: dict[object, Dim]) -> Dim | None:
    word = const(value)
    if not isinstance(word, str):
        return dim_of(value)
    if word not in named:
        named[word] = m.solver.fresh(word if word.isidentifier() else "?")
    return named[word]


# -- tests


def assume(m: Machine, test: Expression, holds: bool, frame: Frame) -> None:
    """Takes what a test says of sizes as true."""
    match test:
        case Unary(operator="not", operand=operand):
            assume(m, operand, not holds, frame)
        case Boolean(operator="and", operands=operands) if holds:
            for operand in operands:
                assume(m, operand, True, frame)
        case Boolean(operator="or", operands=operands) if not holds:
            for operand in operands:
                assume(m, operand, False, frame)
        case Compare(left=left, operators=operators, comparators=comparators):
            if not holds and len(operators) > 1:
                return
            reason = Reason(m.place(test, frame), "this is taken to hold")
            for symbol, right in zip(operators, comparators, strict=True):
                stated = symbol if holds else NEGATED.get(symbol, "")
                with m.mute():
                    _related(m, stated, left, right, frame, reason)
                left = right
        case _:
            pass


def _related(
    m: Machine, symbol: str, left: Expression, right: Expression, frame: Frame, reason: Reason
) -> None:
    if symbol == "==":
        _shape_of(m, left, right, frame)
        _shape_of(m, right, left, frame)
        _equate(m, m.evaluate(left, frame), m.evaluate(right, frame), reason)
        return
    a, b = dim_of(m.evaluate(left, frame)), dim_of(m.evaluate(right, frame))
    if a is None or b is None:
        return
    match symbol:
        case ">=":
            m.solver.at_least(a - b)
        case ">":
            m.solver.at_least(a - b - ONE)
        case "<=":
            m.solver.at_least(b - a)
        case "<":
            m.solver.at_least(b - a - ONE)
        case _:
            pass


def _shape_of(m: Machine, left: Expression, right: Expression, frame: Frame) -> None:
    """`left` may be the shape or the rank of something, or its last size."""
    if (x := ranked(left)) is not None:
        _rank(m, x, m.evaluate(right, frame), frame)
    elif (x := shaped(left)) is not None:
        items = items_of(m.evaluate(right, frame))
        if items is not None:
            state(m, x, [dim_of(v) for v in items], frame)
    elif isinstance(left, Subscript) and (x := shaped(left.value)) is not None:
        _last(m, x, left.index, m.evaluate(right, frame), frame)


def _last(m: Machine, x: Expression, index: Expression, value: Value, frame: Frame) -> None:
    size = dim_of(value)
    minus_one = (isinstance(index, Unary) and index.operand == Constant(1)) or index == Constant(-1)
    if size is None or not minus_one or not isinstance(x, (Name, Attribute)):
        return
    found = m.evaluate(x, frame)
    if is_open(found):
        dtype = found.dtype if isinstance(found, Tensor) else None
        assign(m, x, Tensor(None, dtype, last=size), frame)


def _equate(m: Machine, left: Value, right: Value, reason: Reason) -> None:
    a, b = dim_of(left), dim_of(right)
    if a is not None and b is not None:
        m.solver.require(a, b, reason)
        return
    items, others = items_of(left), items_of(right)
    if items is not None and others is not None and len(items) == len(others):
        for one, other in zip(items, others, strict=True):
            _equate(m, one, other, reason)
