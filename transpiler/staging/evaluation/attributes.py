"""Attributes: of the object itself, of tensors and shapes, of models and of static values."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Constant,
    Expression,
    Name,
    Subscript,
    Unary,
    replace_node,
)
from ...shapes.shapes import Shape
from ..frame import Frame, Result
from ..values import (
    GraphModel,
    Instance,
    Object,
    SelfReference,
    ShapeOf,
    Static,
    Tensor,
    Value,
    Weight,
)
from .expressions import constant_value, evaluate
from .shape_code import shape_code


def evaluate_attribute(frame: Frame, node: Attribute) -> Result:
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
        case Subscript(value=value, index=Unary("-", Constant())):
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
