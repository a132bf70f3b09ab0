"""Statements: each goes to `__init__`, to `__call__`, or, where it builds and applies, to both."""

from __future__ import annotations

from ...ir.dims import Dim
from ...ir.nodes import (
    AnnotatedAssign,
    Assign,
    Attribute,
    AugmentedAssign,
    Binary,
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
    List,
    Name,
    Node,
    OpCall,
    Pass,
    Raise,
    Return,
    Scope,
    Starred,
    Statement,
    Subscript,
    Try,
    Tuple,
    While,
    With,
    map_children,
    replace_node,
    walk,
)
from . import applying, classes, definitions, loops
from .expressions import evaluate
from .frame import Frame, Result, join_values, with_shadows
from .nodes import Optional
from .purity import is_pure
from .shapes import Shape
from .sites import SequentialTarget, Site
from .values import (
    Api,
    ByName,
    Closure,
    Defined,
    GraphModel,
    Instance,
    Mapped,
    Sequence,
    Static,
    Tensor,
    Unknown,
    Value,
    is_dynamic,
)


def run_body(frame: Frame, body: Body) -> None:
    """Runs statements until one leaves the block."""
    for statement in body:
        if frame.terminated:
            return
        run(frame, statement)


def run(frame: Frame, statement: Statement) -> None:
    frame.clock += 1
    frame.memo = {}
    if frame.program.is_api_binding(frame, statement):
        return
    match statement:
        case Assign():
            _assign(frame, statement)
        case AnnotatedAssign(target=target, value=value) if value is not None:
            _assign_one(frame, statement, target, value)
        case AugmentedAssign():
            _augmented(frame, statement)
        case ExpressionStatement():
            _expression(frame, statement)
        case Return():
            _return(frame, statement)
        case If():
            _if(frame, statement)
        case For():
            loops.for_loop(frame, statement)
        case While():
            loops.while_loop(frame, statement)
        case With():
            _with(frame, statement)
        case FunctionDef():
            _function(frame, statement)
        case Raise():
            _everywhere(frame, statement)
            frame.terminated = True
        case Break() | Continue():
            _both(frame, statement)
            frame.terminated = True
        case Pass():
            if frame.kind != "split":
                frame.emit(statement)
        case Try():
            _try(frame, statement)
        case _:
            _everywhere(frame, statement)


# --------------------------------------------------------------------------------------- assignment


def _assign(frame: Frame, statement: Assign) -> None:
    if len(statement.targets) == 1:
        _assign_one(frame, statement, statement.targets[0], statement.value)
        return
    result = evaluate(frame, statement.value)
    for target in statement.targets:
        _bind(frame, target, result)
    _emit_assign(frame, statement, statement.targets, result, defined_names(statement.targets))


def _assign_one(frame: Frame, statement: Statement, target: Expression, value: Expression) -> None:
    frame.pending_inputs.clear()
    frame.program.enter(frame, statement)
    if _splits_inputs(frame, target, value):
        return
    if (
        isinstance(target, Attribute)
        and target.attribute in classes.BOOKKEEPING
        and frame.kind in ("init", "call")
    ):
        frame.program.translated(
            frame, statement.span, "bookkeeping", "dropped", "Keras bookkeeping"
        )
        return
    result = evaluate(frame, value)
    if frame.pending_inputs and isinstance(target, Name) and frame.kind == "split":
        assigned = result.value
        if isinstance(assigned, Tensor) and result.dynamic is frame.pending_inputs[-1]:
            if frame.plan is not None and isinstance(result.dynamic, Name):
                names = frame.plan.details.setdefault("input_names", {})
                assert isinstance(names, dict)
                names[target.id] = result.dynamic.id.removeprefix("input:") or target.id
            _new_input(frame, target.id, assigned)
            return
        if isinstance(assigned, (Mapped, Sequence)) and is_dynamic(assigned):
            # A dict or list of inputs: one parameter that holds them all.
            frame.environment[target.id] = result.value
            frame.inputs[target.id] = Tensor()
            return
    if isinstance(target, Attribute):
        owner = evaluate(frame, target.value)
        if classes.assign_attribute(frame, statement, target, owner, result):
            return
    if isinstance(target, Name) and _begins_chain(frame, result):
        frame.environment[target.id] = graph_of(_start_chain(frame, result))
        return
    before = target
    _bind(frame, target, result)
    _emit_assign(frame, statement, (before,), result, defined_names((target,)))


