"""Functions: those that build layers become module classes, the others are translated in place."""
# pyright: basic

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    ClassDef,
    Constant,
    ExpressionStatement,
    FunctionDef,
    Name,
    Node,
    Parameter,
    Pass,
    Statement,
    Subscript,
    Symbol,
    map_children,
    replace_node,
    walk,
)
from ...passes.optimizer_steps import OPTIMIZER
from ...shapes.shapes import Shape
from ..calling.objects import DTYPE
from ..chosen_layers import layer_factories
from ..chosen_layers.passed_classes import parameter_value
from ..control_flow.statements import run_body
from ..frame import Frame, join_all
from ..plans import Plan, SizeParameter
from ..sites import LayerTarget, PlanTarget, Site
from ..slices.assigned import read_first, surely_assigned
from ..slices.finishing import Finished, expressions_read, finish
from ..uses.asked_sizes import add_asked, size_parameters
from ..uses.exports import size_names, sizes_code
from ..uses.substitution import Terms, substitute_value
from ..values import (
    ANY_KEY,
    Closure,
    Defined,
    Elementwise,
    GraphModel,
    Instance,
    Known,
    Maker,
    Mapped,
    Object,
    Sequence,
    Static,
    Tensor,
    Value,
    is_dynamic,
)
from . import makers, stateless
from .kept import kept_where_assigned
from .plain_tensors import plain_tensors

if TYPE_CHECKING:
    from ..program import Program

MODULE_BASE = Symbol("flax.nnx.Module")
RNGS = Parameter("rngs", "keyword_only", None, Symbol("flax.nnx.Rngs"))


def make_plan(program: Program, plan: Plan) -> None:
    node = plan.definition.node
    assert isinstance(node, FunctionDef)
    if plan.kind == "plain":
        _plain(program, plan, node)
    else:
        _graph(program, plan, node)


# --------------------------------------------------------------------------------------- parameters


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
            kind = type(value)
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
        else:
            value = Tensor(shape, None)
            frame.environment[name] = value
            frame.inputs[name] = value


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


# -------------------------------------------------------------------------------------------- plain


def _stateless(program: Program, plan: Plan, node: FunctionDef) -> None:
    """A function whose layers have no state is one without layers."""
    tensors, sequences = {t.name for t in plan.tensors}, frozenset(plan.sequences)
    plan.kind, plan.tensors, plan.sequences = "plain", [], set()
    _plain(program, plan, node, tensors, sequences)
    new = plan.output[0]
    assert isinstance(new, FunctionDef)
    plan.dropped = stateless.unread_parameters(node, new) - tensors
    kept = tuple(p for p in new.parameters if p.name not in plan.dropped)
    if plan.dropped:
        plan.output = [replace_node(new, parameters=kept)]


def _makes_modules(returned: Value) -> bool:
    from .builders import holds_sites

    return holds_sites(returned) or isinstance(returned, (Maker, GraphModel, Defined, Closure))


def _trains(node: FunctionDef) -> bool:
    """Whether a function makes an optimizer for a model: what it does with them is no model."""
    return any(isinstance(n, Symbol) and n.path == OPTIMIZER for n in walk(node))


def _script(program: Program, plan: Plan, node: FunctionDef) -> None:
    """A function that makes models and uses them itself: it stays in one piece. The sizes of what
    it is given are read off."""
    top = plan.definition.node is node and plan.definition.owner is None
    key = (plan.definition.module, plan.definition.name) if top else None
    given = program.scan.tensor_parameters(key, node)
    program.forget(plan.definition.module, node.span)
    plan.kind, plan.parameters, plan.needs_rngs = "plain", [], False
    plan.details.clear()
    plan.dropped.clear()
    _plain(program, plan, node, arrays=given)


