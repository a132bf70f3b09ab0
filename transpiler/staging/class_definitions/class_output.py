"""The statements that a translated class consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Name,
    Node,
    Parameter,
    Pass,
    Reference,
    Statement,
    Symbol,
    map_children,
    replace_node,
)
from ..control_flow.statements import run_body
from ..frame import Frame
from ..function_definitions.function_output import MODULE_BASE, RNGS
from ..function_definitions.parameters import static_value
from ..function_definitions.plain_functions import rebuilt_function
from ..functional_models.ordinary_classes import own_name
from ..nodes import StaticRead
from ..plans import Plan
from ..sites import Site
from ..uses.asked_sizes import size_parameters
from ..uses.exports import sizes_code
from ..values import Unknown
from .class_state import (
    CONFIGURATION_METHODS,
    KERAS_CLASSES,
    SERIALISATION,
    ClassState,
    method_key,
    state_of,
)
from .classes import is_docstring
from .config_methods import kept_method, with_sizes_kept
from .methods import new_frame
from .own_metrics import is_metric, target_base

if TYPE_CHECKING:
    from ..program import Program

CALLABLES = frozenset(
    {
        "keras.optimizers.schedules.LearningRateSchedule",
        "keras.Initializer",
        "keras.Regularizer",
        "keras.constraints.Constraint",
    }
)
"""Base classes whose objects are called and nothing else: any callable will do in the target."""
COUNTERPARTS = {"keras.Loss": "tf_compat.Loss"}
"""Base classes that a helper stands for."""


def class_statements(program: Program, plan: Plan) -> list[Statement]:
    """The module class. Members keep their order; `build` and the configuration methods are
    gone."""
    from ..values_at_rest import translate_decorators

    state = state_of(plan)
    node = state.node
    frame = new_frame(program, plan, "init", state.self_name)
    members: list[Statement] = []
    own_init = any(isinstance(m, FunctionDef) and m.name == "__init__" for m in node.body)
    for member in node.body:
        match member:
            case FunctionDef(name="__init__"):
                members.append(_init(program, plan, state, member))
                if state.call is not None:
                    members.append(state.call)
            case FunctionDef(name="build"):
                if not own_init:
                    members.append(_init(program, plan, state, None))
                program.translated(frame, member.span, "build", "moved", "folded into __init__")
            case FunctionDef(name=name) if (
                name in CONFIGURATION_METHODS and not program.keeps_method(member)
            ):
                _drop_configuration(program, frame, member)
            case FunctionDef():
                members.append(_method(program, plan, state, method_key(member), member))
            case _:
                members.append(member)
    if (
        not own_init
        and not any(isinstance(m, FunctionDef) and m.name == "build" for m in node.body)
        and state.init
        and state.parent is None
    ):
        members.insert(1 if is_docstring(node.body[:1]) else 0, _init(program, plan, state, None))
    bases = _bases(program, _without_metaclass(program, frame, node), state)
    decorators = translate_decorators(program, frame, node.decorators)
    return [
        replace_node(node, bases=bases, body=tuple(members) or (Pass(),), decorators=decorators)
    ]


def _bases(
    program: Program, node: ClassDef, state: ClassState | None = None
) -> tuple[Argument, ...]:
    """Bases in the target; those that only say what a callable is for are left out."""
    found = tuple(_base(program, b, state) for b in node.bases)
    return tuple(
        b for b in found if not (isinstance(b.value, Symbol) and b.value.path in CALLABLES)
    )


def _without_metaclass(program: Program, frame: Frame, node: ClassDef) -> ClassDef:
    """A module has the metaclass of Flax, which knows abstract methods, too."""
    kept: list[Argument] = []
    for base in node.bases:
        if base.keyword != "metaclass" or _is_abstract(base.value):
            kept.append(base)
            continue
        message = "the metaclass of a module is dropped: Flax modules have one of their own"
        program.note(frame, "TJ6002", message, base.span or node.span)
        program.translated(frame, base.span, "metaclass", "dropped", "Flax has its own")
    return node if len(kept) == len(node.bases) else replace_node(node, bases=tuple(kept))


def _is_abstract(code: Expression) -> bool:
    match code:
        case Name(id=name) | Attribute(attribute=name) | Reference(name=name):
            return name == "ABCMeta"
        case Symbol(path=path):
            return path == "abc.ABCMeta"
        case _:
            return False


def _base(program: Program, base: Argument, state: ClassState | None) -> Argument:
    if state is not None and isinstance(base.value, Symbol):
        path = base.value.path
        if is_metric(program, path) and (found := target_base(program, state, path)) is not None:
            return replace_node(base, value=found)
    if isinstance(base.value, Symbol) and base.value.path in COUNTERPARTS:
        return replace_node(base, value=Symbol(COUNTERPARTS[base.value.path]))
    if isinstance(base.value, Symbol) and (
        base.value.path in KERAS_CLASSES or program.is_layer(base.value.path)
    ):
        return replace_node(base, value=MODULE_BASE)
    return base


def _init(
    program: Program, plan: Plan, state: ClassState, source: FunctionDef | None
) -> FunctionDef:
    from ..values_at_rest import translate_parameters

    frame = new_frame(program, plan, "init", state.self_name)
    parameters = translate_parameters(program, frame, tuple(plan.parameters))
    plain = [p for p in parameters if p.kind in ("positional", "positional_only")]
    variadic = [p for p in parameters if p.kind == "varargs"]
    keyword = [p for p in parameters if p.kind == "keyword_only"]
    rest = [p for p in parameters if p.kind == "kwargs"]
    rngs = [RNGS] if plan.needs_rngs else []
    sizes, optional = size_parameters(plan)
    head = source.parameters[0] if source is not None else Parameter("self")
    everything = (head, *sizes, *plain, *variadic, *keyword, *optional, *rngs, *rest)
    state.init[:0] = with_sizes_kept(program, plan, state)
    given = sizes_code(plan.result) if plan.exports_size else None
    if given is not None:
        state.init.append(Assign((Attribute(Name(state.self_name), "out_features"),), given))
    body = tuple(state.init) or (Pass(),)
    if source is None:
        return FunctionDef("__init__", everything, body)
    return replace_node(
        source, parameters=everything, body=body, decorators=(), returns=source.returns
    )


def _method(
    program: Program, plan: Plan, state: ClassState, name: str, source: FunctionDef
) -> FunctionDef:
    new = state.translated.get(name, source)

    def visit(node: Node) -> Node:
        if isinstance(node, StaticRead):
            return Attribute(Name(state.self_name), state.aliases.get(node.name, node.name))
        return map_children(node, visit)

    result = visit(new)
    assert isinstance(result, FunctionDef)
    if name == "call":
        result = replace_node(result, name="__call__")
    if name in SERIALISATION:
        result = kept_method(program, plan, result)
    if name == "reset_states" and program.is_metric_class(state.node, plan.definition.module):
        result = replace_node(result, name="reset_state")
    return result


def _serves_keras(program: Program, node: ClassDef) -> bool:
    """Whether a class extends one of those that Keras calls: only Keras reads its configuration."""
    for base in node.bases:
        match base.value:
            case Symbol(path=path) if path in CALLABLES or path in COUNTERPARTS:
                return True
            case Reference(module=module, name=name):
                found = program.definition(module, name)
                parent = found.node if found is not None else None
                if isinstance(parent, ClassDef) and parent is not node:
                    return _serves_keras(program, parent)
            case _:
                pass
    return False


def _drop_configuration(program: Program, frame: Frame, member: FunctionDef) -> None:
    message = f"`{member.name}` is dropped: Keras serialisation"
    program.translated(frame, member.span, member.name, "dropped", "Keras configuration")
    program.note(frame, "TJ6002", message, member.span)


def _without_parent(method: FunctionDef) -> FunctionDef:
    """A class that extends nothing has no constructor above its own."""
    body = tuple(s for s in method.body if not _is_parent_init(s))
    if len(body) == len(method.body):
        return method
    return replace_node(method, body=body or (Pass(),))


def _is_parent_init(statement: Statement) -> bool:
    match statement:
        case ExpressionStatement(
            value=Call(
                function=Attribute(value=Call(function=Name(id="super")), attribute="__init__")
            )
        ):
            return True
        case _:
            return False


def plain_class(program: Program, frame: Frame, statement: ClassDef) -> list[Statement]:
    """A class that is no module: its methods are translated in place."""
    from ..values_at_rest import translate_decorators

    members: list[Statement] = []
    changed = False
    bases = _bases(program, statement)
    served = _serves_keras(program, statement)
    models: dict[str, Site] = {}
    for member in statement.body:
        if not isinstance(member, FunctionDef):
            members.append(member)
            continue
        if served and member.name in SERIALISATION and not program.keeps_method(member):
            changed = True
            _drop_configuration(program, frame, member)
            continue
        if len(bases) < len(statement.bases) and not bases:
            member = _without_parent(member)
        inner = Frame(program, frame.module, "plain")
        inner.models, inner.object_name = models, own_name(member)
        for parameter in member.parameters:
            inner.environment[parameter.name] = (
                static_value(parameter) if parameter.default else Unknown()
            )
        run_body(inner, member.body)
        new = rebuilt_function(program, inner, member, inner.body)
        changed = changed or new is not member
        members.append(new)
    decorators = translate_decorators(program, frame, statement.decorators)
    same_bases = len(bases) == len(statement.bases) and all(
        a is b for a, b in zip(bases, statement.bases, strict=True)
    )
    if not changed and decorators is statement.decorators and same_bases:
        return [statement]
    return [replace_node(statement, body=tuple(members), decorators=decorators, bases=bases)]
