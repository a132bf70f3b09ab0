"""Assignments: to names, attributes and elements; symbolic inputs and layer chains begin here."""

from __future__ import annotations

from ....ir.dims import Dim
from ....ir.nodes import (
    Assign,
    Attribute,
    AugmentedAssign,
    Binary,
    Call,
    Constant,
    Expression,
    List,
    Name,
    OpCall,
    Slice,
    Starred,
    Statement,
    Subscript,
    Tuple,
    replace_node,
    walk,
)
from ...shapes.shapes import Shape
from ..class_definitions import class_attributes
from ..evaluation.expressions import evaluate, holds_shapes, known
from ..frame import Frame, Result, join_values
from ..functional_models import input_lists
from ..layers import sequentials
from ..layers.listed_layers import are_functional, emit_sizes
from ..nodes import Optional, Pending
from ..sites import SequentialTarget, Site
from ..slices.purity import is_pure
from ..uses.substitution import element
from ..values import (
    ANY_KEY,
    Api,
    ByName,
    Choice,
    Closure,
    Defined,
    GraphModel,
    Instance,
    Mapped,
    Partial,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    TrainingFlag,
    Value,
    integer,
    is_dynamic,
)


def run_assign(frame: Frame, statement: Assign) -> None:
    if len(statement.targets) == 1:
        assign_one(frame, statement, statement.targets[0], statement.value)
        return
    *more, last = statement.targets
    if isinstance(statement.value, OpCall) and statement.value.symbol == "keras.Input":
        # `x = inputs = Input(...)`: a parameter, and variables that begin with it.
        assign_one(
            frame, Assign((last,), statement.value, span=statement.span), last, statement.value
        )
        for target in more:
            assign_one(frame, Assign((target,), last, span=statement.span), target, last)
        return
    result = evaluate(frame, statement.value)
    for target in statement.targets:
        _bind(frame, target, result)
    _emit_assign(frame, statement, statement.targets, result, defined_names(statement.targets))


def assign_one(frame: Frame, statement: Statement, target: Expression, value: Expression) -> None:
    frame.pending_inputs.clear()
    frame.program.enter(frame, statement)
    if _splits_inputs(frame, target, value) or _splits_attributes(frame, statement, target, value):
        return
    if (
        isinstance(target, Attribute)
        and target.attribute in class_attributes.BOOKKEEPING
        and frame.kind in ("init", "call")
    ):
        frame.program.translated(
            frame, statement.span, "bookkeeping", "dropped", "Keras bookkeeping"
        )
        return
    if isinstance(target, Name) and input_lists.takes_inputs(frame, target.id, value):
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
        if class_attributes.assign_attribute(frame, statement, target, owner, result):
            return
    if (
        isinstance(target, Name)
        and begins_chain(frame, result)
        and not _is_applied(frame, target.id)
    ):
        frame.environment[target.id] = graph_of(start_chain(frame, result))
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


def begins_chain(frame: Frame, result: Result) -> bool:
    """A Sequential in a function that makes a model: the function becomes a class, the layers its
    attributes."""
    return (
        frame.kind == "split"
        and isinstance(result.value, Instance)
        and isinstance(result.value.site.target, SequentialTarget)
        and frame.depth == 0
        and not frame.inputs
    )


def _is_applied(frame: Frame, name: str) -> bool:
    """Whether the function calls the model, or wraps it: it is a part of another."""
    node = frame.plan.definition.node if frame.plan is not None else None
    for inner in walk(node) if node is not None else ():
        match inner:
            case Call(function=Name(id=called)) if called == name:
                return True
            case OpCall(symbol=symbol, bound=bound) if symbol.startswith("keras.layers."):
                if any(isinstance(v, Name) and v.id == name for v in bound.values()):
                    return True
            case _:
                pass
    return False


def _splits_inputs(frame: Frame, target: Expression, value: Expression) -> bool:
    """`a, b = Input(...), Input(...)`: one input each."""
    match target, value:
        case Tuple(elements=names), (Tuple(elements=values) | List(elements=values)):
            opens = any(isinstance(v, OpCall) and v.symbol == "keras.Input" for v in values)
            # Empty lists may come to hold what only one of the slices has.
            opens = opens or all(isinstance(v, List) and not v.elements for v in values)
            if not opens or len(names) != len(values) or frame.kind != "split":
                return False
            for name, inner in zip(names, values, strict=True):
                assign_one(frame, Assign((name,), inner), name, inner)
            return True
        case _:
            return False