def _plain(
    program: Program,
    plan: Plan,
    node: FunctionDef,
    more_tensors: Collection[str] = (),
    sequences: Collection[str] = (),
    arrays: Collection[str] = (),
) -> None:
    """A function without layers keeps its form; calls inside are translated."""
    frame = Frame(program, plan.definition.module, "plain", plan)
    given = program.given_values(plan.definition)
    plan.parameters = list(node.parameters)
    tensors = plain_tensors(program, node) | set(more_tensors)
    for parameter in node.parameters:
        if parameter.name in tensors:
            plan.tensors.append(parameter)
    plan.parameters = [p for p in node.parameters if p.name not in tensors]
    for parameter in node.parameters:
        if parameter.name in given:
            frame.environment[parameter.name] = given[parameter.name]
        elif parameter.name in sequences:
            frame.environment[parameter.name] = Sequence("list", None, Tensor())
        elif parameter.name in arrays:
            last = Subscript(Attribute(Name(parameter.name), "shape"), Constant(-1))
            frame.environment[parameter.name] = Tensor(Shape(None, Dim.variable(last)))
        elif parameter.name in tensors:
            size = Dim.named(plan.size_name(parameter.name))
            base = Name(plan.shape_name(parameter.name))
            frame.environment[parameter.name] = Tensor(Shape(None, size, base))
        else:
            frame.environment[parameter.name] = static_value(parameter)
    plan.details["signature"] = list(node.parameters)
    run_body(frame, node.body)
    plan.result = join_all(frame.returns) if frame.returns else Static()
    plan.details["static_result"] = not is_dynamic(plan.result) and bool(frame.returns)
    plan.output = [rebuilt_function(program, frame, node, frame.body)]


def rebuilt_function(
    program: Program,
    frame: Frame,
    node: FunctionDef,
    body: list[Statement],
    parameters: tuple[Parameter, ...] | None = None,
) -> FunctionDef:
    """The function with a new body, its defaults, annotations and decorators translated; the same
    object if unchanged."""
    from ..values_at_rest import translate_decorators, translate_parameters

    new_parameters = parameters or translate_parameters(program, frame, node.parameters)
    decorators = translate_decorators(program, frame, node.decorators)
    returns = node.returns
    if returns is not None:
        from ..values_at_rest import translate_annotation

        returns = translate_annotation(program, frame, returns)
    same_body = len(body) == len(node.body) and all(
        a is b for a, b in zip(body, node.body, strict=True)
    )
    changes: dict[str, object] = {}
    if not same_body:
        changes["body"] = tuple(body) or (Pass(),)
    if new_parameters is not node.parameters:
        changes["parameters"] = new_parameters
    if decorators is not node.decorators:
        changes["decorators"] = decorators
    if returns is not node.returns:
        changes["returns"] = returns
    return replace_node(node, **changes) if changes else node


# ------------------------------------------------------------------------------------------- graphs


def _graph(program: Program, plan: Plan, node: FunctionDef) -> None:
    """A function that builds layers: `__init__` gets the static slice, `__call__` the dynamic
    one."""
    if _trains(node):
        _script(program, plan, node)
        return
    frame = Frame(program, plan.definition.module, "split", plan)
    declare_parameters(program, frame, plan, node)
    plan.details["all_parameters"] = list(plan.parameters)
    plan.details["signature"] = list(node.parameters)
    docstring, body = split_docstring(node.body)
    run_body(frame, body)
    returned = join_all(frame.returns) if frame.returns else Static()
    name_inputs(frame)
    if not frame.inputs and not plan.tensors and not plan.sequences:
        if any(map(_makes_modules, frame.returns)) or plan.definition.owner is not None:
            _builder(program, plan, node, frame, returned, docstring)
        else:
            _script(program, plan, node)
        return
    if stateless.is_stateless(frame, plan, returned):
        _stateless(program, plan, node)
        return
    plan.result = returned
    plan.name = program.class_name(plan.definition.module, plan.definition.name)
    if plan.definition.owner is None and plan.name != node.name:
        program.renamed[plan.definition.module, node.name] = plan.name
    for name in frame.inputs:
        if all(t.name != name for t in plan.tensors):
            plan.tensors.append(Parameter(name))
    order_inputs(plan)
    plan.details["input_shapes"] = dict(frame.inputs)
    finished = finish(frame)
    assigned = assigned_names(frame.init)
    # A parameter that the constructor changes is not what the caller passed.
    plan.details["reassigned"] = {p.name for p in plan.parameters} & assigned
    own = {p.name for p in (*plan.parameters, *plan.tensors)} | assigned_names(finished.init)
    local = size_names(plan.result) & assigned - own
    if local:
        # The size of the result is only known inside: callers ask the module for it.
        plan.exports_size = True
        finished = finish(frame, local)
    _close(program, plan, node, frame, finished, docstring)


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


def split_docstring(body: Body) -> tuple[Statement | None, Body]:
    match body[:1]:
        case (ExpressionStatement(value=Constant(value=str())) as docstring,):
            return docstring, body[1:]
        case _:
            return None, body


