"""Branches: `if` and `try`, decided when built, staged in both slices, or run on data."""

from __future__ import annotations

from collections.abc import Mapping

from ....ir.dims import Dim
from ....ir.nodes import (
    Assign,
    Body,
    Constant,
    Expression,
    If,
    Name,
    Pass,
    Statement,
    Try,
    Unary,
    replace_node,
    walk,
)
from ..class_definitions.replaced_inputs import after_replacement
from ..evaluation.expressions import evaluate, known
from ..evaluation.flags import under
from ..evaluation.input_forms import under_form
from ..evaluation.optional_tensors import under_test
from ..frame import Frame, Result
from ..joined_values import join_values
from ..shadows import at_once, with_shadows
from ..values import Api, Closure, Defined, GraphModel, Instance, Static, Tensor, Value
from .assigned_code import note_static
from .on_data import marked_test
from .statements import run_body
from .targets import defined_names


def run_block(
    frame: Frame, body: Body, environment: dict[str, Value], test: Expression | None = None
) -> tuple[dict[str, Value], list[Statement], list[Statement], bool]:
    """Runs a nested block on its own copy of the variables: (variables after, init code, call code,
    left early)."""
    outer = frame.environment, frame.init, frame.body, frame.terminated, frame.blocked
    frame.environment, frame.init, frame.body = environment, [], []
    frame.terminated = frame.blocked = False
    frame.depth += 1
    frame.conditions += 1
    frame.tests += [test] if test is not None else []
    run_body(frame, body)
    del frame.tests[len(frame.tests) - (test is not None) :]
    frame.conditions -= 1
    frame.depth -= 1
    left = frame.terminated or frame.blocked
    result = frame.environment, frame.init, frame.body, left
    frame.environment, frame.init, frame.body, frame.terminated, frame.blocked = outer
    return result


def run_if(frame: Frame, statement: If) -> None:
    frame.pending_inputs.clear()
    test = evaluate(frame, statement.test)
    if isinstance(test.dynamic, Constant) and not isinstance(statement.test, Constant):
        run_body(frame, statement.then if test.dynamic.value else statement.otherwise)
        return
    if _is_passed_layer(test.value):
        run_body(frame, statement.then)
        return
    decided = known(test.value)
    if decided is not None and frame.is_trial():
        # Only the value matters here, not the code.
        run_body(frame, statement.then if decided.value else statement.otherwise)
        return
    test = marked_test(frame, statement.test, test)
    base, taken = frame.environment, frame.taken
    # The branches exclude each other: their modules may share attribute names.
    frame.taken = set(taken)
    start = len(frame.returns)
    then_env, then_init, then_body, then_left = run_block(
        frame,
        statement.then,
        _environment(frame, base, statement.test, test, True),
        test.dynamic,
    )
    frame.return_tests.update(dict.fromkeys(range(start, len(frame.returns)), test.dynamic))
    then_taken, frame.taken = frame.taken, set(taken)
    else_env, else_init, else_body, else_left = run_block(
        frame,
        statement.otherwise,
        _environment(frame, base, statement.test, test, False),
        Unary("not", test.dynamic),
    )
    frame.taken |= then_taken
    if then_left and else_left:
        frame.terminated = True
    elif then_left:
        frame.environment = else_env
    elif else_left:
        frame.environment = then_env
    else:
        joined = _joined(frame, then_env, else_env, then_init, else_init, test)
        frame.environment = after_replacement(statement, base, joined)
    _emit_if(frame, statement, test, (then_init, else_init), (then_body, else_body))


def _environment(
    frame: Frame, base: dict[str, Value], asked: Expression, test: Result, outcome: bool
) -> dict[str, Value]:
    """The variables where a test, `asked` in the source, came out one way."""
    found = under_form(under(base, test.dynamic, outcome), asked, outcome)
    return under_test(frame, found, asked, outcome)


def _is_passed_layer(value: Value) -> bool:
    """Whether this is a layer that every caller passes: a test asks whether there is one."""
    return isinstance(value, Instance) and not value.optional and "inside" in value.site.details


