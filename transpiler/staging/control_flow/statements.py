"""Statements: each goes to `__init__`, to `__call__`, or, where it builds and applies, to both."""

from __future__ import annotations

from dataclasses import replace

from ....ir.nodes import (
    AnnotatedAssign,
    Assert,
    Assign,
    Attribute,
    AugmentedAssign,
    Body,
    Break,
    Call,
    ClassDef,
    Constant,
    Continue,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    Import,
    Name,
    Node,
    Pass,
    Raise,
    Return,
    Scope,
    Statement,
    Try,
    While,
    With,
    map_children,
    replace_node,
)
from ..chosen_layers import layer_factories
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..function_definitions import makers
from ..layers import freezing, listed_layers, sequentials
from ..nodes import Optional
from ..uses import local_functions
from ..values import Closure, GraphModel, Instance, Sequence, Static, Unknown, Value, is_dynamic
from . import dropped, loops, on_data
from .assigned_code import note_static, rebuilt
from .assignment import assign_one, run_assign, run_augmented
from .model_chains import add_to_chain, begins_chain, outputs_of, start_chain


def run_body(frame: Frame, body: Body) -> None:
    """Runs statements until one leaves the block."""
    for statement in body:
        if frame.terminated:
            return
        run(frame, statement)


def run(frame: Frame, statement: Statement) -> None:
    from .branches import run_if, run_try

    frame.clock += 1
    frame.memo = {}
    if dropped.is_api_binding(frame, statement) or freezing.drops(frame, statement):
        return
    match statement:
        case Assign():
            run_assign(frame, statement)
        case AnnotatedAssign(target=target, value=value) if value is not None:
            from ..values_at_rest import translate_annotation

            annotation = translate_annotation(frame.program, frame, statement.annotation)
            if annotation is not statement.annotation:
                statement = replace_node(statement, annotation=annotation)
            assign_one(frame, statement, target, value)
        case AugmentedAssign():
            run_augmented(frame, statement)
        case ExpressionStatement():
            _expression(frame, statement)
        case Return():
            _return(frame, statement)
        case If():
            run_if(frame, statement)
        case For():
            loops.for_loop(frame, statement)
        case While():
            loops.while_loop(frame, statement)
        case With():
            _with(frame, statement)
        case FunctionDef():
            _function(frame, statement)
        case Raise():
            run_everywhere(frame, statement)
            frame.terminated = True
        case Break() | Continue():
            run_both(frame, statement)
            frame.terminated = True
        case Pass():
            if frame.kind != "split":
                frame.emit(statement)
        case Try():
            run_try(frame, statement)
        case Assert() if on_data.is_checked_in_graph(frame, statement):
            pass
        case _:
            run_everywhere(frame, statement)


def _expression(frame: Frame, statement: ExpressionStatement) -> None:
    frame.pending_inputs.clear()
    if isinstance(statement.value, Constant) and isinstance(statement.value.value, str):
        if frame.kind != "split":
            frame.emit(statement)
        return
    if _chain_add(frame, statement.value):
        return
    printed = on_data.printed(frame, statement.value)
    if printed is not None:
        frame.emit(rebuilt(statement, printed))
        return
    before = _list_before(frame, statement.value)
    result = evaluate(frame, statement.value)
    if isinstance(result.dynamic, Constant) and not isinstance(statement.value, Constant):
        return
    dynamic = rebuilt(statement, result.dynamic)
    if frame.kind != "split":
        frame.emit(dynamic)
        return
    if listed_layers.run_append(frame, statement):
        return
    mutated = _mutated(statement.value)
    if before is not None and mutated is not None:
        now = frame.environment.get(mutated)
        if now is not None and is_dynamic(now):
            frame.emit(dynamic)
            _shadow_mutation(frame, statement.value, mutated)
            return
        if isinstance(now, Sequence) and any(isinstance(v, Instance) for v in now.items or ()):
            return
    if is_dynamic(result.value):
        frame.emit(dynamic)
        return
    result = replace(result, static=_of_own_list(result.static, mutated))
    if result.static is None:
        frame.emit(dynamic)
        return
    names = (mutated,) if mutated is not None else ()
    if names:
        frame.emit(Optional(dynamic, names))
        frame.emit_init(Optional(rebuilt(statement, result.static), names))
        note_static(frame, names[0])
    else:
        frame.emit_init(rebuilt(statement, result.static))


def _chain_add(frame: Frame, value: Expression) -> bool:
    match value:
        case Call(function=Attribute(value=Name(id=name), attribute="add"), arguments=(argument,)):
            model = frame.environment.get(name)
            if (
                isinstance(model, GraphModel)
                and isinstance(model.expression, Name)
                and frame.kind == "split"
            ):
                add_to_chain(
                    frame, model.expression.id, sequentials.element_site(frame, argument.value)
                )
                return True
            return False
        case _:
            return False


def _mutated(value: Expression) -> str | None:
    match value:
        case Call(function=Attribute(value=Name(id=name))):
            return name
        case _:
            return None


def _of_own_list(code: Expression | None, name: str | None) -> Expression | None:
    """`depths.append(2)` of `__init__`, where the list turns out to hold no tensors."""
    match code:
        case Call(function=Attribute(value=Name(id=owner)) as function) if (
            name is not None and owner != name
        ):
            return replace_node(code, function=replace_node(function, value=Name(name)))
        case _:
            return code


def _list_before(frame: Frame, value: Expression) -> Value | None:
    name = _mutated(value)
    return frame.environment.get(name) if name is not None else None