def _close(
    program: Program,
    plan: Plan,
    node: FunctionDef,
    frame: Frame,
    finished: Finished,
    docstring: Statement | None,
) -> None:
    """Builds the class; parameters that nothing reads any more are dropped, sizes that are read
    become parameters."""
    init_reads = names_read(finished.init) | set(finished.stored)
    source_reads = names_read(list(node.body))
    early, assigned = read_first(finished.init), assigned_names(finished.init)
    kept: list[Parameter] = []
    for parameter in plan.parameters:
        unread = parameter.name not in init_reads
        if unread and (parameter.name in source_reads or parameter.kind == "kwargs"):
            plan.dropped.add(parameter.name)
            if parameter.name not in ("name", "kwargs") and not frame.probing:
                program.note(
                    frame,
                    "TJ6002",
                    f"parameter `{parameter.name}` is no longer used and was dropped",
                    node.span,
                )
            continue
        kept.append(parameter)
    plan.parameters = kept
    for parameter in plan.tensors:
        for name, axis in (
            (plan.size_name(parameter.name), -1),
            (f"{parameter.name}_features", -1),
            (plan.shape_name(parameter.name), None),
        ):
            if (
                name in init_reads
                and all(s.name != name for s in plan.sizes)
                and (name in early or name not in assigned)
            ):
                plan.sizes.append(SizeParameter(name, parameter.name, axis))
    add_asked(plan, finished.init, init_reads)
    plan.details["class"] = (node, frame, finished, docstring)


def assigned_names(body: list[Statement]) -> set[str]:
    from ..control_flow.assignment import defined_names

    found: set[str] = set()
    for statement in body:
        for inner in walk(statement):
            if isinstance(inner, Assign):
                found |= set(defined_names(inner.targets))
            elif hasattr(inner, "target") and isinstance(inner, Statement):
                found |= set(defined_names((inner.target,)))  # pyright: ignore
    return found


def own_names(plan: Plan) -> set[str]:
    return {p.name for p in plan.parameters} | {s.name for s in plan.sizes}


def names_read(body: list[Statement]) -> set[str]:
    found: set[str] = set()

    def visit(statement: Statement) -> None:
        from ..slices.finishing import nested

        for part in expressions_read(statement):
            found.update(n.id for n in walk(part) if isinstance(n, Name))
        for inner in nested(statement):
            visit(inner)

    for statement in body:
        visit(statement)
    return found


def class_statement(program: Program, plan: Plan) -> ClassDef:
    """The module class of a finished plan."""
    from ..values_at_rest import translate_annotation, translate_parameters

    details = plan.details["class"]
    node, frame, finished, docstring = details  # type: ignore[misc]
    assert isinstance(node, FunctionDef)
    assert isinstance(finished, Finished)
    assert isinstance(frame, Frame)
    init = list(finished.init)
    assigned = assigned_names(init)
    early = [n for n in finished.stored if n not in assigned]
    late = [n for n in finished.stored if n in assigned]
    init, kept_there = kept_where_assigned(
        init, [n for n in late if n not in size_names(plan.result)]
    )
    late = [n for n in late if n not in kept_there]

    def keep(name: str) -> Statement:
        return Assign((Attribute(Name("self"), name),), Name(name))

    unset = [n for n in late if n not in own_names(plan) | surely_assigned(init)]
    start = [Assign((Name(n),), Constant(None)) for n in unset]
    init = [*(keep(n) for n in early), *start, *init, *(keep(n) for n in late)]
    if plan.exports_size or plan.escapes:
        sizes = sizes_code(plan.result)
        if sizes is not None:
            init.append(Assign((Attribute(Name("self"), "out_features"),), sizes))
    translated = translate_parameters(program, frame, tuple(plan.parameters))
    plain = [p for p in translated if p.kind in ("positional", "positional_only")]
    variadic = [p for p in translated if p.kind == "varargs"]
    keywords = [p for p in translated if p.kind == "keyword_only"]
    rest = [p for p in translated if p.kind == "kwargs"]
    if plan.escapes and not plan.sizes:
        plan.sizes.append(SizeParameter("in_features", "", -1))
    sizes, optional = size_parameters(plan)
    rngs = [RNGS] if plan.needs_rngs or plan.escapes else []
    body: list[Statement] = []
    if docstring is not None:
        body.append(docstring)
    parameters = (Parameter("self"), *sizes, *plain, *variadic, *keywords, *optional, *rngs, *rest)
    if init or plan.needs_rngs or plain:
        body.append(FunctionDef("__init__", parameters, tuple(init) or (Pass(),)))
    tensors = tuple(
        replace_node(
            t,
            annotation=None
            if t.annotation is None
            else translate_annotation(program, frame, t.annotation),
            span=None,
        )
        for t in plan.tensors
    )
    body.append(
        FunctionDef("__call__", (Parameter("self"), *tensors), tuple(finished.body) or (Pass(),))
    )
    return ClassDef(plan.name, (Argument(MODULE_BASE),), tuple(body), span=None)


