"""Evaluation of expressions: binding time, sizes, and the code of each slice."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
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
    Starred,
    Subscript,
    Symbol,
    Tuple,
    Unary,
    map_children,
    replace_node,
)
from ...rewrite.calls import rewrite_value
from ...rewrite.model import Rewritten
from ...shapes.shapes import Shape
from ..frame import Frame, Result
from ..nodes import StaticRead
from ..values import (
    Api,
    Closure,
    Defined,
    GraphModel,
    Instance,
    Known,
    Mapped,
    Object,
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
from .flags import settled


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
    from ..calling import calls
    from .displays import evaluate_comprehension, evaluate_dict, evaluate_display, evaluate_lambda
    from .operators import (
        evaluate_binary,
        evaluate_boolean,
        evaluate_compare,
        evaluate_conditional,
        evaluate_unary,
    )
    from .subscripts import evaluate_subscript

    match node:
        case Constant(value=value):
            return Result(constant_value(value), node, node)
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
            return evaluate_subscript(frame, node)
        case Call():
            return calls.call(frame, node)
        case OpCall():
            return calls.op_call(frame, node)
        case Binary():
            return evaluate_binary(frame, node)
        case Unary():
            return evaluate_unary(frame, node)
        case Compare():
            return evaluate_compare(frame, node)
        case Boolean():
            return evaluate_boolean(frame, node)
        case Conditional():
            return evaluate_conditional(frame, node)
        case Tuple() | List():
            return evaluate_display(frame, node)
        case Dict():
            return evaluate_dict(frame, node)
        case Comprehension():
            return evaluate_comprehension(frame, node)
        case Lambda():
            return evaluate_lambda(frame, node)
        case NamedExpression(target=Name(id=name), value=value):
            inner = evaluate(frame, value)
            frame.assign(name, inner.value)
            return composite(frame, node, inner.value)
        case _:
            return composite(frame, node, Static())


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


def constant_value(value: object) -> Static:
    size = Dim.of(value) if isinstance(value, int) and not isinstance(value, bool) else None
    kind: type = type(value)
    return Static(Known(value), kind, size)


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


def folded(value: object, span_of: Expression) -> Result:
    """A literal in place of an expression whose value the compiler has worked out."""
    node = Constant(value)
    return Result(constant_value(value), node, node)


def _name(frame: Frame, node: Name) -> Result:
    value = frame.environment.get(node.id)
    if value is None:
        return Result(Static(kind=None), node, node)
    value = settled(value)
    match value:
        case Tensor():
            size = value.shape.size(-1)
            return Result(value, node, size.to_expression() if size is not None else None)
        case Sequence(shadow=shadow) | Mapped(shadow=shadow) if is_dynamic(value):
            return Result(value, node, shadow)
        case Sequence(kind="list", items=(), shadow=shadow) if frame.kind == "split":
            # What it will hold is not known yet: each slice has a list of its own.
            return Result(value, node, shadow or node)
        case GraphModel(expression=expression):
            return Result(value, node if frame.kind != "split" else expression, None)
        case SelfReference():
            return Result(value, node, node)
        case ShapeOf() | Sequence() if frame.kind == "init" and holds_shapes(value):
            code = shapes_code(value) or node
            return Result(value, code, code)
        case TrainingFlag():
            from ..class_definitions.class_state import mode_read

            return Result(value, mode_read(frame) if frame.kind == "call" else node, None)
        case Instance(site=site):
            from ..layers.applying import module_read

            return Result(value, module_read(frame, site, node), node)
        case Closure(definition=FunctionDef()) if frame.program.creates(value.definition):
            from ..uses.local_functions import closure_code

            code = closure_code(frame, value)
            return Result(value, code, code)
        case Closure(definition=FunctionDef()) if frame.kind == "split":
            # Both slices define it.
            return Result(value, node, node)
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
    if path.startswith(("jax.", "flax.")):
        # Put there by a pass that ran before.
        return Result(Unknown(), node, node)
    if path == "keras.backend" or path.endswith(".layers"):
        return Result(Api(path), node, node)
    rules, facts = frame.program.rules, frame.program.facts
    # What is no constant and no dtype must see its use first.
    outcome = rewrite_value(path, rules, facts) if rules.for_value(path) else None
    if isinstance(outcome, Rewritten):
        replacement = outcome.expression
        value = constant_value(replacement.value) if isinstance(replacement, Constant) else Static()
        return Result(value, replacement, replacement)
    return Result(Api(path), node, node)


def _reference(frame: Frame, node: Reference) -> Result:
    definition = frame.program.definition(node.module, node.name)
    if definition is None:
        constant = frame.program.module_constant(node.module, node.name)
        return Result(constant or Static(), node, node)
    return Result(Defined(definition), node, node)


def _attribute(frame: Frame, node: Attribute) -> Result:
    from ..calling import objects
    from ..class_definitions import class_attributes, optional_weights

    inner = optional_weights.present(frame, evaluate(frame, node.value))
    if objects.is_dtype_member(frame, node):
        return objects.attribute(frame, node, inner, objects.DTYPE)
    match inner.value:
        case SelfReference():
            return class_attributes.self_attribute(frame, node, inner)
        case Tensor(shape=shape) | Weight(shape=shape) if node.attribute == "shape":
            return _rebuilt(node, inner, ShapeOf(shape), shape_code(shape))
        case Tensor(mask=mask) if node.attribute == "_keras_mask":
            code = mask if mask is not None else Constant(None)
            return Result(Tensor(dtype="bool") if mask is not None else Static(), code, None)
        case Tensor() | Weight() if node.attribute in ("dtype", "ndim", "name", "rank"):
            return _rebuilt(node, inner, Static(), None)
        case Tensor() | Weight():
            return _rebuilt(node, inner, Tensor(), None)
        case ShapeOf(shape=shape) if node.attribute in ("rank", "ndims"):
            return _rank(inner, shape)
        case GraphModel(inputs=inputs, outputs=outputs) if node.attribute in ("output", "input"):
            value = outputs if node.attribute == "output" else inputs
            return Result(value, inner.dynamic, None)
        case Instance(site=site):
            from ..functional_models import model_views

            view = model_views.attribute(frame, node, site, inner.dynamic)
            if view is not None:
                return view
            return class_attributes.instance_attribute(frame, node, inner, site)
        case Object(owner=owner):
            return objects.attribute(frame, node, inner, owner)
        case _:
            static = inner.static
            code = None
            if static is not None:
                code = node if static is node.value else replace_node(node, value=static)
            return _rebuilt(node, inner, part_of(inner, node), code)


def part_of(owner: Result, node: Attribute | Subscript) -> Static:
    """An attribute or entry of a static value that is not known: where it is used as a size, it is
    this one."""
    size = owner.value.size if isinstance(owner.value, Static) else None
    code = owner.static if size is None or size.constant is not None else size.to_expression()
    if code is None or not is_path(code):
        return Static()
    return Static(size=Dim.variable(replace_node(node, value=code, span=None)))


def is_path(code: Expression) -> bool:
    """Whether code only reads: `a.b[0].c`."""
    match code:
        case Name():
            return True
        case Attribute(value=value) | Subscript(value=value, index=Constant() | Name()):
            return is_path(value)
        case _:
            return False


def _rank(inner: Result, shape: Shape) -> Result:
    """`x.shape.rank`, of a shape that is a tuple now."""
    match inner.dynamic:
        case Attribute(value=owner, attribute="shape"):
            code: Expression = Attribute(owner, "ndim")
        case _:
            code = Call(Name("len"), (Argument(inner.dynamic),))
    if shape.rank is None:
        return Result(Static(kind=int), code, None)
    return Result(constant_value(shape.rank), code, Constant(shape.rank))


def _rebuilt(node: Attribute, inner: Result, value: Value, static: Expression | None) -> Result:
    dynamic = node if inner.dynamic is node.value else replace_node(node, value=inner.dynamic)
    if static is not None and static is node:
        static = dynamic if inner.static is inner.dynamic else static
    return Result(value, dynamic, static)


def holds_shapes(value: Value) -> bool:
    """The shape of an input, or those of several."""
    match value:
        case ShapeOf():
            return True
        case Sequence(items=items, item=item):
            parts = [*(items or ()), *([item] if item is not None else [])]
            return bool(parts) and all(holds_shapes(p) for p in parts)
        case _:
            return False


def shapes_code(value: Value) -> Expression | None:
    """`__init__` code for shapes whose sizes are parameters; the batch is unknown."""
    match value:
        case ShapeOf(shape=shape):
            code = shape_code(shape)
            if code is None and shape.base is not None:
                return Tuple((Constant(None), Starred(shape.base)))
            return code
        case Sequence(kind=kind, items=items) if items is not None:
            codes = [shapes_code(item) for item in items]
            parts = tuple(c for c in codes if c is not None)
            if len(parts) < len(codes):
                return None
            return Tuple(parts) if kind == "tuple" else List(parts)
        case Sequence(shadow=shadow):
            return shadow
        case _:
            return None


def shape_code(shape: Shape) -> Expression | None:
    """`__init__` code for a whole shape; None if a size is unknown."""
    sizes = shape.sizes
    if sizes is None or any(d is None for d in sizes):
        return None
    return Tuple(tuple(d.to_expression() for d in sizes if d is not None))
