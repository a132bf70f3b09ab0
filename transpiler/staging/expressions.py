"""Evaluation of expressions: binding time, sizes, and the code of each slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...ir.dims import Dim
from ...ir.nodes import (
    Attribute,
    Binary,
    Boolean,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Dict,
    Expression,
    FunctionDef,
    Lambda,
    List,
    Name,
    NamedExpression,
    Node,
    OpCall,
    Reference,
    Slice,
    Starred,
    Subscript,
    Symbol,
    Tuple,
    Unary,
    map_children,
    replace_node,
)
from . import shape_rules
from .frame import Frame, Result, join_values, sequence_item
from .nodes import StaticRead
from .purity import is_pure
from .shapes import UNKNOWN, Shape
from .values import (
    Api,
    Choice,
    Closure,
    Defined,
    GraphModel,
    Instance,
    Known,
    Mapped,
    SelfReference,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    TrainingFlag,
    Unknown,
    Value,
    Weight,
    is_dynamic,
)


def evaluate(frame: Frame, node: Expression) -> Result:
    """Evaluates one expression. Layers it builds are registered with the frame, in order.

    Within one statement each expression is evaluated once: asking again must not build its layers
    again.
    """
    remembered = frame.memo.get(id(node))
    if remembered is not None:
        return remembered[1]
    result = _evaluate(frame, node)
    if frame.kind == "init" and result.static is not None and not is_dynamic(result.value):
        result = Result(result.value, result.static, result.static)
    frame.memo[id(node)] = (node, result)
    frame.program.facts.record(result.dynamic, result.value)
    if result.static is not None and result.static is not result.dynamic:
        frame.program.facts.record(result.static, _static_value(result.value))
    return result


def _static_value(value: Value) -> Value:
    return Static(kind=int, size=value.shape.size(-1)) if isinstance(value, Tensor) else value


def _evaluate(frame: Frame, node: Expression) -> Result:
    from . import calls

    match node:
        case Constant(value=value):
            return Result(_constant(value), node, node)
        case Name():
            return _name(frame, node)
        case StaticRead():
            return Result(Static(), node, Name(node.name))
        case Symbol(path=path):
            return _symbol(frame, node, path)
        case Reference():
            return _reference(frame, node)
        case Attribute():
            return _attribute(frame, node)
        case Subscript():
            return _subscript(frame, node)
        case Call():
            return calls.call(frame, node)
        case OpCall():
            return calls.op_call(frame, node)
        case Binary():
            return _binary(frame, node)
        case Unary():
            return _unary(frame, node)
        case Compare():
            return _compare(frame, node)
        case Boolean():
            return _boolean(frame, node)
        case Conditional():
            return _conditional(frame, node)
        case Tuple() | List():
            return _display(frame, node)
        case Dict():
            return _dict(frame, node)
        case Comprehension():
            return _comprehension(frame, node)
        case Lambda():
            return _lambda(frame, node)
        case NamedExpression(target=Name(id=name), value=value):
            inner = evaluate(frame, value)
            frame.assign(name, inner.value)
            return composite(frame, node, inner.value)
        case _:
            return composite(frame, node, Static())


# ------------------------------------------------------------------------------------------ helpers


def composite(frame: Frame, node: Expression, value: Value | None = None) -> Result:
    """Evaluates the children and rebuilds the node in each slice. The value is dynamic if a child
    is."""
    found: dict[int, Result] = {}

    def visit(child: Node) -> Node:
        if isinstance(child, Expression):
            found[id(child)] = result = evaluate(frame, child)
            return result.dynamic
        return map_children(child, visit)

    dynamic = map_children(node, visit)
    if value is None or isinstance(value, Static):
        value = Tensor() if any(is_dynamic(r.value) for r in found.values()) else value or Static()
    static: Expression | None
    if all(r.static is r.dynamic for r in found.values()):
        static = dynamic
    elif is_dynamic(value) or any(r.static is None for r in found.values()):
        static = None
    else:

        def pick(child: Node) -> Node:
            if isinstance(child, Expression):
                chosen = found[id(child)].static
                assert chosen is not None
                return chosen
            return map_children(child, pick)

        static = map_children(node, pick)
    return Result(value, dynamic, static)


def _constant(value: Any) -> Static:
    size = Dim.of(value) if isinstance(value, int) and not isinstance(value, bool) else None
    return Static(Known(value), type(value), size)


def known(value: Value) -> Known | None:
    """The constant a value is known to be, lists and tuples of constants included."""
    match value:
        case Static(constant=constant):
            return constant
        case Sequence(kind=kind, items=items) if items is not None:
            found = [known(item) for item in items]
            if any(k is None for k in found):
                return None
            values = [k.value for k in found if k is not None]
            return Known(tuple(values) if kind == "tuple" else values)
        case _:
            return None


def folded(value: Any, span_of: Expression) -> Result:
    """A literal in place of an expression whose value the compiler has worked out."""
    node = Constant(value)
    return Result(_constant(value), node, node)


# ------------------------------------------------------------------------------------------- leaves


def _name(frame: Frame, node: Name) -> Result:
    value = frame.environment.get(node.id)
    if value is None:
        return Result(Static(kind=None), node, node)
    match value:
        case Tensor():
            size = value.shape.size(-1)
            return Result(value, node, size.to_expression() if size is not None else None)
        case Sequence(shadow=shadow) if is_dynamic(value):
            return Result(value, node, shadow)
        case GraphModel(expression=expression):
            return Result(value, node if frame.kind != "split" else expression, None)
        case SelfReference():
            return Result(value, node, node)
        case ShapeOf(shape=shape) if frame.kind == "init":
            code = shape_code(shape)
            if code is None and shape.base is not None:
                code = Tuple((Constant(None), Starred(shape.base)))
            return Result(value, node, code or node)
        case TrainingFlag():
            from .classes import mode_read

            return Result(value, mode_read(frame) if frame.kind == "call" else node, None)
        case Instance(site=site):
            from .applying import module_read

            return Result(value, module_read(frame, site, node), node)
        case Closure(definition=FunctionDef()) if frame.program.creates(value.definition):
            from .definitions import closure_code

            code = closure_code(frame, value)
            return Result(value, code, code)
        case Static(code=code) if frame.kind == "call":
            return Result(value, node, code)
        case _ if node.id in frame.call_only and not is_dynamic(value):
            return Result(value, node, _call_only_code(value))
        case _:
            if frame.kind == "split" and not is_dynamic(value):
                return Result(value, StaticRead(node.id, span=node.span, clock=frame.clock), node)
            return Result(value, node, node if frame.kind != "call" else None)


def _call_only_code(value: Value) -> Expression | None:
    """`__init__` code for a variable that `__call__` computes from shapes, where the sizes are
    known."""
    match value:
        case Static(constant=Known(value=constant)):
            return Constant(constant)
        case Static(size=size) if size is not None:
            return size.to_expression()
        case ShapeOf(shape=shape):
            return shape_code(shape)
        case _:
            return None


def _symbol(frame: Frame, node: Symbol, path: str) -> Result:
    if path == "keras.backend" or path.endswith(".layers"):
        return Result(Api(path), node, node)
    replacement = frame.program.constant_symbol(path, frame)
    if replacement is not None:
        value = _constant(replacement.value) if isinstance(replacement, Constant) else Static()
        return Result(value, replacement, replacement)
    return Result(Api(path), node, node)


def _reference(frame: Frame, node: Reference) -> Result:
    definition = frame.program.definition(node.module, node.name)
    if definition is None:
        constant = frame.program.module_constant(node.module, node.name)
        return Result(constant or Static(), node, node)
    return Result(Defined(definition), node, node)


def _attribute(frame: Frame, node: Attribute) -> Result:
    from . import classes

    inner = evaluate(frame, node.value)
    match inner.value:
        case SelfReference():
            return classes.self_attribute(frame, node, inner)
        case Tensor(shape=shape) | Weight(shape=shape) if node.attribute == "shape":
            return _rebuilt(node, inner, ShapeOf(shape), shape_code(shape))
        case Tensor() | Weight() if node.attribute in ("dtype", "ndim", "name", "rank"):
            return _rebuilt(node, inner, Static(), None)
        case Tensor() | Weight():
            return _rebuilt(node, inner, Tensor(), None)
        case ShapeOf() if node.attribute == "rank":
            return _rebuilt(node, inner, Static(kind=int), None)
        case GraphModel(inputs=inputs, outputs=outputs) if node.attribute in ("output", "input"):
            value = outputs if node.attribute == "output" else inputs
            return Result(value, inner.dynamic, None)
        case Instance(site=site):
            return classes.instance_attribute(frame, node, inner, site)
        case _:
            static = inner.static
            code = None
            if static is not None:
                code = node if static is node.value else replace_node(node, value=static)
            return _rebuilt(node, inner, Static(), code)


def _rebuilt(node: Attribute, inner: Result, value: Value, static: Expression | None) -> Result:
    dynamic = node if inner.dynamic is node.value else replace_node(node, value=inner.dynamic)
    if static is not None and static is node:
        static = dynamic if inner.static is inner.dynamic else static
    return Result(value, dynamic, static)


def shape_code(shape: Shape) -> Expression | None:
    """`__init__` code for a whole shape; None if a size is unknown."""
    if shape.dims is None or any(d is None for d in shape.dims):
        return None
    return Tuple(tuple(d.to_expression() for d in shape.dims if d is not None))


# --------------------------------------------------------------------------------------- subscripts


def _subscript(frame: Frame, node: Subscript) -> Result:
    from . import by_name

    inner = evaluate(frame, node.value)
    if isinstance(node.index, Slice):
        index = composite(frame, node.index, Static())
    else:
        index = evaluate(frame, node.index)
    parts = (inner.dynamic, index.dynamic)
    unchanged = parts == (node.value, node.index)
    dynamic = node if unchanged else replace_node(node, value=parts[0], index=parts[1])
    position = known(index.value)
    if position is None:
        chosen = by_name.table_entry(node, inner.value, index)
        if chosen is not None:
            static = (
                None
                if inner.static is None or index.static is None
                else Subscript(inner.static, index.static)
            )
            return Result(chosen, dynamic, static)
    value: Value
    static: Expression | None = None
    match inner.value:
        case ShapeOf(shape=shape):
            if position is not None and isinstance(position.value, int):
                size = shape.size(position.value)
                value = Static(kind=int, size=size)
                if size is not None and size.constant is not None:
                    value = Static(Known(size.constant), int, size)
                return Result(value, dynamic, size.to_expression() if size is not None else None)
            cut = _slice_bounds(frame, node.index)
            if cut is not None and shape.dims is not None:
                part = Shape(shape.dims[cut])
                return Result(ShapeOf(part), dynamic, shape_code(part))
            if (
                cut is not None
                and shape.base is not None
                and (cut.start, cut.stop, cut.step) == (1, None, None)
            ):
                return Result(Static(kind=tuple), dynamic, shape.base)
            return Result(Static(kind=None), dynamic, None)
        case Sequence(items=items):
            value = _element(frame, node, inner.value, position, items)
        case Mapped(entries=entries) if position is not None and position.value in entries:
            value = entries[position.value]
        case Tensor(shape=shape, dtype=dtype) | Weight(shape=shape, dtype=dtype):
            return Result(Tensor(_index_shape(frame, shape, node.index), dtype), dynamic, None)
        case _ if is_dynamic(inner.value):
            value = Tensor()
        case _:
            value = Static() if not isinstance(inner.value, (Unknown, Defined)) else inner.value
    if inner.static is not None and index.static is not None:
        same_code = inner.static is inner.dynamic and index.static is index.dynamic
        static = dynamic if same_code else Subscript(inner.static, index.static)
    if isinstance(value, Tensor) and static is not None and value.shape.size(-1) is None:
        value = Tensor(value.shape.with_last(Dim.variable(static)), value.dtype)
    if isinstance(value, Tensor) and value.shape.size(-1) is not None:
        last = value.shape.size(-1)
        static = last.to_expression() if last is not None else None
    return Result(value, dynamic, static)


def _element(
    frame: Frame,
    node: Subscript,
    sequence: Sequence,
    position: Known | None,
    items: tuple[Value, ...] | None,
) -> Value:
    if isinstance(node.index, Slice):
        cut = _slice_bounds(frame, node.index)
        if items is not None and cut is not None:
            return Sequence(sequence.kind, items[cut], None)
        return Sequence(sequence.kind, None, sequence_item(sequence))
    if items is not None and position is not None and isinstance(position.value, int):
        if -len(items) <= position.value < len(items):
            return items[position.value]
        return Unknown()
    return sequence_item(sequence) or Unknown()


def _slice_bounds(frame: Frame, node: Expression) -> slice | None:
    if not isinstance(node, Slice):
        return None
    bounds: list[int | None] = []
    for part in (node.lower, node.upper, node.step):
        if part is None:
            bounds.append(None)
            continue
        constant = known(evaluate(frame, part).value)
        if constant is None or not (constant.value is None or isinstance(constant.value, int)):
            return None
        bounds.append(constant.value)
    return slice(*bounds)


def _index_shape(frame: Frame, shape: Shape, index: Expression) -> Shape:
    """Basic indexing: integers, slices, None and Ellipsis. Anything else: unknown."""
    parts = index.elements if isinstance(index, Tuple) else (index,)
    consumed = sum(
        1 for p in parts if not _is_literal(frame, p, None) and not _is_literal(frame, p, ...)
    )
    if shape.dims is None:
        if (
            any(_is_literal(frame, p, ...) for p in parts)
            and len(parts) == 2
            and isinstance(parts[-1], Slice)
        ):
            if parts[-1].lower is parts[-1].upper is parts[-1].step is None:
                return shape
            return Shape(None, _slice_size(frame, shape.size(-1), parts[-1]))
        if (
            all(isinstance(p, Slice) or _is_literal(frame, p, None) for p in parts)
            and consumed == 1
        ):
            return Shape(None, shape.last)
        return UNKNOWN
    rest = list(shape.dims)
    result: list[shape_rules.Size] = []
    for part in parts:
        if _is_literal(frame, part, ...):
            keep = len(rest) - sum(
                1 for p in parts[parts.index(part) + 1 :] if not _is_literal(frame, p, None)
            )
            result += rest[:keep]
            rest = rest[keep:]
        elif _is_literal(frame, part, None):
            result.append(Dim.of(1))
        elif isinstance(part, Slice):
            if not rest:
                return UNKNOWN
            result.append(_slice_size(frame, rest.pop(0), part))
        else:
            value = evaluate(frame, part).value
            if is_dynamic(value) or not isinstance(value, Static) or not rest:
                return UNKNOWN
            rest.pop(0)
    return Shape((*result, *rest))


def _is_literal(frame: Frame, node: Expression, wanted: Any) -> bool:
    match node:
        case Constant(value=value):
            return value is wanted
        case Symbol(path="tf.newaxis"):
            return wanted is None
        case _:
            return False


def _slice_size(frame: Frame, size: Dim | None, part: Slice) -> Dim | None:
    if part.lower is part.upper is part.step is None:
        return size
    if part.step is not None:
        step = known(evaluate(frame, part.step).value)
        if step is not None and step.value == -1 and part.lower is part.upper is None:
            return size
        if step is None or not isinstance(step.value, int) or step.value < 1 or size is None:
            return None
        if part.lower is part.upper is None:
            return size.ceil_div(Dim.of(step.value))
        return None
    lower = _bound(frame, part.lower, Dim.of(0), size)
    upper = _bound(frame, part.upper, size, size)
    return None if lower is None or upper is None else upper - lower


def _bound(
    frame: Frame, part: Expression | None, default: Dim | None, size: Dim | None
) -> Dim | None:
    if part is None:
        return default
    result = evaluate(frame, part)
    found = result.value.size if isinstance(result.value, Static) else None
    if found is None:
        return None
    if found.constant is not None and found.constant < 0:
        return None if size is None else size + found
    return found


# ---------------------------------------------------------------------------------------- operators


def _binary(frame: Frame, node: Binary) -> Result:
    left, right = evaluate(frame, node.left), evaluate(frame, node.right)
    changed = left.dynamic is not node.left or right.dynamic is not node.right
    dynamic = replace_node(node, left=left.dynamic, right=right.dynamic) if changed else node
    static: Expression | None = None
    if left.static is not None and right.static is not None:
        same_code = left.static is left.dynamic and right.static is right.dynamic
        static = dynamic if same_code else Binary(node.operator, left.static, right.static)
    a, b = left.value, right.value
    if isinstance(a, Sequence) and isinstance(b, Sequence) and node.operator == "+":
        items = a.items + b.items if a.items is not None and b.items is not None else None
        item = None if items is not None else _joined_items(a, b)
        return Result(Sequence(a.kind, items, item), dynamic, static)
    if isinstance(a, Sequence) and isinstance(b, Static) and node.operator == "*":
        count = b.constant.value if b.constant is not None else None
        if a.items is not None and isinstance(count, int):
            return Result(Sequence(a.kind, a.items * count), dynamic, static)
        return Result(Sequence(a.kind, None, sequence_item(a)), dynamic, static)
    if is_dynamic(a) or is_dynamic(b):
        shape = _operator_shape(node.operator, a, b)
        dtype = next((v.dtype for v in (a, b) if isinstance(v, (Tensor, Weight)) and v.dtype), None)
        size = shape.size(-1)
        return Result(
            Tensor(shape, dtype), dynamic, size.to_expression() if size is not None else None
        )
    if isinstance(a, ShapeOf) or isinstance(b, ShapeOf):
        return Result(Static(), dynamic, None)
    return Result(_arithmetic(node, a, b, static), dynamic, static)


def _operator_shape(operator: str, a: Value, b: Value) -> Shape:
    shapes = [v.shape if isinstance(v, (Tensor, Weight)) else v for v in (a, b)]
    if operator == "@":
        return shape_rules.matmul(*shapes)
    tensors = [s if isinstance(s, Shape) else Shape(()) for s in shapes]
    return shape_rules.broadcast(*tensors)


def _joined_items(a: Sequence, b: Sequence) -> Value | None:
    items = [i for i in (sequence_item(a), sequence_item(b)) if i is not None]
    return items[0] if len(items) == 1 else join_values(*items) if items else None


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a % b,
}
_SIMPLE = (int, float, str, bool, tuple, list)


def _arithmetic(node: Binary, a: Value, b: Value, static: Expression | None) -> Value:
    left, right = known(a), known(b)
    if (
        left is not None
        and right is not None
        and node.operator in _OPERATORS
        and isinstance(left.value, _SIMPLE)
        and isinstance(right.value, _SIMPLE)
    ):
        try:
            value = _OPERATORS[node.operator](left.value, right.value)
        except (TypeError, ValueError, ArithmeticError):
            return Static()
        if not isinstance(value, (str, list, tuple)) or len(value) < 1000:
            return _constant(value)
    kinds = {v.kind for v in (a, b) if isinstance(v, Static)}
    kind = kinds.pop() if len(kinds) == 1 else None
    sizes = [v.size if isinstance(v, Static) else None for v in (a, b)]
    size = None
    if sizes[0] is not None and sizes[1] is not None:
        match node.operator:
            case "+":
                size = sizes[0] + sizes[1]
            case "-":
                size = sizes[0] - sizes[1]
            case "*":
                size = sizes[0] * sizes[1]
            case "//" if sizes[1].constant != 0:
                size = sizes[0] // sizes[1]
            case _:
                pass
    if (
        size is None
        and static is not None
        and node.operator in ("+", "-", "*", "//", "%")
        and kind is int
    ):
        size = Dim.variable(static)
    return Static(kind=kind, size=size)


def _unary(frame: Frame, node: Unary) -> Result:
    result = composite(frame, node)
    operand = frame.program.facts.value(
        node.operand if result.dynamic is node else result.dynamic.operand
    )  # type: ignore
    constant = known(operand) if operand is not None else None
    if constant is not None and isinstance(constant.value, (int, float, bool)):
        value = constant.value
        outcome = (
            (not value) if node.operator == "not" else -value if node.operator == "-" else None
        )
        if outcome is not None and result.dynamic is not node and isinstance(constant.value, bool):
            return folded(outcome, node)
        if outcome is not None:
            static = result.static
            return Result(_constant(outcome), result.dynamic, static)
    if node.operator == "not" and operand is not None and not is_dynamic(operand):
        return Result(Static(kind=bool), result.dynamic, result.static)
    if isinstance(operand, Tensor):
        return Result(operand, result.dynamic, None)
    return result


def _compare(frame: Frame, node: Compare) -> Result:
    result = composite(frame, node)
    assert isinstance(result.dynamic, Compare)
    dynamic = result.dynamic
    if len(node.operators) != 1:
        return result
    facts = frame.program.facts
    left = facts.value(dynamic.left) or Static()
    right = facts.value(dynamic.comparators[0]) or Static()
    operator = node.operators[0]
    if operator in ("is", "is not"):
        none = known(right)
        if none is not None and none.value is None:
            definite = is_dynamic(left) or isinstance(
                left, (Instance, Defined, Closure, Api, ShapeOf)
            )
            constant = known(left)
            if definite or constant is not None:
                is_none = constant is not None and constant.value is None
                return folded(is_none == (operator == "is"), node)
            return Result(Static(kind=bool), dynamic, result.static)
    if not is_dynamic(left) and not is_dynamic(right):
        a, b = known(left), known(right)
        if a is not None and b is not None and operator in _COMPARISONS:
            try:
                outcome = _COMPARISONS[operator](a.value, b.value)
            except TypeError:
                return result
            changed = dynamic is not node
            return (
                folded(outcome, node)
                if changed
                else Result(_constant(outcome), dynamic, result.static)
            )
        sizes = [v.size if isinstance(v, Static) else None for v in (left, right)]
        if sizes[0] is not None and sizes[0] == sizes[1] and operator in ("==", "!="):
            return Result(_constant(operator == "=="), dynamic, result.static)
        return Result(Static(kind=bool), dynamic, result.static)
    shape = _operator_shape("+", left, right)
    return Result(Tensor(shape, "bool"), dynamic, None)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
    "is": lambda a, b: a is b,
    "is not": lambda a, b: a is not b,
}


def _boolean(frame: Frame, node: Boolean) -> Result:
    """Operands folded to literals drop out: `True and x` is `x`."""
    results = [evaluate(frame, operand) for operand in node.operands]
    deciding = node.operator == "or"
    kept: list[tuple[Expression, Result]] = []
    for operand, result in zip(node.operands, results, strict=True):
        if (
            isinstance(result.dynamic, Constant)
            and isinstance(result.dynamic.value, bool)
            and not isinstance(operand, Constant)
        ):
            if result.dynamic.value is deciding and all(is_pure(r.dynamic) for _, r in kept):
                return folded(deciding, node)
            if result.dynamic.value is not deciding:
                continue
        kept.append((operand, result))
    if not kept:
        return folded(not deciding, node)
    if len(kept) == 1:
        return kept[0][1]
    values = [r.value for _, r in kept]
    value: Value = Tensor() if any(is_dynamic(v) for v in values) else Static(kind=bool)
    unchanged = len(kept) == len(results) and all(r.dynamic is o for o, r in kept)
    dynamic = (
        node
        if unchanged
        else Boolean(node.operator, tuple(r.dynamic for _, r in kept), span=node.span)
    )
    statics = [r.static for _, r in kept]
    static: Expression | None = None
    if all(r.static is r.dynamic for _, r in kept):
        static = dynamic
    elif all(s is not None for s in statics):
        static = Boolean(node.operator, tuple(s for s in statics if s is not None))
    return Result(value, dynamic, static)


def _conditional(frame: Frame, node: Conditional) -> Result:
    test = evaluate(frame, node.test)
    if isinstance(test.dynamic, Constant) and not isinstance(node.test, Constant):
        return evaluate(frame, node.then if test.dynamic.value else node.otherwise)
    then, otherwise = evaluate(frame, node.then), evaluate(frame, node.otherwise)
    parts = {"test": test, "then": then, "otherwise": otherwise}
    unchanged = all(getattr(node, name) is r.dynamic for name, r in parts.items())
    dynamic = node if unchanged else replace_node(node, **{n: r.dynamic for n, r in parts.items()})
    static: Expression | None = None
    if all(r.static is r.dynamic for r in parts.values()):
        static = dynamic
    elif test.static is not None and then.static is not None and otherwise.static is not None:
        static = Conditional(test.static, then.static, otherwise.static)
    callables = (Api, Defined, Closure, Choice, Instance)
    value: Value
    if (
        test.static is not None
        and isinstance(then.value, callables)
        and isinstance(otherwise.value, callables)
    ):
        value = Choice(test.static, then.value, otherwise.value)
    else:
        value = join_values(then.value, otherwise.value)
        if isinstance(value, Tensor) and value.shape.size(-1) is None and static is not None:
            value = Tensor(value.shape.with_last(Dim.variable(static)), value.dtype)
        if isinstance(value, Static) and value.size is None and static is not None:
            sizes = [
                r.value.size if isinstance(r.value, Static) else None for r in (then, otherwise)
            ]
            if sizes[0] is not None and sizes[1] is not None:
                value = Static(value.constant, int, Dim.variable(static))
    return Result(value, dynamic, static)


# ----------------------------------------------------------------------------------------- displays


def _display(frame: Frame, node: Tuple | List) -> Result:
    results = [evaluate(frame, e.value if isinstance(e, Starred) else e) for e in node.elements]
    kind = "tuple" if isinstance(node, Tuple) else "list"
    items: list[Value] | None = []
    for element, result in zip(node.elements, results, strict=True):
        if not isinstance(element, Starred):
            if items is not None:
                items.append(result.value)
        elif (
            isinstance(result.value, Sequence)
            and result.value.items is not None
            and items is not None
        ):
            items.extend(result.value.items)
        else:
            items = None
    if items is not None:
        value = Sequence(kind, tuple(items))
    else:
        parts = [
            sequence_item(r.value) if isinstance(r.value, Sequence) else r.value for r in results
        ]
        joined = [p for p in parts if p is not None]
        item = joined[0] if joined else None
        for part in joined[1:]:
            item = join_values(item, part) if item is not None else part
        value = Sequence(kind, None, item)

    def rebuild(codes: list[Expression]) -> Expression:
        new = tuple(
            (e if c is e.value else replace_node(e, value=c)) if isinstance(e, Starred) else c
            for e, c in zip(node.elements, codes, strict=True)
        )
        if all(a is b for a, b in zip(new, node.elements, strict=True)):
            return node
        return replace_node(node, elements=new)

    dynamic = rebuild([r.dynamic for r in results])
    statics = [r.static for r in results]
    static: Expression | None = None
    if all(r.static is r.dynamic for r in results):
        static = dynamic
    elif all(s is not None for s in statics):
        static = rebuild([s for s in statics if s is not None])
    return Result(value, dynamic, static)


def _dict(frame: Frame, node: Dict) -> Result:
    entries: dict[Any, Value] | None = {}
    result = composite(frame, node)
    facts = frame.program.facts
    assert isinstance(result.dynamic, Dict)
    for k, v in zip(result.dynamic.keys, result.dynamic.values, strict=True):
        constant = k.value if isinstance(k, Constant) else None
        if constant is None or entries is None:
            entries = None
            break
        entries[constant] = facts.value(v) or Static()
    if entries is None:
        return result
    return Result(Mapped(entries), result.dynamic, result.static)


def _comprehension(frame: Frame, node: Comprehension) -> Result:
    from . import loops

    return loops.comprehension(frame, node)


def _lambda(frame: Frame, node: Lambda) -> Result:
    """The body is translated in place; its parameters may be tensors."""
    outer = dict(frame.environment)
    for parameter in node.parameters:
        frame.environment[parameter.name] = Tensor()
    kind = frame.kind
    body = evaluate(frame, node.body)
    frame.environment = outer
    frame.kind = kind
    dynamic = node if body.dynamic is node.body else replace_node(node, body=body.dynamic)
    static = None if body.static is None and is_dynamic(body.value) else node
    return Result(Closure(node, outer), dynamic, static if not is_dynamic(body.value) else dynamic)