# ----------------------------------------------------------------------------------------- builders


def _builder(
    program: Program,
    plan: Plan,
    node: FunctionDef,
    frame: Frame,
    returned: Value,
    docstring: Statement | None,
) -> None:
    """A function that only makes and returns modules stays a function; it takes `rngs`."""
    plan.kind = "maker" if isinstance(returned, Maker) else "builder"
    chosen = layer_factories.close(frame)
    if chosen is not None:
        returned, plan.kind = chosen, "chooser"
        plan.needs_rngs, plan.modes = False, set()
    plan.result = returned
    plan.parameters = [p for p in node.parameters if p.name not in plan.specialised]
    plan.details["all_parameters"] = list(plan.parameters)
    if frame.returns and all(_is_elementwise(program, v) for v in frame.returns):
        plan.result, plan.needs_rngs = Elementwise(), False
    elif isinstance(returned, Instance) and not program.is_driver_build(plan.definition):
        export_sizes(program, frame, plan, returned.site)
    target = returned.site.target if isinstance(returned, Instance) else None
    if not isinstance(target, PlanTarget) and not program.is_driver_build(plan.definition):
        from . import builders

        if builders.holds_sites(returned):
            builders.open_ports(program, frame, plan, returned)
    plan.details["builder"] = (node, frame, docstring)


def _is_elementwise(program: Program, value: Value) -> bool:
    """An activation, or a layer that is a function without state: `ReLU()`."""
    match value:
        case Elementwise():
            return True
        case Instance(site=Site(target=LayerTarget(static=op))):
            return program.bridge.is_elementwise(op)
        case _:
            return False


def export_sizes(program: Program, frame: Frame, plan: Plan, site: Site) -> None:
    """Sizes that only the input of the returned module tells are asked of whoever calls the
    builder."""
    target = site.target
    if not isinstance(target, PlanTarget) or site.details.get("sized") or not target.plan.tensors:
        return
    inner = target.plan
    plan.sizes = [s for s in inner.sizes if not s.optional]
    plan.tensors = list(inner.tensors)
    plan.modes |= inner.modes
    plan.details["training_position"] = inner.details.get("training_position")
    bound = site.details.get("bound", {})
    assert isinstance(bound, dict)
    codes = {p.name: p.default for p in inner.parameters if p.default is not None}
    codes |= {name: r.static for name, (_, r) in bound.items() if r.static is not None}  # pyright: ignore
    sizes = {s.name: Dim.named(s.name) for s in inner.sizes}
    for tensor in inner.tensors:
        sizes.setdefault(inner.size_name(tensor.name), Dim.named(inner.size_name(tensor.name)))
    plan.result = substitute_value(inner.result, Terms(sizes, codes))
    arguments = tuple(Argument(Name(s.name)) for s in plan.sizes)
    site.details["construct"] = makers.constructor_call(frame, target, arguments)
    site.details["sized"] = True


def builder_statement(program: Program, plan: Plan) -> FunctionDef:
    from ..class_definitions.layer_state import filled, with_chains
    from ..slices.finishing import live_statements, tidy
    from ..values_at_rest import translate_parameters

    node, frame, docstring = plan.details["builder"]  # type: ignore[misc]
    assert isinstance(node, FunctionDef)
    assert isinstance(frame, Frame)
    body = tidy(live_statements(filled(program, frame, plan, with_chains(frame.init)), None), True)
    parameters = translate_parameters(program, frame, tuple(plan.parameters))
    asked = plan.details.get("asked", {})
    assert isinstance(asked, dict)
    sizes = (*(Parameter(s.name) for s in plan.sizes), *(Parameter(str(n)) for n in asked))  # pyright: ignore
    parameters = (*sizes, *parameters)
    if plan.needs_rngs:
        rest = tuple(p for p in parameters if p.kind == "kwargs")
        parameters = (*(p for p in parameters if p.kind != "kwargs"), RNGS, *rest)
    return rebuilt_function(
        program, frame, node, [*([docstring] if docstring else []), *body], parameters
    )
