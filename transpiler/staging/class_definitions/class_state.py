"""What is known of a class while it is translated."""

from __future__ import annotations

from dataclasses import dataclass, field

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Attribute,
    ClassDef,
    Expression,
    FunctionDef,
    Name,
    Parameter,
    Statement,
    Unary,
)
from ..frame import Frame
from ..plans import Plan
from ..values import Value

# What Keras needs to know about a layer and Flax does not.
BOOKKEEPING = frozenset(
    [
        "built",
        "supports_masking",
        "_supports_masking",
        "input_spec",
        "_input_spec",
        "autocast",
        "_autocast",
        "stateful",
        "_name",
        "_dtype",
    ]
)
SERIALISATION = frozenset({"get_config", "from_config"})
CONFIGURATION_METHODS = SERIALISATION | frozenset(
    [
        "compute_output_shape",
        "compute_output_signature",
        "compute_mask",
        "get_build_config",
        "build_from_config",
        "save_own_variables",
        "load_own_variables",
    ]
)
KERAS_CLASSES = frozenset({"keras.Layer", "keras.Model", "keras.Sequential", "tf.Module"})


@dataclass(frozen=True, slots=True, eq=False)
class MethodRun:
    """One evaluation of a method: what it was given, what the attributes were after it, and its
    result. The same again need not be evaluated."""

    method: FunctionDef
    values: list[Value]
    attributes: dict[str, Value]
    result: Value


@dataclass(slots=True, eq=False)
class ClassState:
    """A class while it is translated: its attributes, and the methods that are done."""

    node: ClassDef
    self_name: str = "self"
    attributes: dict[str, Value] = field(default_factory=dict[str, Value])
    aliases: dict[str, str] = field(
        default_factory=dict[str, str]
    )  # constructor variable -> attribute that holds it
    methods: dict[str, FunctionDef] = field(default_factory=dict[str, FunctionDef])
    translated: dict[str, FunctionDef] = field(default_factory=dict[str, FunctionDef])
    results: dict[str, Value] = field(default_factory=dict[str, Value])
    active: set[int] = field(default_factory=set[int])
    runs: dict[int, list[MethodRun]] = field(default_factory=dict[int, list[MethodRun]])
    # what the kept translation of a method takes its arguments to be, and what its calls pass
    kept_values: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])
    passed_values: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])
    init: list[Statement] = field(default_factory=list[Statement])
    # attribute -> what it is in terms of the constructor's parameters and settled variables
    definitions: dict[str, Expression] = field(default_factory=dict[str, Expression])
    # attribute -> all that the constructor assigns to it, in branches or one after the other
    assigned: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])
    # attribute that the constructor makes in branches only -> the test of the branch, if known
    conditional: dict[str, Expression | None] = field(
        default_factory=dict[str, "Expression | None"]
    )
    # the size that leaves a list of modules -> what each module of it gives
    chain_ends: dict[Dim, Dim] = field(default_factory=dict["Dim", "Dim"])
    # variable of the constructor -> the size that it is, in the terms of what was known before;
    # None for one that gets several values
    local_sizes: dict[str, Dim | None] = field(default_factory=dict[str, "Dim | None"])
    parameters: set[str] = field(default_factory=set[str])  # those that are never assigned
    settled: set[str] = field(default_factory=set[str])  # variables of the constructor, likewise
    init_names: set[str] = field(default_factory=set[str])
    # places that add a loss, by identity -> the attribute that keeps it
    losses: dict[int, str] = field(default_factory=dict[int, str])
    uses_mode: bool = False
    inherits_init: bool = False
    call: FunctionDef | None = None  # of a functional model: what its constructor applies
    parent: Plan | None = None
    builders: dict[str, Plan] = field(default_factory=dict[str, Plan])  # methods that make layers
    metric_base: str | None = None  # the helper that a metric extends
    inputs: list[Parameter] = field(default_factory=list[Parameter])


def saving_methods(node: ClassDef) -> list[FunctionDef]:
    """The methods of a layer that Keras asks for its configuration."""
    methods = [m for m in node.body if isinstance(m, FunctionDef)]
    return [m for m in methods if m.name in CONFIGURATION_METHODS]


def method_key(method: FunctionDef) -> str:
    """The name of a method; `x.setter` for one that belongs to the property `x`."""
    for decorator in method.decorators:
        match decorator:
            case Attribute(value=Name(), attribute="setter" | "deleter" as role):
                return f"{method.name}.{role}"
            case _:
                pass
    return method.name


def is_static(method: FunctionDef) -> bool:
    return any(isinstance(d, Name) and d.id == "staticmethod" for d in method.decorators)


def own_parameters(method: FunctionDef) -> tuple[Parameter, ...]:
    """The parameters that calls give values: all but `self`, which static methods lack."""
    return method.parameters if is_static(method) else method.parameters[1:]


def state_of(plan: Plan) -> ClassState:
    state = plan.details["class_state"]
    assert isinstance(state, ClassState)
    return state


def current_state(frame: Frame) -> ClassState | None:
    if frame.plan is None:
        return None
    state = frame.plan.details.get("class_state")
    return state if isinstance(state, ClassState) else None


def takes_all(parent: Plan, arguments: tuple[Argument, ...]) -> bool:
    """Whether arguments of a parent's constructor, `**kwargs` apart, are all that it can be
    given."""
    plain = [a for a in arguments if not a.star]
    positional = zip(parent.parameters, (a for a in plain if a.keyword is None), strict=False)
    given = {a.keyword for a in plain} | {p.name for p, _ in positional}
    return {p.name for p in parent.parameters} <= given


def mode_read(frame: Frame) -> Expression:
    """`training` as code: the module's mode."""
    return Unary("not", Attribute(Name(frame.self_name or "self"), "deterministic"))
