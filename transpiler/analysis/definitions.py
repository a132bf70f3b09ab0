"""Modules, functions and classes of the project, as values."""

from __future__ import annotations

from dataclasses import replace

from ...ir.nodes import (
    ClassDef,
    Expression,
    FunctionDef,
    Lambda,
    Name,
    Symbol,
)
from .machine import Machine
from .pythonic import lineage
from .values import (
    UNKNOWN,
    Api,
    Arguments,
    ClassValue,
    External,
    Frame,
    Function,
    Method,
    Value,
)

WRAPPERS = frozenset(
    {
        "tf.function",
        "tf.autograph.experimental.do_not_convert",
        "tf.custom_gradient",
        "tf.recompute_grad",
    }
)
KERAS_BASES = frozenset({"keras.Model", "keras.Layer", "keras.layers.Layer", "keras.Sequential"})
PLAIN_BASES = (External("builtins.object"), External("abc.ABC"))


def module_frame(m: Machine, name: str) -> Frame | None:
    """The variables of a module; its statements run when it is first asked for."""
    from .flow import Raised
    from .statements import run

    found = m.frames.get(name)
    if found is not None or name not in m.modules:
        return found
    frame = Frame(name, {"__name__": UNKNOWN})
    m.frames[name] = frame
    outside, m.calls = m.calls, []
    muted, m.muted = m.muted, m.switched_off
    try:
        with m.trail.lasting():
            run(m, m.modules[name].body, frame)
    except Raised:
        pass
    finally:
        m.calls = outside
        m.muted = max(muted, m.switched_off)
    return frame


def function_value(m: Machine, node: FunctionDef, frame: Frame) -> Value:
    """A function with its decorators applied."""
    found: Value = plain_function(m, node, frame, frame.cls)
    for decorator in reversed(node.decorators):
        found = _decorated(m, decorator, found, node, frame)
    return found


def plain_function(
    m: Machine, node: FunctionDef | Lambda, frame: Frame, cls: ClassValue | None
) -> Function:
    """A function without its decorators. Defaults are computed once, where it is made."""
    defaults = {
        p.name: m.evaluate(p.default, frame) for p in node.parameters if p.default is not None
    }
    return Function(node, frame, defaults, cls)


def _decorated(
    m: Machine, decorator: Expression, found: Value, node: FunctionDef, frame: Frame
) -> Value:
    if isinstance(decorator, Name) and decorator.id in ("staticmethod", "classmethod", "property"):
        return found
    called = m.evaluate(decorator, frame)
    match called:
        case Api(symbol) if symbol in WRAPPERS or symbol.endswith("register_keras_serializable"):
            return found
        case Method(Api(symbol)) if symbol in WRAPPERS:
            return found
        case External(dotted) if m.library is not None and m.library.is_transparent(dotted):
            return found
        case Function():
            with m.mute():
                return m.invoke(called, Arguments((found,)), m.place(node, frame))
        case _:
            return found if harmless(decorator) else UNKNOWN


def harmless(decorator: Expression) -> bool:
    """Decorators that leave the function as it is: `@tf.function(...)`, registrations."""
    from ...ir.nodes import Call, OpCall

    match decorator:
        case OpCall(symbol=symbol):
            return symbol in WRAPPERS or "register" in symbol or "export" in symbol
        case Call(function=Name(id=name)) | Name(id=name):
            return "register" in name or "export" in name
        case Symbol(path=path):
            return path in WRAPPERS
        case _:
            return False


def make_class(m: Machine, node: ClassDef, frame: Frame) -> Value:
    from .flow import Raised
    from .statements import run

    bases = tuple(m.evaluate(a.value, frame) for a in node.bases if a.keyword is None)
    members: dict[str, Value] = {}
    # Methods look names up in what encloses the class, not in it.
    inner = Frame(frame.module, members, frame)
    cls = ClassValue(node, frame, bases, members)
    raised = False
    for statement in node.body:
        if isinstance(statement, FunctionDef):
            made = plain_function(m, statement, inner, cls)
            members[statement.name] = replace(made, frame=frame)
            continue
        try:
            if not raised:
                run(m, (statement,), inner)
        except Raised:
            raised = True
    return cls


def is_keras(cls: ClassValue) -> bool:
    """Whether the class is a Keras layer or model."""
    bases = [b for c in lineage(cls) for b in c.bases]
    return any(
        isinstance(b, Api) and (b.symbol in KERAS_BASES or ".layers." in b.symbol) for b in bases
    )


def find_member(cls: ClassValue, name: str, after: ClassValue | None = None) -> Value | None:
    order = lineage(cls)
    if after is not None and after in order:
        order = order[order.index(after) + 1 :]
    return next((c.members[name] for c in order if name in c.members), None)


def decorators(function: Function) -> tuple[Expression, ...]:
    return function.node.decorators if isinstance(function.node, FunctionDef) else ()


def decorated_as(function: Function, decorator: str) -> bool:
    return any(isinstance(d, Name) and d.id == decorator for d in decorators(function))


def known_decorator(decorator: Expression) -> bool:
    return (
        harmless(decorator)
        or (
            isinstance(decorator, Name)
            and decorator.id in ("staticmethod", "classmethod", "property")
        )
        or _leaf(decorator) in ("override", "final", "abstractmethod", "default", "wraps")
    )


def _leaf(decorator: Expression) -> str:
    from ...ir.nodes import Attribute

    match decorator:
        case Attribute(attribute=name) | Name(id=name):
            return name
        case _:
            return ""