def site_of(result: Result) -> Site:
    assert isinstance(result.value, Instance)
    return result.value.site


def _new_input(frame: Frame, name: str, value: Value) -> None:
    assert isinstance(value, Tensor)
    frame.assign(name, value)
    frame.inputs[name] = value


def _begins_chain(frame: Frame, result: Result) -> bool:
    """A Sequential in a function that makes a model: the function becomes a class, the layers its
    attributes."""
    return (
        frame.kind == "split"
        and isinstance(result.value, Instance)
        and isinstance(result.value.site.target, SequentialTarget)
        and frame.depth == 0
        and not frame.inputs
    )


def _splits_inputs(frame: Frame, target: Expression, value: Expression) -> bool:
    """`a, b = Input(...), Input(...)`: one input each."""
    match target, value:
        case Tuple(elements=names), (Tuple(elements=values) | List(elements=values)):
            opens = any(isinstance(v, OpCall) and v.symbol == "keras.Input" for v in values)
            if not opens or len(names) != len(values) or frame.kind != "split":
                return False
            for name, inner in zip(names, values, strict=True):
                _assign_one(frame, Assign((name,), inner), name, inner)
            return True
        case _:
            return False


def _start_chain(frame: Frame, result: Result) -> str:
    """Opens a graph for a Sequential; the variable that holds what flows through it."""
    chain = chain_variable(frame)
    start = applying.declared_input(frame, site_of(result)) or frame.program.own_input(frame, chain)
    frame.environment[chain] = start
    _new_input(frame, chain, start)
    _chain_elements(frame, chain, result)
    return chain


def graph_of(variable: str) -> GraphModel:
    """A model whose output is what the variable holds."""
    return GraphModel(Tensor(), Tensor(), Name(variable))


def chain_variable(frame: Frame) -> str:
    name, index = "x", 1
    while name in frame.environment or name in frame.program.parameter_names(frame):
        name, index = f"x{index}", index + 1
    return name


def _chain_elements(frame: Frame, chain: str, result: Result) -> None:
    target = site_of(result).target
    assert isinstance(target, SequentialTarget)
    for element in target.sites:
        add_to_chain(frame, chain, element)


def add_to_chain(frame: Frame, chain: str, element: object) -> None:
    """`model.add(layer)`: `x = layer(x)`."""
    current = evaluate(frame, Name(chain))
    call = Call(Name(chain), ())
    step = applying.apply_element(frame, element, call, current)  # pyright: ignore
    if step is current:
        return
    frame.assign(chain, step.value)
    frame.emit(Assign((Name(chain),), step.dynamic))


def defined_names(targets: tuple[Expression, ...]) -> tuple[str, ...]:
    """Plain variables among assignment targets; for `a[i] = ...` and `a.b = ...` the variable that
    changes."""
    names: list[str] = []
    for target in targets:
        match target:
            case Name(id=name):
                names.append(name)
            case Tuple(elements=elements) | List(elements=elements):
                names.extend(defined_names(elements))
            case Starred(value=value) | Subscript(value=value) | Attribute(value=value):
                names.extend(defined_names((value,)))
            case _:
                pass
    return tuple(names)


