"""Code outside function bodies: defaults, annotations, decorators, and symbols left where no rule
saw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ir.keys import same
from ...ir.nodes import (
    Expression,
    FunctionDef,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Return,
    Subscript,
    Symbol,
    Unhandled,
    map_children,
    replace_node,
    walk,
)
from ..rewrite.calls import rewrite_value
from ..rewrite.model import Dropped, Kept, Refused, Rewritten
from .evaluation.expressions import evaluate
from .frame import Frame

if TYPE_CHECKING:
    from .program import Program

_ANNOTATIONS = {
    "tf.Tensor": "jax.Array",
    "tf.Variable": "flax.nnx.Variable",
    "keras.Layer": "flax.nnx.Module",
    "keras.Model": "flax.nnx.Module",
    "tf.Module": "flax.nnx.Module",
    "keras.Sequential": "flax.nnx.Sequential",
    "keras.Regularizer": "collections.abc.Callable",
    "keras.constraints.Constraint": "collections.abc.Callable",
    "keras.Initializer": "collections.abc.Callable",
    "keras.optimizers.schedules.LearningRateSchedule": "collections.abc.Callable",
    "keras.Metric": "tf_compat.Metric",
    "keras.Optimizer": "optax.GradientTransformation",
    "tf.dtypes.DType": "jax.typing.DTypeLike",
    "tf.DType": "jax.typing.DTypeLike",
    "tf.TensorShape": "builtins.tuple",
}


def translate_parameters(
    program: Program, frame: Frame, parameters: tuple[Parameter, ...]
) -> tuple[Parameter, ...]:
    new = tuple(_parameter(program, frame, p) for p in parameters)
    return parameters if all(a is b for a, b in zip(new, parameters, strict=True)) else new


def _parameter(program: Program, frame: Frame, parameter: Parameter) -> Parameter:
    default = parameter.default
    if default is not None:
        outer = Frame(program, frame.module, "plain")
        default = symbols_as_values(program, outer, evaluate(outer, default).dynamic)
    annotation = parameter.annotation
    if annotation is not None:
        annotation = translate_annotation(program, frame, annotation)
    if default is parameter.default and annotation is parameter.annotation:
        return parameter
    return replace_node(parameter, default=default, annotation=annotation)


def translate_annotation(program: Program, frame: Frame, annotation: Expression) -> Expression:
    """Types of the source framework as their counterparts; those without one become `Any`-like
    objects."""

    def visit(node: Node) -> Node:
        match node:
            case Symbol(path=path):
                found = _ANNOTATIONS.get(path)
                if found is not None:
                    return Symbol(found)
                if program.is_layer(path):
                    return Symbol("flax.nnx.Module")
                if path.startswith(("tf.", "keras.")):
                    return (
                        Symbol("collections.abc.Callable")
                        if _is_function_like(path)
                        else Name("object")
                    )
                return node
            case _:
                return map_children(node, visit)

    result = visit(annotation)
    assert isinstance(result, Expression)
    return result


def _is_function_like(path: str) -> bool:
    return any(
        part in path for part in ("initializers", "regularizers", "activations", "constraints")
    )


def translate_decorators(
    program: Program, frame: Frame, decorators: tuple[Expression, ...]
) -> tuple[Expression, ...]:
    """Decorators of the source framework go, under a ledger entry; others stay."""
    kept: list[Expression] = []
    changed = False
    for decorator in decorators:
        symbol = decorator.symbol if isinstance(decorator, OpCall) else None
        symbol = decorator.path if isinstance(decorator, Symbol) else symbol
        if symbol is None and registers_class(program, decorator):
            changed = True
            note = "registers the class with Keras for its serialisation"
            program.translated(frame, decorator.span, "serialisation", "dropped", note)
            continue
        if symbol is None:
            kept.append(decorator)
            continue
        changed = True
        record = program.rules.for_symbol(symbol) or program.rules.for_value(symbol)
        if isinstance(decorator, Symbol) and getattr(record, "kind", None) == "rule":
            # A function of functions: `@tf.custom_gradient`.
            kept.append(symbols_as_values(program, frame, decorator))
            program.translated(frame, decorator.span, symbol)
            continue
        reason = getattr(record, "reason", "decorator of the source framework")
        if getattr(record, "kind", None) in (None, "refuse"):
            program.note(
                frame,
                "TJ6002",
                f"the decorator `{symbol}` was removed",
                decorator.span,
                str(reason),
            )
        program.translated(frame, decorator.span, symbol, "dropped", str(reason))
    return tuple(kept) if changed else decorators


def registers_class(program: Program, decorator: Expression) -> bool:
    """Whether a decorator is a function of the project that returns the class it is given and
    registers it with Keras: what else it does serves the serialisation."""
    match decorator:
        case Reference(module=module, name=name):
            found = program.definition(module, name)
            node = found.node if found is not None else None
        case _:
            return False
    return isinstance(node, FunctionDef) and is_registration(node)


def is_registration(node: FunctionDef) -> bool:
    """Whether a function registers a class with Keras and gives it back."""
    if len(node.parameters) != 1:
        return False
    given = Name(node.parameters[0].name)
    own = [s for s in node.body if isinstance(s, Return)]
    uses = {n.symbol for n in walk(node) if isinstance(n, OpCall)}
    uses |= {n.path for n in walk(node) if isinstance(n, Symbol)}
    return bool(own and uses & _REGISTRIES) and all(
        s.value is not None and same(s.value, given) for s in own
    )


_REGISTRIES = frozenset(
    {
        "keras.utils.register_keras_serializable",
        "keras.saving.register_keras_serializable",
        "keras.utils.get_custom_objects",
        "keras.saving.get_custom_objects",
    }
)


def symbols_as_values(program: Program, frame: Frame, code: Expression) -> Expression:
    """Source symbols that no rule has consumed, as values: `tf.nn.relu` passed around is
    `nnx.relu`."""

    def visit(node: Node) -> Node:
        match node:
            case Unhandled():
                return node
            case OpCall():
                if id(node) in program.kept:
                    return node
                return map_children(node, visit)
            case Subscript(value=Symbol(path=path), index=index) if path.startswith("typing."):
                return replace_node(node, index=translate_annotation(program, frame, index))
            case Symbol(path=path) if path.startswith(("tf.", "keras.")):
                return _value(program, frame, node, path)
            case _:
                return map_children(node, visit)

    result = visit(code)
    assert isinstance(result, Expression)
    return result


def _value(program: Program, frame: Frame, node: Symbol, path: str) -> Expression:
    if path in _ANNOTATIONS and program.rules.for_value(path) is None:
        return Symbol(_ANNOTATIONS[path])
    outcome = rewrite_value(path, program.rules, program.facts)
    match outcome:
        case Rewritten(expression=expression):
            return expression
        case Refused(code=code, message=message, hint=hint):
            return program.unhandled(frame, node, code, message, hint, node.span)
        case Dropped() | Kept():
            return node
        case _:
            return node