def _joined(
    frame: Frame,
    then: dict[str, Value],
    otherwise: dict[str, Value],
    then_init: list[Statement],
    else_init: list[Statement],
    test: Result,
) -> dict[str, Value]:
    result: dict[str, Value] = {}
    taken: tuple[dict[str, Dim], dict[str, Dim]] = {}, {}
    for name in dict.fromkeys([*then, *otherwise]):
        if name not in then or name not in otherwise:
            result[name] = then.get(name) or otherwise[name]
            continue
        a, b = then[name], otherwise[name]
        value = join_values(a, b)
        if isinstance(a, GraphModel) and isinstance(b, GraphModel) and a != b:
            # Two graphs: the variable holds the outputs of one of them.
            value = GraphModel(a.inputs, join_values(a.outputs, b.outputs), Name(name), a.given)
        if frame.kind == "split":
            value = with_shadows(name, value, [(a, taken[0]), (b, taken[1])])
        elif isinstance(value, Tensor) and isinstance(a, Tensor) and isinstance(b, Tensor):
            from ..evaluation.choices import size_under_test

            value = size_under_test(value, a, b, test.static)
        callables = (Api, Defined, Closure, Instance)
        if (
            a != b
            and isinstance(a, callables)
            and isinstance(b, callables)
            and test.static is not None
        ):
            from ..values import Choice

            value = Choice(test.static, a, b)
        # What only `__call__` computes has no name in `__init__`.
        named = frame.kind in ("split", "init") and name not in frame.call_only
        if isinstance(value, Static) and a != b and named:
            value = Static(
                value.constant, value.kind, Dim.named(name) if value.kind in (None, int) else None
            )
        result[name] = value
    then_init += at_once(taken[0])
    else_init += at_once(taken[1])
    frame.environment = result
    for shadow in dict.fromkeys([*taken[0], *taken[1]]):
        frame.rebase(shadow, _owner(shadow, result))
    return frame.environment


def _owner(shadow: str, environment: Mapping[str, Value]) -> str:
    """The variable whose size another one holds."""
    named = (n for n in environment if shadow.startswith((f"{n}_features", f"{n}_size")))
    return max(named, key=len, default="")


def _emit_if(
    frame: Frame,
    statement: If,
    test: Result,
    init: tuple[list[Statement], list[Statement]],
    body: tuple[list[Statement], list[Statement]],
) -> None:
    if frame.kind != "split":
        dynamic = _changed_if(statement, test.dynamic, *body)
        if dynamic is not None:
            frame.emit(dynamic)
        return
    if any(body):
        frame.emit(
            replace_node(
                statement, test=test.dynamic, then=tuple(body[0]), otherwise=tuple(body[1])
            )
        )
    if any(init):
        if test.static is None:
            frame.program.report_unavailable(frame, statement, statement.test)
            return
        frame.emit_init(If(test.static, tuple(init[0]), tuple(init[1])))


def _changed_if(
    statement: If, test: Expression, then: list[Statement], otherwise: list[Statement]
) -> Statement | None:
    same_then = len(then) == len(statement.then) and all(
        a is b for a, b in zip(then, statement.then, strict=True)
    )
    same_else = len(otherwise) == len(statement.otherwise) and all(
        a is b for a, b in zip(otherwise, statement.otherwise, strict=True)
    )
    if test is statement.test and same_then and same_else:
        return statement
    if not then and not otherwise:
        return None
    return replace_node(
        statement, test=test, then=tuple(then) or (Pass(),), otherwise=tuple(otherwise)
    )


def run_try(frame: Frame, statement: Try) -> None:
    if frame.kind == "split" and not frame.program.creates(statement):
        _everywhere_blocks(frame, statement)
        return
    blocks: list[tuple[list[Statement], list[Statement]]] = []
    base = frame.environment
    environment = dict(base)
    for body in (
        statement.body,
        *(h.body for h in statement.handlers),
        statement.otherwise,
        statement.final,
    ):
        after, init, code, _ = run_block(frame, body, dict(environment))
        blocks.append((init, code))
        environment = after
    frame.environment = environment
    codes = [tuple(b[1]) for b in blocks]
    handlers = tuple(
        replace_node(h, body=code or (Pass(),))
        for h, code in zip(statement.handlers, codes[1:], strict=False)
    )
    frame.emit(
        replace_node(
            statement,
            body=codes[0] or (Pass(),),
            handlers=handlers,
            otherwise=codes[-2],
            final=codes[-1],
        )
    )


def _everywhere_blocks(frame: Frame, statement: Try) -> None:
    frame.emit_init(statement)
    for node in walk(statement):
        if isinstance(node, Assign):
            for name in defined_names(node.targets):
                frame.assign(name, Static(size=Dim.named(name)))
                note_static(frame, name)