def _splits_attributes(
    frame: Frame, statement: Statement, target: Expression, value: Expression
) -> bool:
    """`self.a, self.b = Dense(4), Dense(8)`: one attribute each."""
    match target, value:
        case Tuple(elements=targets), (Tuple(elements=values) | List(elements=values)):
            own = [t for t in targets if isinstance(t, Attribute)]
            read = {n.attribute for v in values for n in walk(v) if isinstance(n, Attribute)}
            if (
                frame.kind != "init"
                or not len(own) == len(targets) == len(values)
                or any(isinstance(v, Starred) for v in values)
                or any(not _is_self(frame, t.value) or t.attribute in read for t in own)
            ):
                return False
            for one, given in zip(own, values, strict=True):
                assign_one(frame, Assign((one,), given, span=statement.span), one, given)
            return True
        case _:
            return False


def _is_self(frame: Frame, code: Expression) -> bool:
    return isinstance(code, Name) and code.id == frame.self_name


def start_chain(frame: Frame, result: Result) -> str:
    """Opens a graph for a Sequential; the variable that holds what flows through it."""
    chain = chain_variable(frame)
    start = sequentials.declared_input(frame, site_of(result)) or frame.program.own_input(
        frame, chain
    )
    frame.environment[chain] = start
    _new_input(frame, chain, start)
    _chain_elements(frame, chain, result)
    return chain


def is_own_input(value: Value) -> bool:
    """Whether nothing is known of the input of a chain yet, and no layer has been applied to it."""
    match value:
        case Tensor(shape=Shape(dims=None, base=Name(id="in_shape"))):
            return True
        case _:
            return False


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
    for each in target.sites:
        add_to_chain(frame, chain, each)


def add_to_chain(frame: Frame, chain: str, element: object) -> None:
    """`model.add(layer)`: `x = layer(x)`."""
    declared = sequentials.declared_input(frame, element) if isinstance(element, Site) else None
    if declared is not None and is_own_input(frame.environment[chain]):
        _new_input(frame, chain, declared)
        frame.memo = {}
    current = evaluate(frame, Name(chain))
    call = Call(Name(chain), ())
    step = sequentials.apply_element(frame, element, call, current)  # pyright: ignore
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
                # What a method knows of its weights is said in terms of its call.
                named = named and not frame.settles
                if named and (size is None or size.constant is None):
                    size = Dim.named(name) if value.kind in (None, int) else size
                code = result.static if frame.kind == "call" else None
                value = Static(value.constant, value.kind, size, code, value.hidden)
            if isinstance(value, Sequence) and is_dynamic_list(value) and frame.kind == "split":
                shadow = Name(f"{name}_features")
                if result.static is not None:
                    frame.shadow(shadow.id, result.static)
                    value = Sequence(value.kind, value.items, value.item, shadow)
            if isinstance(value, Mapped) and frame.kind == "split":
                shadow = Name(f"{name}_features")
                if (not value.entries or is_dynamic(value)) and result.static is not None:
                    frame.shadow(shadow.id, result.static)
                    value = Mapped(value.entries, shadow)
            frame.assign(name, value)
        case Tuple(elements=elements) | List(elements=elements):
            for i, each in enumerate(elements):
                part = _part(frame, result, i, len(elements))
                with_tensors = is_dynamic(result.value) and isinstance(part.value, Static)
                if with_tensors and isinstance(each, Name):
                    # A size that comes with tensors: `__init__` has it from the module.
                    frame.shadow(each.id, part.static)
                if isinstance(result.value, ShapeOf) and isinstance(each, Name):
                    # `__call__` reads it off the tensor, `__init__` uses the size itself.
                    frame.assign(each.id, part.value)
                else:
                    _bind(frame, each, part)
        case Subscript(value=Name(id=name)):
            current = frame.environment.get(name)
            if isinstance(current, Sequence):
                item = (
                    result.value
                    if current.item is None
                    else join_values(current.item, result.value)
                )
                frame.environment[name] = Sequence(current.kind, None, item, current.shadow)
                _shadow_element(frame, current.shadow, target.index, result)
            elif isinstance(current, Mapped) and is_dynamic(result.value):
                key = known(evaluate(frame, target.index).value)
                entry = ANY_KEY if key is None else key.value
                value = result.value
                if entry is ANY_KEY and isinstance(value, Tensor):
                    value = _of_any_key(value, current.entries.get(ANY_KEY))
                frame.environment[name] = Mapped({**current.entries, entry: value}, current.shadow)
                _shadow_element(frame, current.shadow, target.index, result)
        case Starred(value=value):
            _bind(frame, value, Result(Sequence("list", None, result.value), result.dynamic, None))
        case _:
            evaluate(frame, target)


def _shadow_element(
    frame: Frame, shadow: Expression | None, index: Expression, result: Result
) -> None:
    """`features[key] = x`: `features_features[key] = <features of x>` in `__init__`, if it is
    needed there."""
    position = evaluate(frame, index).static
    if frame.kind != "split" or not isinstance(shadow, Name):
        return
    if result.static is None or position is None or not is_dynamic(result.value):
        return
    statement = Assign((Subscript(shadow, position),), result.static)
    frame.emit_init(Optional(statement, (shadow.id,)))


