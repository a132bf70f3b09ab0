"""The parameters of a function: tensors for `__call__`, the others for `__init__`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ....ir.dims import Dim
from ....ir.nodes import (
    Assign,
    Attribute,
    Constant,
    FunctionDef,
    Name,
    Node,
    Parameter,
    Statement,
    Symbol,
    map_children,
    replace_node,
    walk,
)
from ...shapes.shapes import Shape
from ..calling.objects import DTYPE
from ..chosen_layers.passed_classes import parameter_value
from ..class_definitions.class_inputs import unpacked_tensors
from ..evaluation.expressions import constant_value
from ..frame import Frame
from ..plans import Plan
from ..sites import PlanTarget, Site
from ..values import (
    ANY_KEY,
    Instance,
    Known,
    Mapped,
    Object,
    Sequence,
    Static,
    Tensor,
    Value,
    is_dynamic,
)

if TYPE_CHECKING:
    from ..program import Program


def static_value(parameter: Parameter) -> Static | Object:
    """What a static parameter is known to be: itself, and its type where the default or annotation
    tells."""
    match parameter.annotation:
        case Symbol(path="tf.DType" | "tf.dtypes.DType"):
            return Object(DTYPE)
        case _:
            pass
    kind: type | None = None
    match parameter.default:
        case Constant(value=value) if value is not None:
            kind = constant_value(value).kind
        case _:
            pass
    match parameter.annotation:
        case Name(id="int"):
            kind = int
        case Name(id="float"):
            kind = float
        case Name(id="str"):
            kind = str
        case Name(id="bool"):
            kind = bool
        case _:
            pass
    size = Dim.named(parameter.name) if kind in (None, int) else None
    return Static(None, kind, size)


def declare_parameters(program: Program, frame: Frame, plan: Plan, node: FunctionDef) -> None:
    """Puts a function's parameters into the frame: tensors for `__call__`, the rest for
    `__init__`."""
    top = plan.definition.node is node and plan.definition.owner is None
    key = (plan.definition.module, plan.definition.name) if top else None
    tensors = program.scan.tensor_parameters(key, node)
    sequences = program.scan.sequence_parameters(key, node, tensors)
    specialised = program.scan.specialised(key, node)
    mapped = program.scan.mapped_parameters(node, tensors)
    optional = program.scan.optional(key, node) & tensors
    plan.details["optional_inputs"] = optional
    declared: list[Parameter] = []
    for parameter in node.parameters:
        if parameter.name in tensors | specialised:
            if parameter.name in specialised:
                plan.specialised.add(parameter.name)
                frame.environment[parameter.name] = Static(Known(None))
                if not frame.probing:
                    program.note(
                        frame,
                        "TJ6002",
                        f"`{parameter.name}` is dropped: a Flax module takes its inputs "
                        "when it is called",
                        parameter.span or node.span,
                    )
                continue
            declared.append(parameter)
        else:
            plan.parameters.append(parameter)
            frame.variables.add(parameter.name)
            value: Value = static_value(parameter)
            if parameter.kind == "kwargs":
                value = Static(kind=dict)
            elif top:
                value = parameter_value(program, plan.definition, parameter) or value
                if isinstance(value, Instance) and isinstance(value.site.target, PlanTarget):
                    _keep_model(frame, value.site, parameter.name)
            frame.environment[parameter.name] = value
    plan.tensors.extend(replace_node(p, annotation=p.annotation) for p in declared)
    plan.sequences |= sequences
    for parameter in declared:
        name = parameter.name
        size = Dim.named(plan.size_name(name))
        shape = Shape(None, size, Name(plan.shape_name(name)))
        shadow = Name(f"{name}_features")
        if name in mapped:
            frame.environment[name] = Mapped({ANY_KEY: Tensor()}, shadow)
        elif name in sequences:
            frame.environment[name] = Sequence("list", None, Tensor(), shadow)
        elif (several := unpacked_tensors(node, name)) is not None:
            frame.environment[name] = frame.unpacked[name] = several
        else:
            value = Tensor(shape, None, optional=name in optional)
            frame.environment[name] = value
            frame.inputs[name] = value


def _keep_model(frame: Frame, site: Site, name: str) -> None:
    """A model that is passed in is an attribute from the start."""
    site.attribute = name
    frame.taken.add(name)
    frame.emit_init(Assign((Attribute(Name("self"), name),), Name(name)))


def captured_names(node: FunctionDef, environment: Mapping[str, Value]) -> tuple[str, ...]:
    """Static variables of the enclosing function that a local function reads."""
    own = {p.name for p in node.parameters}
    assigned = {
        t.id for s in walk(node) if isinstance(s, Assign) for t in s.targets if isinstance(t, Name)
    }
    names: list[str] = []
    for inner in walk(node):
        if (
            isinstance(inner, Name)
            and inner.id in environment
            and inner.id not in own | assigned
            and isinstance(environment[inner.id], (Static, Sequence))
            and not is_dynamic(environment[inner.id])
        ):
            names.append(inner.id)
    return tuple(dict.fromkeys(names))


def name_inputs(frame: Frame) -> None:
    """Inputs that no variable of the source holds become parameters under a name of ours."""
    names: dict[str, str] = {}

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id.startswith("input:"):
            wanted = node.id.removeprefix("input:") or "inputs"
            name = names.setdefault(node.id, wanted if wanted.isidentifier() else "inputs")
            return Name(name)
        return map_children(node, visit)

    frame.body = [s for s in (visit(s) for s in frame.body) if isinstance(s, Statement)]
    for name in names.values():
        frame.inputs.setdefault(name, Tensor())


def order_inputs(plan: Plan) -> None:
    """Inputs in the order of `Model(inputs=[...])`; a variable that only renames an input counts as
    that input."""
    order = {name: i for i, name in enumerate(plan.graph_inputs)}
    if order:
        plan.tensors.sort(key=lambda t: order.get(t.name, len(order)))


def before_kwargs(
    parameters: tuple[Parameter, ...], more: tuple[Parameter, ...]
) -> tuple[Parameter, ...]:
    """The parameters with `more` of them, which stand before `**kwargs`."""
    rest = tuple(p for p in parameters if p.kind == "kwargs")
    return (*(p for p in parameters if p.kind != "kwargs"), *more, *rest)
