"""Python's own functions over tensors, lists of tensors and shapes: `len`, `zip`, `isinstance`."""
# pyright: basic

from __future__ import annotations

from dataclasses import replace

from ....ir.dims import Dim
from ....ir.nodes import (
    Argument,
    Attribute,
    Binary,
    Call,
    Constant,
    Expression,
    FunctionDef,
    Name,
    OpCall,
    Symbol,
    Tuple,
    replace_node,
    walk,
)
from ..class_definitions import conditional_parts
from ..class_definitions.class_state import ClassState
from ..evaluation.expressions import composite, evaluate, folded
from ..evaluation.input_forms import only_checked
from ..evaluation.number_calls import is_integer, unknown_number
from ..evaluation.shape_code import holds_shapes, shape_code
from ..frame import Frame, Result
from ..joined_values import sequence_item
from ..sites import LayerTarget, PlanTarget, Site
from ..values import (
    Instance,
    Known,
    Mapped,
    SelfReference,
    Sequence,
    ShapeOf,
    Static,
    Tensor,
    Value,
    Weight,
    integer,
    is_dynamic,
)


def builtin_call(frame: Frame, node: Call) -> Result | None:
    if not isinstance(node.function, Name) or node.function.id in frame.environment:
        return None
    name = node.function.id
    if len(node.arguments) == 1 and not node.arguments[0].star:
        inner = evaluate(frame, node.arguments[0].value)
        result = composite(frame, node, Static())
        match name, inner.value:
            case "len", Sequence(items=items) if items is not None:
                if frame.kind in ("init", "call") and (
                    is_dynamic(inner.value) or holds_shapes(inner.value)
                ):
                    return folded(len(items), node)
                return Result(
                    Static(Known(len(items)), int, Dim.of(len(items))),
                    result.dynamic,
                    result.static,
                )
            case "len", ShapeOf(shape=shape) if shape.rank is not None:
                return Result(Static(Known(shape.rank), int), result.dynamic, Constant(shape.rank))
            case "len", Sequence(item=item) if item is not None and inner.static is not None:
                # The list of sizes is as long as the list of tensors.
                static = Call(node.function, (Argument(inner.static),))
                return Result(Static(kind=int, size=Dim.variable(static)), result.dynamic, static)
            case "len", value if is_dynamic(value) or isinstance(value, ShapeOf):
                return Result(Static(kind=int), result.dynamic, result.static)
            case (("list" | "tuple" | "reversed"), Sequence() as value):
                items = value.items
                if items is not None and name == "reversed":
                    items = items[::-1]
                item = None if items is not None else sequence_item(value)
                kind = "list" if name == "reversed" else name
                static = result.static or _over_sizes(frame, node)
                value = Sequence(kind, items, item, static if items is None else None)
                return Result(value, result.dynamic, static)
            case (("list" | "tuple"), ShapeOf() as value):
                return Result(value, result.dynamic, shape_code(value.shape))
            case "int", Static(kind=kind, hidden=hidden) if kind is int and hidden is not None:
                return Result(inner.value, result.dynamic, result.static)
            case "int", Static(size=size, constant=constant, kind=kind):
                whole = kind is int and not _computed_of_parameters(frame, inner.static)
                value = Static(constant if kind is int else None, int, size if whole else None)
                if value.size is None and result.static is not None:
                    value = Static(None, int, Dim.variable(result.static))
                return Result(value, result.dynamic, result.static)
            case "isinstance", _:
                return None
            case _:
                pass
        if name in ("len", "int", "round") and not is_dynamic(inner.value):
            size = Dim.variable(result.static) if result.static is not None else None
            return Result(Static(kind=int, size=size), result.dynamic, result.static)
    if name == "isinstance" and len(node.arguments) == 2:
        return _isinstance(frame, node)
    if name == "getattr" and len(node.arguments) in (2, 3):
        return _getattr(frame, node)
    if name == "setattr" and len(node.arguments) == 3:
        return _setattr(frame, node)
    if name == "hasattr" and len(node.arguments) == 2:
        return _hasattr(frame, node)
    if name in ("zip", "enumerate"):
        result = composite(frame, node)
        return Result(result.value, result.dynamic, result.static or _over_sizes(frame, node))
    if name in ("max", "min"):
        result = composite(frame, node)
        whole = all(is_integer(evaluate(frame, a.value).value) for a in node.arguments)
        if isinstance(result.value, Static) and result.static is not None:
            value = Static(kind=int if whole else None, size=Dim.variable(result.static))
            return Result(value, result.dynamic, result.static)
        if isinstance(result.value, Static) and whole:
            return Result(integer(unknown_number()), result.dynamic, None)
        return result
    if name == "dict" and not node.arguments:
        return composite(frame, node, Mapped({}))
    if name == "dict" and all(a.keyword for a in node.arguments):
        result = composite(frame, node)
        facts = frame.program.facts
        assert isinstance(result.dynamic, Call)
        entries = {a.keyword: facts.value(a.value) or Static() for a in result.dynamic.arguments}
        return Result(Mapped(entries), result.dynamic, result.static)
    return None


