"""Evaluation of expressions: binding time, sizes, and the code of each slice."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import (
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
    Subscript,
    Symbol,
    Tuple,
    Unary,
    map_children,
)
from ...rewrite.calls import rewrite_value
from ...rewrite.model import Rewritten
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
    SelfReference,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    TrainingFlag,
    Unknown,
    Value,
    is_dynamic,
)
from .flags import settled
from .shape_code import holds_shapes, shape_code, shapes_code


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
    from .attributes import evaluate_attribute
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
            return evaluate_attribute(frame, node)
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
        case Static(constant=Known(value=answer), decided=True):
            return Result(value, Constant(answer), Constant(answer))
        case Static(code=code) if frame.kind == "call":
            return Result(value, node, code)
        case Static(constant=Known(value=None)) if frame.kind == "split":
            return Result(value, Constant(None), node)
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
        current = frame.environment.get(node.name) if node.module == frame.module else None
        if frame.plan is None and isinstance(current, Instance):
            return Result(current, node, node)  # what the script made there, perhaps in a loop
        constant = frame.program.module_constant(node.module, node.name)
        return Result(constant or Static(), node, node)
    return Result(Defined(definition), node, node)
