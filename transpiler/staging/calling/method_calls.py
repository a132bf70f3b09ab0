"""Methods of values whose kind is known."""

from __future__ import annotations

from ....ir.keys import same
from ....ir.nodes import Argument, Attribute, Call, Constant, Expression, Name
from ...shapes.shapes import UNKNOWN
from ..class_definitions import optional_weights
from ..class_definitions.class_state import SERIALISATION
from ..evaluation.expressions import composite, constant_value, evaluate, known
from ..evaluation.shape_code import shape_code
from ..frame import Frame, Result
from ..layers.sequentials import added_to_either
from ..rule_calls import method_call
from ..uses import graph_models
from ..uses.held_models import held_model
from ..values import (
    Choice,
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
    Unknown,
    Value,
    Weight,
    is_dynamic,
)
from . import config_calls, objects
from .container_methods import dict_view, list_method
from .model_methods import module_method, own_member, reset_own, reset_passed, site_method
from .shape_methods import shape_method


def call_method(frame: Frame, node: Call, function: Attribute) -> Result | None:
    """Methods of values whose kind is known: tensors, shapes, lists, dicts, models under
    construction."""
    from ..class_definitions import methods, super_calls

    if isinstance(function.value, Call) and _is_super(function.value):
        return super_calls.super_call(frame, node, function)
    copied = _copy_by_config(function, node)
    if copied is not None:
        return evaluate(frame, copied)
    if function.attribute in SERIALISATION:
        configured = config_calls.configured(frame, node, function)
        if configured is not None:
            return configured
    receiver = optional_weights.present(frame, evaluate(frame, function.value))
    method = function.attribute
    if method == "get_shape" and _may_be_tensor(receiver.value) and not node.arguments:
        return Result(ShapeOf(UNKNOWN), Attribute(receiver.dynamic, "shape"), None)
    if (reset := reset_passed(frame, node, function, receiver)) is not None:
        return reset
    match receiver.value:
        case SelfReference() if method == "__setattr__" and _names_by_layer(node):
            note = "Keras finds layers by attributes; a list holds them"
            frame.program.translated(frame, node.span, "bookkeeping", "dropped", note)
            return Result(Static(), Constant(None), Constant(None))
        case SelfReference():
            found = methods.self_method(frame, node, function)
            return reset_own(frame, node, function) if found is None else found
        case Tensor() | Weight():
            return _tensor_method(frame, node, receiver, method)
        case ShapeOf() as shape:
            return shape_method(frame, node, receiver, shape, method)
        case Sequence() if method in ("append", "extend", "pop", "insert"):
            return list_method(frame, node, function, receiver, method)
        case Mapped(entries=entries) if method in ("get", "pop") and node.arguments:
            wanted = known(evaluate(frame, node.arguments[0].value).value)
            result = composite(frame, node, Static())
            if wanted is not None and wanted.value in entries:
                return Result(entries[wanted.value], result.dynamic, result.static)
            return result
        case Mapped() if method in ("items", "values") and is_dynamic(receiver.value):
            return dict_view(frame, node, receiver, method)
        case Instance(site=site):
            return site_method(frame, node, function, receiver, site)
        case Choice(then=Instance(site=first), otherwise=Instance(site=second)) if (
            method == "add" and len(node.arguments) == 1
        ):
            return added_to_either(frame, node, (first, second))
        case Static(constant=Known(value=str() as text)) if (
            method in ("upper", "lower") and not node.arguments
        ):
            changed = text.upper() if method == "upper" else text.lower()
            return composite(frame, node, constant_value(changed))
        case Object(owner=owner):
            return objects.method(frame, node, receiver, owner, method)
        case GraphModel():
            return graph_models.graph_model_method(frame, node, receiver.value, method)
        case _ if (site := held_model(frame, function.value)) is not None:
            return own_member(frame, node, function, receiver, site)
        case _ if method == "build" and frame.kind == "init":
            from ..class_definitions.declared_sizes import declared_parts

            is_layer = declared_parts(frame, node, function.value)
            is_layer = is_layer or isinstance(function.value, Name)
            return Result(Static(), Constant(None), Constant(None)) if is_layer else None
        case _ if method == "compute_output_shape" and config_calls.is_lost(frame, method):
            return module_method(frame, node, function)
        case _:
            return None


def _names_by_layer(node: Call) -> bool:
    """`self.__setattr__(layer.name, layer)`."""
    match node.arguments:
        case (Argument(value=Attribute(value=owner, attribute="name")), Argument(value=layer)):
            return same(owner, layer)
        case _:
            return False


def _may_be_tensor(value: Value) -> bool:
    """Whether nothing is known of a value: `get_shape` says what it is."""
    return isinstance(value, Unknown) or value == Static()


def _copy_by_config(function: Attribute, node: Call) -> Expression | None:
    """`x.__class__.from_config(x.get_config())` copies a Keras object; functions need no copies."""
    match function, node.arguments:
        case (
            Attribute(value=Attribute(value=owner, attribute="__class__"), attribute="from_config"),
            (
                Argument(
                    value=Call(
                        function=Attribute(value=other, attribute="get_config"), arguments=()
                    )
                ),
            ),
        ) if same(owner, other):
            return owner
        case _:
            return None


def _is_super(node: Call) -> bool:
    return isinstance(node.function, Name) and node.function.id == "super"


def _tensor_method(frame: Frame, node: Call, receiver: Result, method: str) -> Result:
    """`x.method(...)` is the API call `tf.Tensor.method(self=x, ...)`, or a variable's."""
    if method == "get_shape":
        value = receiver.value
        assert isinstance(value, (Tensor, Weight))
        return Result(
            ShapeOf(value.shape), Attribute(receiver.dynamic, "shape"), shape_code(value.shape)
        )
    rewritten = method_call(frame, node, receiver, method)
    if rewritten is not None:
        return rewritten
    return composite(frame, node, Tensor())