def _bind(frame: Frame, target: Expression, result: Result) -> None:
    """Gives the target's variables their values."""
    match target:
        case Name(id=name):
            value = result.value
            if isinstance(value, Static) and not is_dynamic(value):
                size = value.size
                named = frame.kind in ("split", "init") and result.static is not None
                if named and (size is None or size.constant is None):
                    size = Dim.named(name) if value.kind in (None, int) else size
                code = result.static if frame.kind == "call" else None
                value = Static(value.constant, value.kind, size, code)
            if isinstance(value, Sequence) and is_dynamic_list(value) and frame.kind == "split":
                shadow = Name(f"{name}_features")
                if result.static is not None:
                    frame.shadow(shadow.id, result.static)
                    value = Sequence(value.kind, value.items, value.item, shadow)
            frame.assign(name, value)
        case Tuple(elements=elements) | List(elements=elements):
            for i, element in enumerate(elements):
                _bind(frame, element, _part(frame, result, i, len(elements)))
        case Subscript(value=Name(id=name)):
            current = frame.environment.get(name)
            if isinstance(current, Sequence):
                item = (
                    result.value
                    if current.item is None
                    else join_values(current.item, result.value)
                )
                frame.environment[name] = Sequence(current.kind, None, item, current.shadow)
        case Starred(value=value):
            _bind(frame, value, Result(Sequence("list", None, result.value), result.dynamic, None))
        case _:
            evaluate(frame, target)


def is_dynamic_list(value: Sequence) -> bool:
    return value.kind == "list" and (value.items == () or is_dynamic(value))


def _part(frame: Frame, result: Result, index: int, count: int) -> Result:
    static = Subscript(result.static, Constant(index)) if result.static is not None else None
    match result.value:
        case Sequence(items=items) if items is not None and len(items) == count:
            value = items[index]
        case Sequence(item=item) if item is not None:
            value = item
        case Tensor():
            value = Tensor()
        case _:
            from .values import ShapeOf

            if isinstance(result.value, ShapeOf) and result.value.shape.rank == count:
                size = result.value.shape.size(index)
                value = Static(kind=int, size=size)
                static = size.to_expression() if size is not None else None
            else:
                value = Static()
    if isinstance(value, Tensor):
        size = value.shape.size(-1)
        static = size.to_expression() if size is not None else None
    return Result(value, Subscript(result.dynamic, Constant(index)), static)


def _emit_assign(
    frame: Frame,
    statement: Statement,
    targets: tuple[Expression, ...],
    result: Result,
    names: tuple[str, ...],
) -> None:
    dynamic = rebuilt(statement, result.dynamic)
    value = result.value
    if frame.kind != "split":
        if isinstance(value, (Instance,)) and frame.kind == "init":
            frame.emit(dynamic)
            return
        if not isinstance(value, (Api, Closure)) or frame.kind == "plain":
            frame.emit(dynamic)
        return
    match value:
        case GraphModel() | ByName():
            frame.emit(Optional(dynamic, names))
        case Instance() | Api():
            return
        case Defined() | Closure():
            if result.static is not None:
                frame.emit_init(Optional(rebuilt(statement, result.static), names))
        case _ if is_dynamic(value) or (isinstance(value, Sequence) and value.items == ()):
            copied = is_pure(result.dynamic)
            frame.emit(Optional(dynamic, names) if copied else dynamic)
            if isinstance(value, Sequence) and value.items == () and value.kind == "list":
                # An empty list: tensors or static values may go in; both slices keep it if they use
                # it.
                frame.emit_init(
                    Optional(rebuilt(statement, result.static or result.dynamic), names)
                )
        case _:
            emit_static(frame, statement, result, names)


def rebuilt(statement: Statement, value: Expression) -> Statement:
    if getattr(statement, "value", None) is value:
        return statement
    return replace_node(statement, value=value)


def emit_static(frame: Frame, statement: Statement, result: Result, names: tuple[str, ...]) -> None:
    """A static assignment runs in `__init__`; `__call__` may compute it again."""
    if result.static is None:
        # Computed from the data's shape: it lives in `__call__`.
        frame.call_only.update(names)
        frame.emit(Optional(rebuilt(statement, result.dynamic), names))
        return
    frame.call_only.difference_update(names)
    for name in names:
        note_static(frame, name)
    frame.emit(Optional(rebuilt(statement, result.dynamic), names))
    init = rebuilt(statement, result.static)
    frame.emit_init(Optional(init, names) if is_pure(result.static) else init)


