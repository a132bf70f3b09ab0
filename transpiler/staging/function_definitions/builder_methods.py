"""Methods that make layers and return them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Assign,
    Attribute,
    Call,
    FunctionDef,
    Name,
    OpCall,
    Parameter,
    Reference,
    walk,
)
from ..class_definitions.class_state import ClassState, current_state
from ..control_flow.statements import run_body
from ..frame import Frame
from ..joined_values import join_all
from ..plans import Definition, Plan, SizeParameter
from ..sites import SequentialTarget, Site
from ..values import Instance, SelfReference, Static, Tensor, Value
from ..values_at_rest import translate_parameters
from .body_names import assigned_names, names_read
from .function_output import RNGS
from .parameters import static_value
from .plain_functions import rebuilt_function

if TYPE_CHECKING:
    from ..program import Program
from .builders import BuilderUse, use
from .unapplied_layers import holds_sites, open_ports, sites_in


def method_plan(frame: Frame, method: FunctionDef) -> Plan | None:
    """What a method of the class under construction becomes if it makes layers, or if a class that
    extends this one makes them in it."""
    program, owner, state = frame.program, frame.plan, current_state(frame)
    if owner is None or state is None:
        return None
    found = state.builders.get(method.name)
    if found is not None:
        return found
    shared = _is_overridden(program, owner.definition, method.name)
    if not program.creates(method) and not shared and not makes_weights(method):
        return None
    definition = Definition(frame.module, method.name, method, owner.definition.name)
    plan = Plan(definition, "builder", method.name, needs_rngs=shared)
    plan.details["class_state"] = state
    state.builders[method.name] = plan
    is_static = any(isinstance(d, Name) and d.id == "staticmethod" for d in method.decorators)
    inner = Frame(program, frame.module, "init", plan)
    own = method.parameters
    if not is_static:
        inner.self_name = own[0].name
        inner.environment[own[0].name] = SelfReference()
        own = own[1:]
    for parameter in own:
        plan.parameters.append(parameter)
        inner.environment[parameter.name] = (
            Static(kind=dict) if parameter.kind == "kwargs" else static_value(parameter)
        )
    plan.details["signature"] = list(own)
    plan.details["frame"] = inner
    run_body(inner, method.body)
    plan.result = join_all(inner.returns) if inner.returns else Static()
    if shared and not holds_sites(plan.result):
        plan.result = Instance(Site(SequentialTarget([]), None, method.name))
        open_ports(program, inner, plan, plan.result)
        plan.details["ports"] = {s: _abstract(plan) for s in sites_in(plan.result)}
    else:
        open_ports(program, inner, plan, plan.result)
    if shared:
        plan.sizes = [SizeParameter("in_features", "x", -1)]
    plan.finished = True
    return plan


def makes_weights(method: FunctionDef) -> bool:
    """Whether a method puts variables on the object."""
    for node in walk(method):
        match node:
            case Assign(targets=(Attribute(),), value=OpCall(symbol="tf.Variable")):
                return True
            case Call(function=Attribute(value=Name(id=owner), attribute=name)) if (
                name in ("add_weight", "add_variable") and owner == method.parameters[0].name
            ):
                return True
            case _:
                pass
    return False


def _abstract(plan: Plan) -> Plan:
    """Of a layer that only the classes below know: it takes a tensor and gives one."""
    port = Plan(plan.definition, "builder", plan.name, finished=True)
    port.tensors = [Parameter("x")]
    port.sizes = [SizeParameter("in_features", "x", -1)]
    port.result = Tensor()
    return port


def _is_overridden(program: Program, owner: Definition, name: str) -> bool:
    """Whether a class of the project that extends `owner` makes layers in its own `name`, or the
    class that it extends has one."""
    for definition in _heirs(program, owner):
        for member in definition.node.body:
            if isinstance(member, FunctionDef) and member.name == name and program.creates(member):
                return True
    return False


def _heirs(program: Program, owner: Definition) -> list[Definition]:
    """Classes of the project that extend a class, at any distance."""
    found: list[Definition] = []
    for module in program.modules:
        for definition in program.definitions(module):
            for base in getattr(definition.node, "bases", ()):
                match base.value:
                    case Reference(module=owner.module, name=owner.name):
                        found += [definition, *_heirs(program, definition)]
                    case _:
                        pass
    return found


def rebind(frame: Frame, attributes: dict[str, Value], methods: dict[str, FunctionDef]) -> None:
    """Layers that a builder of the parent class returned are those of this class' own builder."""
    for name, value in attributes.items():
        made = value.site.details.get("use") if isinstance(value, Instance) else None
        if not isinstance(made, BuilderUse) or not isinstance(value, Instance):
            continue
        method = methods.get(made.plan.name)
        if method is None or method is made.plan.definition.node:
            continue
        plan = method_plan(frame, method)
        if plan is None:
            continue
        call = Call(made.function, (), span=value.site.span)
        result = use(frame, plan, made.function, call, [])
        new = result.value
        if isinstance(new, Instance):
            new.site.details["bound"] = value.site.details["bound"]
            new.site.attribute = name
            new.site.details["use"] = BuilderUse(plan, made.function, made.arguments)
            attributes[name] = new


def finish_methods(program: Program, frame: Frame, state: ClassState) -> None:
    """The builders of a class as methods; sizes of the class that their code reads become
    parameters."""
    from ..class_definitions import layer_state
    from ..slices.live_code import live_statements

    for name, plan in state.builders.items():
        method, inner = plan.definition.node, plan.details["frame"]
        assert isinstance(method, FunctionDef)
        assert isinstance(inner, Frame)
        body = layer_state.filled(program, inner, plan, layer_state.with_chains(inner.body))
        body = live_statements(body, None)
        own = {p.name for p in method.parameters} | {s.name for s in plan.sizes}
        free = [n for n in sorted(names_read(body)) if n.endswith(("_features", "_shape"))]
        assigned = assigned_names(body)
        free = [n for n in free if n not in own | assigned]
        plan.details["free"] = free
        plan.sizes = [*plan.sizes, *(SizeParameter(n, "", -1) for n in free)]
        sizes = tuple(Parameter(s.name) for s in plan.sizes)
        given = method.parameters
        head = () if inner.self_name is None else given[:1]
        rest = given[len(head) :]
        last = tuple(p for p in rest if p.kind == "kwargs")
        middle = tuple(p for p in rest if p.kind != "kwargs")
        rngs = (RNGS,) if plan.needs_rngs else ()
        parameters = translate_parameters(program, inner, (*middle, *rngs, *last))
        state.translated[name] = rebuilt_function(
            program, inner, method, body, (*head, *sizes, *parameters)
        )