def _shadow_mutation(frame: Frame, value: Expression, name: str) -> None:
    """`skips.append(x)`: `skips_features.append(<features of x>)` in `__init__`, if it is needed
    there."""
    assert isinstance(value, Call)
    sequence = frame.environment[name]
    if not isinstance(sequence, Sequence):
        return
    shadow = sequence.shadow.id if isinstance(sequence.shadow, Name) else f"{name}_features"
    statics = [evaluate(frame, a.value).static for a in value.arguments]
    if any(s is None for s in statics):
        return
    assert isinstance(value.function, Attribute)
    call = Call(
        Attribute(Name(shadow), value.function.attribute),
        tuple(replace_node(a, value=s) for a, s in zip(value.arguments, statics, strict=True)),
    )
    frame.emit_init(Optional(ExpressionStatement(call), (shadow,)))
    if sequence.shadow is None:
        frame.environment[name] = Sequence(
            sequence.kind, sequence.items, sequence.item, Name(shadow)
        )


def _holds_graphs(value: Value) -> bool:
    """Whether a value holds models, beside other things, that the function is building."""
    items = value.items if isinstance(value, Sequence) else None
    return bool(items) and len(items) > 1 and any(isinstance(i, GraphModel) for i in items)


def _return(frame: Frame, statement: Return) -> None:
    frame.terminated = True
    if statement.value is None:
        run_both(frame, statement)
        frame.returns.append(Static())
        return
    frame.pending_inputs.clear()
    local = statement.value
    closure = frame.environment.get(local.id) if isinstance(local, Name) else None
    if isinstance(closure, Closure) and frame.kind == "split":
        made = makers.return_maker(frame, closure)
        if made or local_functions.inline_factory(frame, closure):
            return
    result = evaluate(frame, statement.value)
    value = result.value
    if layer_factories.returns_factory(frame, value):
        return
    if begins_chain(frame, result):
        chain = start_chain(frame, result)
        frame.returns.append(frame.environment[chain])
        frame.emit(Return(Name(chain)))
        return
    if frame.kind == "split" and _holds_graphs(value):
        message = "several models of one graph are returned, which one module cannot be"
        hint = "make a function for each model, and call the one in the other"
        code = frame.program.unhandled(
            frame, statement.value, "TJ5007", message, hint, statement.span
        )
        result, value = Result(Unknown(), code, None), Unknown()
    frame.returns.append(outputs_of(frame, value) if isinstance(value, GraphModel) else value)
    dynamic = rebuilt(statement, result.dynamic)
    if frame.kind != "split":
        frame.emit(dynamic)
        return
    if isinstance(value, GraphModel) or is_dynamic(value):
        frame.emit(dynamic)
        if frame.depth:
            frame.emit_init(Return(None))
        return
    if isinstance(value, Instance) and result.static is not None:
        frame.emit_init(rebuilt(statement, result.static))
        frame.program.uses_rngs(frame)
        return
    frame.emit(dynamic)
    if result.static is not None:
        frame.emit_init(rebuilt(statement, result.static))


def run_everywhere(frame: Frame, statement: Statement) -> None:
    """A statement without tensors runs when the model is built; one with tensors runs at call
    time."""
    if isinstance(statement, (Import, ClassDef, Scope)):
        frame.emit(statement) if frame.kind != "split" else frame.emit_init(statement)
        return
    found: dict[int, Result] = {}

    def visit(child: Node) -> Node:
        if isinstance(child, Expression):
            result = evaluate(frame, child)
            found[id(child)] = result
            return result.dynamic
        return map_children(child, visit)

    dynamic = map_children(statement, visit)
    if frame.kind != "split":
        frame.emit(dynamic)
        return
    results = list(found.values())
    if any(is_dynamic(r.value) for r in results) or any(r.static is None for r in results):
        frame.emit(dynamic)
        return

    def pick(child: Node) -> Node:
        if isinstance(child, Expression):
            chosen = found[id(child)].static
            assert chosen is not None
            return chosen
        return map_children(child, pick)

    frame.emit_init(map_children(statement, pick))


def run_both(frame: Frame, statement: Statement) -> None:
    frame.emit(statement)
    if frame.kind == "split":
        frame.emit_init(statement)


def _with(frame: Frame, statement: With) -> None:
    """Contexts that only name or place operations vanish; others stay, in the slice their body
    needs."""
    kept = [i for i in statement.items if not dropped.drops_context(frame, i.context)]
    if not kept:
        run_body(frame, statement.body)
        return
    items = tuple(replace_node(i, context=evaluate(frame, i.context).dynamic) for i in kept)
    for item in items:
        if isinstance(item.target, Name):
            frame.environment[item.target.id] = Unknown()
    outer_init, outer_body = frame.init, frame.body
    frame.init, frame.body = [], []
    run_body(frame, statement.body)
    init, body = frame.init, frame.body
    frame.init, frame.body = outer_init, outer_body
    frame.init.extend(init)
    frame.emit(replace_node(statement, items=items, body=tuple(body) or (Pass(),)))


def _function(frame: Frame, statement: FunctionDef) -> None:
    """A local function: code of whichever slice calls it, or a module class of its own if it builds
    layers."""
    frame.environment[statement.name] = Closure(statement, frame.environment)
    if frame.program.creates(statement):
        if frame.kind == "plain":
            frame.emit(statement)
        return
    dynamic = local_functions.translate_local(frame, statement)
    if frame.kind != "split":
        frame.emit(dynamic)
        return
    frame.emit(Optional(dynamic, (statement.name,)))
    frame.emit_init(Optional(statement, (statement.name,)))