def _of_any_key(value: Tensor, before: Value | None) -> Tensor:
    """A tensor under a key that only a loop tells: each has a size of its own, unless it is a
    number."""
    last = value.shape.size(-1)
    if last is not None and last.constant is None:
        value = Tensor(value.shape.with_last(None), value.dtype)
    joined = value if before is None else join_values(before, value)
    return joined if isinstance(joined, Tensor) else value


def is_dynamic_list(value: Sequence) -> bool:
    return value.kind == "list" and (value.items == () or is_dynamic(value))


def _part(frame: Frame, result: Result, index: int, count: int) -> Result:
    static = None
    if result.static is not None:
        static = element(Subscript(result.static, Constant(index)))
        assert isinstance(static, Expression)
    match result.value:
        case Sequence(items=items) if items is not None and len(items) == count:
            value = items[index]
        case Sequence(item=item) if item is not None:
            value = item
        case Tensor():
            value = Tensor()
        case _:
            shape = result.value.shape if isinstance(result.value, ShapeOf) else None
            # As many names as it has axes.
            shape = shape.at_rank(count) if shape is not None else None
            if shape is not None and shape.rank == count:
                size = shape.size(index)
                value = integer(shape.axis(index))
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
    dynamic = _with_read_targets(frame, rebuilt(statement, result.dynamic))
    value = result.value
    if frame.kind != "split":
        if isinstance(value, (Instance,)) and frame.kind == "init":
            frame.emit(dynamic)
            return
        held = (Defined, Partial) if frame.kind == "init" else ()
        if (frame.kind == "init" and holds_shapes(value)) or isinstance(
            value, (TrainingFlag, *held)
        ):
            # Read by the sizes it consists of; by the mode of the module.
            frame.emit(Optional(dynamic, names))
        elif not isinstance(value, (Api, Closure)) or frame.kind == "plain":
            frame.emit(dynamic)
        return
    match value:
        case GraphModel():
            frame.emit(Optional(dynamic, names))
        case ByName(explicit=explicit):
            frame.emit(Optional(dynamic, names))
            if result.static is not None:
                # A layer is built where the name is called; `options.pop("kind")` stays anyway.
                built = rebuilt(statement, result.static)
                dropped = not explicit or is_pure(result.static)
                frame.emit_init(Optional(built, names) if dropped else built)
        case Choice() if _chooses_layers(value) and result.static is not None:
            # The layer is built where it is applied.
            frame.emit_init(Optional(rebuilt(statement, result.static), names))
        case Instance() if frame.self_name is not None and result.static is not None:
            # A layer that the constructor may put into a list.
            frame.emit_init(Optional(rebuilt(statement, result.static), names))
        case Instance():
            if isinstance(result.static, Pending):
                frame.emit_init(Optional(rebuilt(statement, result.static), names))
        case Api():
            return
        case Mapped(entries=entries) if not entries:
            frame.emit(Optional(dynamic, names))
            frame.emit_init(Optional(dynamic, names))
        case Defined() | Closure() | Partial():
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


def _with_read_targets(frame: Frame, statement: Statement) -> Statement:
    """`found[str(index + start)] = x` of `__call__`: what the place is made of is read there."""
    if frame.kind != "split" or not isinstance(statement, Assign):
        return statement

    def read(target: Expression) -> Expression:
        if not isinstance(target, Subscript) or isinstance(target.index, Slice):
            return target
        index = evaluate(frame, target.index).dynamic
        return target if index is target.index else replace_node(target, index=index)

    targets = tuple(read(t) for t in statement.targets)
    if all(a is b for a, b in zip(targets, statement.targets, strict=True)):
        return statement
    return replace_node(statement, targets=targets)


def _chooses_layers(value: Choice) -> bool:
    return all(
        isinstance(v, (Instance, Api)) or (isinstance(v, Choice) and _chooses_layers(v))
        for v in (value.then, value.otherwise)
    )


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
    holds_layers = isinstance(result.value, Sequence) and are_functional(result.value)
    if len(names) == 1:
        emit_sizes(frame, names[0], result.value, result.static)
    pure = holds_layers or is_pure(result.static)
    frame.emit_init(Optional(init, names) if pure else init)


def note_static(frame: Frame, name: str) -> None:
    frame.static_targets[name] = frame.static_targets.get(name, 0) + 1
    frame.assigned_at[name] = frame.clock
    if frame.loop is not None:
        frame.assigned_in_loop.add(name)


def run_augmented(frame: Frame, statement: AugmentedAssign) -> None:
    """`a += b` is evaluated as `a = a + b`; the spelling stays."""
    combined = Binary(statement.operator, statement.target, statement.value)
    result = evaluate(frame, combined)
    value = evaluate(frame, statement.value)
    names = defined_names((statement.target,))
    if isinstance(statement.target, Attribute):
        owner = evaluate(frame, statement.target.value)
        if class_attributes.augment_attribute(frame, statement, owner, value):
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