def _computed_of_parameters(frame: Frame, code: Expression | None) -> bool:
    """Whether a number is computed of what the constructor is given. An annotation may promise an
    integer that callers do not give: `int` stays."""
    parameters = frame.plan.parameters if frame.plan is not None else ()
    names = {frame.self_name, *(p.name for p in parameters)}
    return isinstance(code, Binary) and any(
        isinstance(n, Name) and n.id in names for n in walk(code)
    )


def _over_sizes(frame: Frame, node: Call) -> Expression | None:
    """`zip(filters, skips)` over the sizes of the tensors: `zip(filters, skips_features)`."""
    statics = [evaluate(frame, a.value).static for a in node.arguments]
    if any(s is None for s in statics):
        return None
    given = zip(node.arguments, statics, strict=True)
    return Call(node.function, tuple(replace_node(a, value=s) for a, s in given))


def _getattr(frame: Frame, node: Call) -> Result | None:
    """`getattr(self, "x", None)` of an attribute that the class has by now."""
    from ..class_definitions.class_state import current_state

    state = current_state(frame)
    owner, name = (a.value for a in node.arguments[:2])
    if state is None or not isinstance(name, Constant) or name.value not in state.attributes:
        return None
    if not isinstance(evaluate(frame, owner).value, SelfReference):
        return None
    if conditional_parts.is_conditional(frame, name.value):
        value = state.attributes[name.value]
        value = replace(value, optional=True) if isinstance(value, Instance) else value
        return composite(frame, node, value)
    return evaluate(frame, Attribute(owner, name.value, span=node.span))


def _setattr(frame: Frame, node: Call) -> Result | None:
    """A layer that is kept under a name which code puts together: nothing tells where it is read,
    and with it what belongs to its call."""
    value = evaluate(frame, node.arguments[2].value).value
    if not isinstance(value, Instance):
        return None
    code = frame.program.unhandled(
        frame,
        node,
        "TJ5002",
        "a layer is kept under a name that code puts together",
        "keep such layers in a list",
        node.span,
    )
    return Result(Static(), code, code)


def _hasattr(frame: Frame, node: Call) -> Result | None:
    """`hasattr(self, "x")` asks whether an earlier call has built it; here, whether the class has
    by now. One that the constructor makes under a test is asked for when it runs."""
    from ..class_definitions.class_state import current_state

    state = current_state(frame)
    owner, name = (a.value for a in node.arguments)
    if isinstance(owner, Symbol) and isinstance(name, Constant):
        return _has_member(frame, owner.path, str(name.value))
    if state is None or not isinstance(name, Constant):
        return None
    asked = evaluate(frame, owner).value
    if str(name.value).startswith("_") and _lacks(asked, name.value):
        # What Keras keeps to itself, and only some of its versions have.
        left_out = f"code for `{name.value}`, a private member of Keras layers, is left out"
        frame.program.note(frame, "TJ6002", left_out, node.span)
        return Result(Static(Known(False), bool), Constant(False), Constant(False))
    if not isinstance(asked, SelfReference):
        return None
    if conditional_parts.is_conditional(frame, name.value):
        result = composite(frame, node, Static(kind=bool))
        test = conditional_parts.test_in_constructor(frame, node)
        return Result(result.value, result.dynamic, test)
    outcome = name.value in state.attributes
    return Result(Static(Known(outcome), bool), Constant(outcome), Constant(outcome))


def _has_member(frame: Frame, owner: str, name: str) -> Result | None:
    """`hasattr(keras, "ops")` asks for the version of the library: it is the one that the code is
    compiled for."""
    program = frame.program
    flavour = "keras2" if program.is_keras2 else "keras3"
    symbol = program.api.symbol(owner, flavour)
    if symbol is None or symbol.kind != "module" or name.startswith("_"):
        return None
    path = program.api.canonical(f"{owner}.{name}")
    outcome = path is not None and program.api.symbol(path, flavour) is not None
    return Result(Static(Known(outcome), bool), Constant(outcome), Constant(outcome))


