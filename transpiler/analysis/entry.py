"""From modules to findings: what is followed, with which arguments.

First the statements of each module run as they stand. Then each function is followed on its own,
with what its signature says of its arguments, and each class with an object made by its defaults.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Generator, Iterable, Mapping, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from ...ir.nodes import (
    ClassDef,
    FunctionDef,
    Module,
    OpCall,
)
from ...rules.api import Flavour
from ...rules.language.ruleset import RuleSet
from .annotations import free_parameter
from .calls import instantiate, invoke
from .conflicts import Assumption, Conflict, Log
from .definitions import find_member, is_keras, module_frame, plain_function
from .expressions import evaluate
from .facts import Facts, of_function, value_of
from .flow import Raised
from .layer_results import LayerResults
from .layers import Built
from .machine import Exhausted, Machine
from .pythonic import lineage
from .relevant import definitions
from .solver import Solver, Statistics
from .summaries import Summaries
from .trail import Trail
from .values import (
    UNKNOWN,
    Arguments,
    ClassValue,
    Frame,
    Function,
    Instance,
    Place,
    Size,
    Spec,
    Tensor,
    Value,
    items_of,
)

OBSERVED = " (observed)"
STEPS_A_MODULE = 200_000
STEPS_A_FUNCTION = 40_000
RECURSION = 12_000


@dataclass(frozen=True, slots=True)
class Analysis:
    """Findings; `types` holds by place the names that were given a value there, and their types;
    `layers` the calls of layers: where the layer is made, its symbol, what it gave.

    `exhausted`: definitions that were left before their end because the budget was spent;
    `failures`: modules in which the analysis itself failed.
    """

    conflicts: tuple[Conflict, ...]
    assumptions: tuple[Assumption, ...]
    types: Mapping[Place, Mapping[str, list[str]]]
    statistics: Statistics
    seconds: float
    layers: tuple[tuple[Place, str, Value], ...] = ()
    exhausted: tuple[str, ...] = ()
    failures: Mapping[str, Exception] = field(default_factory=dict[str, Exception])


def analyse(
    modules: Mapping[str, Module],
    rules: RuleSet,
    flavour: Flavour,
    only: Iterable[str] | None = None,
    facts: Facts | None = None,
) -> Analysis:
    """Follows the modules (those of `only`, if given, and what they use). `facts` are taken for
    arguments of which the source tells nothing."""
    machine = make_machine(modules, rules, flavour, facts)
    return follow(machine, modules if only is None else only)


def make_machine(
    modules: Mapping[str, Module], rules: RuleSet, flavour: Flavour, facts: Facts | None = None
) -> Machine:
    trail = Trail()
    machine = Machine(rules.for_flavour(flavour), flavour, modules, trail, Solver(trail), Log())
    machine.facts = facts or {}
    machine.summaries = Summaries(machine)
    machine.layer_results = LayerResults()
    machine.evaluate = partial(evaluate, machine)
    machine.invoke = partial(invoke, machine)
    return machine


def follow(machine: Machine, names: Iterable[str], only: Set[int] | None = None) -> Analysis:
    """Follows these modules on a new machine: their statements, and their definitions on their own
    (those of `only`, if given, by identity)."""
    started = time.perf_counter()
    exhausted: list[str] = []
    failures: dict[str, Exception] = {}
    with deep_recursion():
        for name in names:
            try:
                _module(machine, name, exhausted, only)
            # Any exception: one bad file must not take down a run over thousands.
            except Exception as error:
                failures[name] = error
                machine.muted, machine.depth = machine.switched_off, 0
                machine.calls.clear()
                machine.running.clear()
    log = machine.log
    return Analysis(
        tuple(log.conflicts.values()),
        tuple(log.assumptions.values()),
        log.types,
        machine.solver.statistics,
        time.perf_counter() - started,
        tuple(log.layers),
        tuple(exhausted),
        failures,
    )


@contextmanager
def deep_recursion() -> Generator[None]:
    """Calls of the program nest in calls of the analysis, many to one."""
    before, thresholds = sys.getrecursionlimit(), gc.get_threshold()
    sys.setrecursionlimit(max(before, RECURSION))
    # Values are many, and mostly live: collections are to be rare, and not to go through what the
    # compiler has made before.
    gc.set_threshold(max(thresholds[0], 100_000), *thresholds[1:])
    # To count what is frozen would take long.
    outermost = before < RECURSION
    if outermost:
        gc.freeze()
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
        gc.set_threshold(*thresholds)
        if outermost:
            gc.unfreeze()


def _is_wanted(node: FunctionDef | ClassDef, only: Set[int]) -> bool:
    own = node.body if isinstance(node, ClassDef) else ()
    return id(node) in only or any(id(s) in only for s in own)


def _module(m: Machine, name: str, exhausted: list[str], only: Set[int] | None) -> None:
    m.allowance = STEPS_A_MODULE
    frame = _bounded(m, STEPS_A_MODULE, name, exhausted, lambda: module_frame(m, name))
    if not isinstance(frame, Frame):
        frame = m.frames.get(name)
    if frame is None:
        return
    for node in definitions(m.modules[name].body):
        if only is not None and not _is_wanted(node, only):
            continue
        match node:
            case FunctionDef():
                known = frame.variables.get(node.name)
                function = plain_function(m, node, frame, None)
                if isinstance(known, Function) and known.node is node:
                    function = known
                _apart(m, f"{name}.{node.name}", exhausted, lambda f=function: _function(m, f))
            case ClassDef():
                cls = frame.variables.get(node.name)
                if isinstance(cls, ClassValue):
                    _class(m, cls, f"{name}.{node.name}", exhausted)
            case _:
                pass


def _bounded(m: Machine, steps: int, name: str, exhausted: list[str], run: object) -> object:
    m.steps = granted = min(steps, m.allowance)
    try:
        return run()  # pyright: ignore
    except Raised:
        return None
    except (Exhausted, RecursionError):
        exhausted.append(name)
        m.depth = 0
        m.calls.clear()
        m.running.clear()
        return None
    finally:
        used = granted - max(m.steps, 0)
        m.allowance -= used
        m.spent += used
        m.muted = m.switched_off


def _apart(m: Machine, name: str, exhausted: list[str], run: object) -> None:
    """Follows something, and takes everything back but the findings."""
    mark = m.trail.mark()
    _bounded(m, STEPS_A_FUNCTION, name, exhausted, run)
    m.trail.undo(mark)


def _function(m: Machine, function: Function) -> None:
    node = function.node
    assert isinstance(node, FunctionDef)
    place = m.place(node, function.frame)
    given = _arguments(m, function, skip=0)
    _note_parameters(m, function, given)
    mark = m.trail.mark()
    found = invoke(m, function, Arguments((), given), place)
    if m.watch is not None:
        m.watch.alone(function, found)
    m.trail.undo(mark)
    seen = observed_arguments(m, function, given, skip=0)
    if seen is not None:
        _note_parameters(m, function, seen, OBSERVED)
        with m.observed():
            invoke(m, function, Arguments((), seen), place)


def _arguments(m: Machine, function: Function, skip: int) -> dict[str, Value]:
    """What is known of the arguments: specs of `tf.function`, annotations; defaults stay."""
    node = function.node
    specs = signature_specs(m, function)
    scratch = Frame(function.frame.module, {}, function.frame)
    given: dict[str, Value] = {}
    position = 0
    for parameter in node.parameters[skip:]:
        if parameter.kind in ("varargs", "kwargs"):
            continue
        if position < len(specs):
            given[parameter.name] = specs[position]
        elif parameter.default is None:
            given[parameter.name] = free_parameter(m, parameter, scratch)
        position += 1
    return given


def observed_arguments(
    m: Machine, function: Function, given: Mapping[str, Value], skip: int
) -> dict[str, Value] | None:
    """The arguments with what runs told where the source tells nothing; None if that is nothing.
    Those of the source win."""
    facts = of_function(m, function)
    names = [p.name for p in function.node.parameters[skip:] if p.name in facts]
    place = m.place(function.node, function.frame)
    found = dict(given)
    for name in names:
        if not isinstance(given.get(name), Tensor):
            found[name] = value_of(m, facts[name], place, name)
    tensors = any(isinstance(found[n], Tensor) and found[n] != given.get(n) for n in names)
    return found if tensors else None


def signature_specs(m: Machine, function: Function) -> list[Value]:
    """The tensors of `@tf.function(input_signature=[...])`."""
    node = function.node
    for decorator in node.decorators if isinstance(node, FunctionDef) else ():
        if not isinstance(decorator, OpCall) or decorator.symbol != "tf.function":
            continue
        value = decorator.bound.get("input_signature")
        items = None if value is None else items_of(evaluate(m, value, function.frame))
        return [v.tensor if isinstance(v, Spec) else UNKNOWN for v in items or ()]
    return []


def _note_parameters(
    m: Machine, function: Function, given: Mapping[str, Value], remark: str = ""
) -> None:
    for parameter in function.node.parameters:
        value = given.get(parameter.name)
        if isinstance(value, Tensor):
            m.log.see(m.place(parameter, function.frame), parameter.name, value, remark)


def _class(m: Machine, cls: ClassValue, name: str, exhausted: list[str]) -> None:
    """An object made with what is known, and its methods called with what is known."""
    mark = m.trail.mark()
    place = m.place(cls.node, cls.frame)

    def make() -> Value:
        init = find_member(cls, "__init__")
        given = _arguments(m, init, skip=1) if isinstance(init, Function) else {}
        return instantiate(m, cls, Arguments((), given), place)

    made = _bounded(m, STEPS_A_FUNCTION, name, exhausted, make)
    if isinstance(made, Instance):
        for attribute in _changing(m, made.cls):
            m.write(made.attributes, attribute, UNKNOWN)
        methods = [v for v in cls.members.values() if isinstance(v, Function)]
        for method in sorted(methods, key=_order):
            _method(m, made, method, name, exhausted)
    m.trail.undo(mark)


def _changing(m: Machine, cls: ClassValue) -> set[str]:
    """Attributes that methods set while the object lives: `__init__` does not tell their value."""
    found: set[str] = set()
    for method in (v for c in lineage(cls) for v in c.members.values()):
        node = method.node if isinstance(method, Function) else None
        if isinstance(node, FunctionDef) and node.name not in ("__init__", "build"):
            found |= m.tables.bodies.of(node).sets
    return found


def _order(method: Function) -> int:
    """`call` comes first: it is what builds a layer."""
    return 0 if isinstance(method.node, FunctionDef) and method.node.name == "call" else 1


def _method(m: Machine, owner: Instance, method: Function, name: str, exhausted: list[str]) -> None:
    node = method.node
    if not isinstance(node, FunctionDef) or node.name in ("__init__", "build"):
        return
    if any(getattr(d, "id", "") in ("staticmethod", "classmethod") for d in node.decorators):
        return
    arguments = _arguments(m, method, skip=1)
    _note_parameters(m, method, arguments)
    place = m.place(node, method.frame)

    def run(given: Mapping[str, Value]) -> Value:
        if (
            node.name == "call"
            and is_keras(owner.cls)
            and any(isinstance(v, Tensor) for v in given.values())
        ):
            return m.invoke(owner, Arguments(tuple(given.values())), place)
        if "__built__" not in owner.attributes and "build" in owner.cls.members:
            _build_blindly(m, owner, place)
        return invoke(m, method.bind(owner), Arguments((), given), place)

    def alone() -> None:
        found = run(arguments)
        if m.watch is not None:
            m.watch.alone(method, found)

    label = f"{name}.{node.name}"
    _apart(m, label, exhausted, alone)
    seen = observed_arguments(m, method.bind(owner), arguments, skip=1)
    if seen is not None:
        _note_parameters(m, method, seen, OBSERVED)
        with m.observed():
            _apart(m, label, exhausted, lambda: run(seen))


def _build_blindly(m: Machine, owner: Instance, place: Place) -> None:
    """`build()` for an input of which nothing is known."""
    build = find_member(owner.cls, "build")
    if not isinstance(build, Function):
        return
    given = {
        p.name: UNKNOWN
        for p in build.node.parameters[1:]
        if p.default is None and p.kind == "positional"
    }
    with suppress(Raised):
        invoke(m, build.bind(owner), Arguments((), given), place)


__all__ = ["Analysis", "Built", "Size", "analyse"]
