"""Loops. A static loop that builds layers appears in both slices."""

from __future__ import annotations

from dataclasses import replace

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    For,
    List,
    Name,
    Pass,
    Statement,
    Symbol,
    While,
    replace_node,
)
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..nodes import LoopCode
from ..sites import Loop
from ..slices.joined_loops import one_for_each_list
from ..values import Instance, Sequence, Several, Tensor, Value
from . import several
from .filled_lists import filled_lists, with_sizes
from .in_turn import in_turn
from .indexed import beside_modules, counter, counting_modules
from .loop_chains import note_ends, record_chains
from .loop_sizes import after_loop, carry, widen
from .loop_targets import bind_target, element_value, shadow_target
from .on_data import marked_iterable, marked_test
from .unrolled import report_unlike, unrolled


def for_loop(frame: Frame, statement: For) -> None:
    frame.pending_inputs.clear()
    if in_turn(frame, statement):
        return
    ends: dict[str, Value] | None = None
    found = several.iterations(frame, statement.iterable, statement)
    if found is not None and several.is_alike(found):
        ends = several.follow(frame, found, statement.target, statement.body)
    bodies = unrolled(frame, statement) if ends is None else None
    if bodies is not None:
        from .statements import run_body

        for body in bodies:
            run_body(frame, body)
        return
    iterable = evaluate(frame, statement.iterable)
    report_unlike(frame, iterable.value, statement.iterable)
    element = element_value(frame, statement.iterable, iterable)
    element = beside_modules(frame, statement.iterable, element)
    count = counter(statement.target, statement.iterable)
    if isinstance(statement.target, Name):
        element = counting_modules(frame, count, statement.body, element)
    iterable = marked_iterable(frame, statement.iterable, iterable)
    run_loop(frame, statement, iterable, element, statement.body)
    if ends is not None:
        several.after_loop(frame, statement, ends)


def while_loop(frame: Frame, statement: While) -> None:
    frame.pending_inputs.clear()
    entry = dict(frame.environment)
    widen(frame, statement.body, lambda: None)
    test = marked_test(frame, statement.test, evaluate(frame, statement.test))
    init, body, loop = loop_body(frame, statement.body, lambda: None)
    if frame.kind != "split":
        unchanged = test.dynamic is statement.test and _identical(body, statement.body)
        frame.emit(
            statement
            if unchanged
            else replace_node(statement, test=test.dynamic, body=tuple(body) or (Pass(),))
        )
        return
    loop.direct = False
    if frame.loop is None:
        _emit_lists(frame, loop)
    frame.emit(LoopCode(replace_node(statement, test=test.dynamic, body=tuple(body)), loop))
    if init:
        frame.emit_init(While(test.static or test.dynamic, tuple(init), ()))
    _ = entry


def run_loop(frame: Frame, statement: For, iterable: Result, element: Value, body: Body) -> None:
    target = statement.target

    def bind() -> None:
        bind_target(frame, target, element)

    before = dict(frame.environment)
    around, frame.chains = frame.chains, {}
    widen(frame, body, bind)
    carried = {n: v for n, v in frame.environment.items() if before.get(n) != v}
    filled = [n for n, v in carried.items() if _is_filled(before.get(n), v)]
    lists = filled_lists(frame, statement, before)
    for name in (*filled, *lists):
        frame.environment[name] = Sequence("list")
    outer, frame.applied = frame.applied, []
    init, code, loop = loop_body(frame, body, bind, counter(target, statement.iterable))
    # The layers that the list holds are those of this run, not of the one that tried it out.
    carried |= {name: frame.environment[name] for name in filled}
    carried |= {n: with_sizes(frame, statement, frame.environment[n]) for n in lists}
    ends = {name: frame.chain_ends.get(name) for name in frame.chains}
    settled = record_chains(frame, element)
    frame.applied = [*outer, *frame.applied]
    for name in carried:
        frame.environment[name] = after_loop(frame, carried[name])
    for name, end in settled.items():
        value = frame.environment.get(name)
        if isinstance(value, Tensor):
            frame.environment[name] = replace(value, shape=value.shape.with_last(end))
    note_ends(frame, ends)
    frame.chains = around
    if frame.kind != "split":
        unchanged = iterable.dynamic is statement.iterable and _identical(code, statement.body)
        if unchanged and not statement.otherwise:
            frame.emit(statement)
        else:
            frame.emit(
                replace_node(statement, iterable=iterable.dynamic, body=tuple(code) or (Pass(),))
            )
        return
    emit_loop(frame, statement, iterable, init, code, loop, element)


def _is_filled(before: Value | None, after: Value) -> bool:
    """Whether a loop puts layers into a list that was empty."""
    empty = isinstance(before, Sequence) and before.kind == "list" and before.items == ()
    return empty and isinstance(after, Sequence) and isinstance(after.item, Instance | Several)


def _identical(code: list[Statement], body: Body) -> bool:
    return len(code) == len(body) and all(a is b for a, b in zip(code, body, strict=True))


def emit_loop(
    frame: Frame,
    statement: For,
    iterable: Result,
    init: list[Statement],
    code: list[Statement],
    loop: Loop,
    element: Value,
) -> None:
    """Both halves of a static loop; `__call__`'s half is joined with the modules it runs through
    when all is known."""
    if frame.loop is None:
        _emit_lists(frame, loop)
    if init:
        static = iterable.static
        if static is None:
            frame.program.report_unavailable(frame, statement, statement.iterable)
        else:
            frame.emit_init(For(shadow_target(statement.target, element), static, tuple(init), ()))
    if code:
        frame.emit(
            LoopCode(replace_node(statement, iterable=iterable.dynamic, body=tuple(code)), loop)
        )


def _emit_lists(frame: Frame, loop: Loop) -> None:
    """The lists that the loop fills with modules."""
    for site in one_for_each_list(loop.sites):
        module_list = Call(Symbol("flax.nnx.List"), (Argument(List(())),))
        frame.emit_init(Assign((Attribute(Name("self"), site.attribute or ""),), module_list))


def loop_body(
    frame: Frame, body: Body, bind: object, index: str | None = None
) -> tuple[list[Statement], list[Statement], Loop]:
    """Runs the body for real: (code in `__init__`, code at call time, the loop's modules)."""
    from .statements import run_body

    assert callable(bind)
    entry = dict(frame.environment)
    loop = Loop(frame.loop, frame.conditions, index=index)
    outer = frame.init, frame.body, frame.loop, frame.terminated
    frame.init, frame.body, frame.loop, frame.terminated = [], [], loop, False
    frame.depth += 1
    bind()
    run_body(frame, body)
    frame.depth -= 1
    if frame.kind == "split":
        carry(frame, entry)
    init, code = frame.init, frame.body
    frame.init, frame.body, frame.loop, frame.terminated = outer
    for statement in loop.before:
        frame.emit_init(statement)
    for name, value in entry.items():
        after = frame.environment.get(name)
        if isinstance(value, Tensor) and isinstance(after, Tensor):
            if name in frame.chains and after.shape.size(-1) is not None:
                frame.chain_ends[name] = after.shape.size(-1)
            frame.environment[name] = value
    if loop.sites and frame.loop is not None:
        frame.loop.sites.extend(loop.sites)
        frame.loop.direct = False
    return init, code, loop