def _asks_strategy(node: Call) -> str | None:
    """The strategy of `isinstance(tf.distribute.get_strategy(), tf.distribute.TPUStrategy)`: what
    is in force is the default one."""
    match node.arguments:
        case (
            Argument(value=OpCall(symbol="tf.distribute.get_strategy")),
            Argument(value=Symbol(path=path)),
        ) if path.startswith("tf.distribute.") and path != "tf.distribute.Strategy":
            return path
        case _:
            return None


def _lacks(value: Value, name: str) -> bool:
    """Whether a layer is of Keras, or of a class of the project that does not define the name."""
    match value:
        case Instance(site=Site(target=LayerTarget())):
            return True
        case Instance(site=Site(target=PlanTarget(plan=plan))):
            state = plan.details.get("class_state")
            known = isinstance(state, ClassState)
            return known and name not in state.methods and name not in state.attributes
        case _:
            return False


def _isinstance(frame: Frame, node: Call) -> Result:
    """Decided where the binding time decides it: a tensor is no list, a list of tensors is one."""
    if (strategy := _asks_strategy(node)) is not None:
        left_out = f"code for `{strategy}` is left out: JAX shards arrays instead"
        frame.program.note(frame, "TJ6002", left_out, node.span)
        return Result(Static(Known(False), bool), Constant(False), Constant(False))
    subject = evaluate(frame, node.arguments[0].value)
    kinds = node.arguments[1].value
    names = [
        k.id if isinstance(k, Name) else "tuple"
        for k in (kinds.elements if isinstance(kinds, Tuple) else (kinds,))
        if isinstance(k, Name) or (isinstance(k, Symbol) and k.path == "tf.TensorShape")
    ]
    result = composite(frame, node, Static(kind=bool))
    containers = {"list", "tuple", "dict", "int", "float", "str", "bool", "set"}
    count = len(kinds.elements) if isinstance(kinds, Tuple) else 1
    if names and set(names) <= containers and len(names) == count:
        match subject.value:
            case Tensor(assumed=False) | Weight():
                _note_left_out(frame, node, "a tensor")
                return Result(Static(Known(False), bool), Constant(False), Constant(False))
            case Mapped() if is_dynamic(subject.value):
                _note_left_out(frame, node, "a dict")
                outcome = "dict" in names
                return Result(Static(Known(outcome), bool), Constant(outcome), Constant(outcome))
            case Sequence() | ShapeOf() if holds_shapes(subject.value):
                # Keras gives shapes as tuples, and those of several inputs as a tuple or list.
                if set(names) <= {"list", "tuple"} and len(set(names)) == 1 and names != ["tuple"]:
                    return Result(Static(kind=bool), result.dynamic, result.static)
                outcome = bool({"list", "tuple"} & set(names))
                return Result(Static(Known(outcome), bool), Constant(outcome), Constant(outcome))
            case Static(constant=Known(value=given)) if frame.follows_numbers:
                outcome = type(given).__name__ in names
                return Result(Static(Known(outcome), bool), result.dynamic, result.static)
            case Sequence(kind=kind, items=tuple()) if frame.follows_numbers:
                return Result(Static(Known(kind in names), bool), result.dynamic, result.static)
            case Sequence(kind=kind) if is_dynamic(subject.value):
                _note_left_out(frame, node, f"a {kind}")
                outcome = kind in names
                return Result(Static(Known(outcome), bool), Constant(outcome), Constant(outcome))
            case _:
                pass
    return Result(Static(kind=bool), result.dynamic, result.static)


def _note_left_out(frame: Frame, node: Call, kind: str) -> None:
    """Of a parameter, nobody has said yet that it is `kind`; code that only raises for anything
    else is not missed."""
    subject = node.arguments[0].value
    plan = frame.plan
    method = frame.method or (plan.definition.node if plan is not None else None)
    parameters = method.parameters if isinstance(method, FunctionDef) else ()
    if not isinstance(subject, Name) or subject.id not in {p.name for p in parameters}:
        return
    if isinstance(method, FunctionDef) and only_checked(method, node):
        return
    frame.program.note(
        frame,
        "TJ6019",
        f"`{subject.id}` is taken to be {kind}: code for other types was left out",
        node.span,
        f"pass {kind} where the model is used",
    )