def note_static(frame: Frame, name: str) -> None:
    frame.static_targets[name] = frame.static_targets.get(name, 0) + 1
    frame.assigned_at[name] = frame.clock
    if frame.loop is not None:
        frame.assigned_in_loop.add(name)


def _augmented(frame: Frame, statement: AugmentedAssign) -> None:
    """`a += b` is evaluated as `a = a + b`; the spelling stays."""
    combined = Binary(statement.operator, statement.target, statement.value)
    result = evaluate(frame, combined)
    value = evaluate(frame, statement.value)
    names = defined_names((statement.target,))
    if isinstance(statement.target, Attribute):
        owner = evaluate(frame, statement.target.value)
        if classes.augment_attribute(frame, statement, owner, value):
            return
    _bind(frame, statement.target, result)
    dynamic = rebuilt(statement, value.dynamic)
    if frame.kind != "split" or is_dynamic(result.value):
        frame.emit(dynamic)
        if (
            frame.kind == "split"
            and isinstance(result.value, Sequence)
            and value.static is not None
        ):
            shadow = f"{names[0]}_features" if names else ""
            frame.emit_init(
                Optional(AugmentedAssign(Name(shadow), statement.operator, value.static), (shadow,))
            )
        return
    emit_static(frame, statement, Result(result.value, value.dynamic, value.static), names)


# --------------------------------------------------------------------------------- other statements


def _expression(frame: Frame, statement: ExpressionStatement) -> None:
    frame.program.enter(frame, statement)
    if isinstance(statement.value, Constant) and isinstance(statement.value.value, str):
        if frame.kind != "split":
            frame.emit(statement)
        return
    if _chain_add(frame, statement.value):
        return
    if frame.program.drops_expression(frame, statement.value):
        return
    before = _list_before(frame, statement.value)
    result = evaluate(frame, statement.value)
    if isinstance(result.dynamic, Constant) and not isinstance(statement.value, Constant):
        return
    dynamic = rebuilt(statement, result.dynamic)
    if frame.kind != "split":
        frame.emit(dynamic)
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
                    frame, model.expression.id, applying.element_site(frame, argument.value)
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


def _return(frame: Frame, statement: Return) -> None:
    frame.terminated = True
    if statement.value is None:
        _both(frame, statement)
        frame.returns.append(Static())
        return
    frame.program.enter(frame, statement)
    result = evaluate(frame, statement.value)
    value = result.value
    if (
        isinstance(value, Closure)
        and frame.kind == "split"
        and isinstance(value.definition, FunctionDef)
    ) and definitions.inline_factory(frame, value):
        return
    if _begins_chain(frame, result):
        chain = _start_chain(frame, result)
        frame.returns.append(frame.environment[chain])
        frame.emit(Return(Name(chain)))
        return
    frame.returns.append(value.outputs if isinstance(value, GraphModel) else value)
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


def _everywhere(frame: Frame, statement: Statement) -> None:
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


def _both(frame: Frame, statement: Statement) -> None:
    frame.emit(statement)
    if frame.kind == "split":
        frame.emit_init(statement)


# ----------------------------------------------------------------------------------------- branches


def run_block(
    frame: Frame, body: Body, environment: dict[str, Value]
) -> tuple[dict[str, Value], list[Statement], list[Statement], bool]:
    """Runs a nested block on its own copy of the variables: (variables after, init code, call code,
    left early)."""
    outer = frame.environment, frame.init, frame.body, frame.terminated
    frame.environment, frame.init, frame.body, frame.terminated = environment, [], [], False
    frame.depth += 1
    frame.conditions += 1
    run_body(frame, body)
    frame.conditions -= 1
    frame.depth -= 1
    result = frame.environment, frame.init, frame.body, frame.terminated
    frame.environment, frame.init, frame.body, frame.terminated = outer
    return result


