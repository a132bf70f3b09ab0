"""Functions that build layers become module classes, or functions that return their layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ....ir.dims import Dim
from ....ir.nodes import Argument, FunctionDef, Name, Parameter, Statement, Symbol, walk
from ...passes.optimizer_steps import OPTIMIZER
from ..chosen_layers import layer_factories
from ..class_definitions.class_inputs import size_parameters
from ..control_flow.statements import run_body
from ..drivers import is_driver_build
from ..frame import Frame
from ..joined_values import join_all
from ..plans import Plan, SizeParameter
from ..sites import LayerTarget, PlanTarget, Site
from ..slices.assigned import read_first
from ..slices.finishing import Finished, finish
from ..uses.asked_sizes import add_asked
from ..uses.exports import size_names
from ..uses.substitution import Terms
from ..values import Closure, Defined, Elementwise, GraphModel, Instance, Maker, Static, Value
from . import makers, stateless

if TYPE_CHECKING:
    from ..program import Program
from .body_names import assigned_names, names_read, split_docstring
from .parameters import declare_parameters, name_inputs, order_inputs
from .plain_functions import translate_plain, translate_script, without_layers


def make_plan(program: Program, plan: Plan) -> None:
    node = plan.definition.node
    assert isinstance(node, FunctionDef)
    if plan.kind == "plain":
        translate_plain(program, plan, node)
    else:
        _graph(program, plan, node)


def _makes_modules(returned: Value) -> bool:
    from .unapplied_layers import holds_sites

    return holds_sites(returned) or isinstance(returned, (Maker, GraphModel, Defined, Closure))


def _trains(node: FunctionDef) -> bool:
    """Whether a function makes an optimizer for a model: what it does with them is no model."""
    return any(isinstance(n, Symbol) and n.path == OPTIMIZER for n in walk(node))


def _graph(program: Program, plan: Plan, node: FunctionDef) -> None:
    """A function that builds layers: `__init__` gets the static slice, `__call__` the dynamic
    one."""
    if _trains(node):
        translate_script(program, plan, node)
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
            translate_script(program, plan, node)
        return
    if stateless.is_stateless(frame, plan, returned):
        without_layers(program, plan, node)
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
    if frame.unpacked:
        plan.details["inputs"] = dict(frame.unpacked)
    finished = finish(frame)
    assigned = assigned_names(frame.init)
    # A parameter that the constructor changes is not what the caller passed.
    sizes = {n for t in plan.tensors for n in (plan.size_name(t.name), f"{t.name}_features")}
    plan.details["reassigned"] = ({p.name for p in plan.parameters} | sizes) & assigned
    own = {p.name for p in (*plan.parameters, *plan.tensors)} | assigned_names(finished.init)
    local = size_names(plan.result) & assigned - own
    if local:
        # The size of the result is only known inside: callers ask the module for it.
        plan.exports_size = True
        finished = finish(frame, local)
    _close(program, plan, node, frame, finished, docstring)


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
    optional = cast("set[str]", plan.details["optional_inputs"])
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
                left_out = parameter.name in optional
                plan.sizes.append(SizeParameter(name, parameter.name, axis, optional=left_out))
    taken = {p.name for p in (*plan.sizes, *plan.parameters)} | assigned
    sizes = size_parameters(plan, frame.unpacked, init_reads, taken)
    plan.sizes += [s for s in sizes if s.tensor in frame.unpacked]
    add_asked(plan, finished.init, init_reads)
    plan.details["class"] = (frame, finished, docstring)


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
    elif isinstance(returned, Instance) and not is_driver_build(program, plan.definition):
        export_sizes(program, frame, plan, returned.site)
    target = returned.site.target if isinstance(returned, Instance) else None
    if not isinstance(target, PlanTarget) and not is_driver_build(program, plan.definition):
        from . import unapplied_layers

        if unapplied_layers.holds_sites(returned):
            unapplied_layers.open_ports(program, frame, plan, returned)
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
    from ..uses.exporting import returned_sizes

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
    plan.result = returned_sizes(inner, Terms(sizes, codes))
    arguments = tuple(Argument(Name(s.name)) for s in plan.sizes)
    site.details["construct"] = makers.constructor_call(frame, target, arguments)
    site.details["sized"] = True