def _if(frame: Frame, statement: If) -> None:
    frame.program.enter(frame, statement)
    test = evaluate(frame, statement.test)
    if isinstance(test.dynamic, Constant) and not isinstance(statement.test, Constant):
        run_body(frame, statement.then if test.dynamic.value else statement.otherwise)
        return
    base, taken = frame.environment, frame.taken
    # The branches exclude each other: their modules may share attribute names.
    frame.taken = set(taken)
    then_env, then_init, then_body, then_left = run_block(frame, statement.then, dict(base))
    then_taken, frame.taken = frame.taken, set(taken)
    else_env, else_init, else_body, else_left = run_block(frame, statement.otherwise, dict(base))
    frame.taken |= then_taken
    if then_left and else_left:
        frame.terminated = True
    elif then_left:
        frame.environment = else_env
    elif else_left:
        frame.environment = then_env
    else:
        frame.environment = _joined(frame, then_env, else_env, then_init, else_init, test)
    _emit_if(frame, statement, test, (then_init, else_init), (then_body, else_body))


def _joined(
    frame: Frame,
    then: dict[str, Value],
    otherwise: dict[str, Value],
    then_init: list[Statement],
    else_init: list[Statement],
    test: Result,
) -> dict[str, Value]:
    result: dict[str, Value] = {}
    for name in dict.fromkeys([*then, *otherwise]):
        if name not in then or name not in otherwise:
            result[name] = then.get(name) or otherwise[name]
            continue
        a, b = then[name], otherwise[name]
        value = join_values(a, b)
        if frame.kind == "split":
            value = with_shadows(name, value, [(a, then_init), (b, else_init)])
        elif isinstance(value, Tensor) and isinstance(a, Tensor) and isinstance(b, Tensor):
            value = _under_test(value, a, b, test)
        callables = (Api, Defined, Closure, Instance)
        if (
            a != b
            and isinstance(a, callables)
            and isinstance(b, callables)
            and test.static is not None
        ):
            from .values import Choice

            value = Choice(test.static, a, b)
        if isinstance(value, Static) and a != b and frame.kind in ("split", "init"):
            value = Static(
                value.constant, value.kind, Dim.named(name) if value.kind in (None, int) else None
            )
        result[name] = value
    return result


def _under_test(value: Tensor, a: Tensor, b: Tensor, test: Result) -> Tensor:
    """In a method, a size that differs between branches is a conditional expression over the
    attributes."""
    from ...ir.nodes import Conditional

    last_a, last_b = a.shape.size(-1), b.shape.size(-1)
    if value.shape.size(-1) is not None or test.static is None or last_a is None or last_b is None:
        return value
    size = Dim.variable(Conditional(test.static, last_a.to_expression(), last_b.to_expression()))
    shape = value.shape.with_last(size) if value.shape.dims else Shape(None, size)
    return Tensor(shape, value.dtype)


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
            frame.program.report_unavailable(frame, statement, ())
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


def _with(frame: Frame, statement: With) -> None:
    """Contexts that only name or place operations vanish; others stay, in the slice their body
    needs."""
    kept = [
        item for item in statement.items if not frame.program.drops_context(frame, item.context)
    ]
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


def _try(frame: Frame, statement: Try) -> None:
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


def _function(frame: Frame, statement: FunctionDef) -> None:
    """A local function: code of whichever slice calls it, or a module class of its own if it builds
    layers."""
    frame.environment[statement.name] = Closure(statement, frame.environment)
    if frame.program.creates(statement):
        if frame.kind == "plain":
            frame.emit(statement)
        return
    dynamic = definitions.translate_local(frame, statement)
    if frame.kind != "split":
        frame.emit(dynamic)
        return
    frame.emit(Optional(dynamic, (statement.name,)))
    frame.emit_init(Optional(statement, (statement.name,)))
