"""Variables that a tf.Module makes in its first call become variables of its constructor.

Two forms are known: a method that `__call__` runs first and that only makes state
(`self._initialize(inputs)`, often under a decorator that runs it once), and a block under a flag
(`if not self.is_built: ... self.is_built = True`). Either becomes a `build` method, which is folded
into `__init__` like that of a Keras layer: what it asks of the input is its shape and dtype.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    ClassDef,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    If,
    Name,
    Node,
    OpCall,
    Parameter,
    Statement,
    Symbol,
    Unary,
    map_children,
    replace_node,
    walk,
)

SHAPE = "input_shape"
CALLS = ("__call__", "call")
VARIABLES = frozenset({"tf.Variable"})
SHAPE_CALLS = frozenset({"tf.shape", "keras.backend.int_shape"})


@dataclass(frozen=True, slots=True)
class _Lazy:
    """The code that the first call runs, what it calls the input, and what `__call__` keeps."""

    body: Body
    tensor: str
    call: FunctionDef
    left_out: FunctionDef | None  # the method that the code comes from
    flag: str | None = None


def with_build(node: ClassDef) -> ClassDef:
    """The class with a `build` method; the same object if it makes nothing in its first call."""
    methods = {m.name: m for m in node.body if isinstance(m, FunctionDef)}
    call = next((methods[n] for n in CALLS if n in methods), None)
    if call is None or "build" in methods or len(call.parameters) < 2:
        return node
    lazy = _method_form(methods, call) or _flag_form(methods, call)
    if lazy is None:
        return node
    body = _of_shape(lazy.body, lazy.tensor)
    if body is None:
        return node
    own = call.parameters[0]
    build = FunctionDef("build", (own, Parameter(SHAPE)), body, span=lazy.call.span)
    members: list[Statement] = []
    for member in node.body:
        if member is call:
            members += [build, lazy.call]
        elif lazy.flag is not None and member is methods.get("__init__"):
            assert isinstance(member, FunctionDef)
            kept = tuple(s for s in member.body if not _sets(s, lazy.flag))
            members.append(replace_node(member, body=kept))
        elif member is not lazy.left_out:
            members.append(member)
    return replace_node(node, body=tuple(members))


def _method_form(methods: dict[str, FunctionDef], call: FunctionDef) -> _Lazy | None:
    tensor = call.parameters[1].name
    for index, statement in enumerate(call.body[:3]):
        match statement:
            case ExpressionStatement(
                value=Call(
                    function=Attribute(value=Name(id=own), attribute=name),
                    arguments=(Argument(value=Name(id=given), star=""),),
                )
            ) if own == call.parameters[0].name and given == tensor and name in methods:
                method = methods[name]
                if not _makes_variables(method.body) or len(method.parameters) != 2:
                    return None
                if sum(_runs(m, name) for m in methods.values()) != 1 or _returns(method):
                    return None
                rest = call.body[:index] + call.body[index + 1 :]
                body = tuple(_renamed_self(s, method.parameters[0].name, own) for s in method.body)
                return _Lazy(body, method.parameters[1].name, replace_node(call, body=rest), method)
            case _:
                continue
    return None


def _flag_form(methods: dict[str, FunctionDef], call: FunctionDef) -> _Lazy | None:
    own = call.parameters[0].name
    for index, statement in enumerate(call.body[:3]):
        match statement:
            case If(
                test=Unary(operator="not", operand=Attribute(value=Name(id=owner), attribute=flag)),
                then=then,
                otherwise=(),
            ) if owner == own and _makes_variables(then) and any(_sets(s, flag) for s in then):
                rest = call.body[:index] + call.body[index + 1 :]
                kept = replace_node(call, body=rest)
                others = [m for m in methods.values() if m is not call and m.name != "__init__"]
                if any(_reads(m, flag) for m in [kept, *others]):
                    return None
                body = tuple(s for s in then if not _sets(s, flag))
                return _Lazy(body, call.parameters[1].name, kept, None, flag)
            case _:
                continue
    return None


def _makes_variables(body: Body) -> bool:
    for statement in body:
        for node in walk(statement):
            match node:
                case Assign(targets=(Attribute(),), value=value):
                    if any(isinstance(n, OpCall) and n.symbol in VARIABLES for n in walk(value)):
                        return True
                case _:
                    pass
    return False


def _runs(method: FunctionDef, name: str) -> int:
    return sum(isinstance(n, Attribute) and n.attribute == name for n in walk(method))


def _returns(method: FunctionDef) -> bool:
    from ....ir.nodes import Return

    return any(isinstance(n, Return) for n in walk(method))


def _reads(node: Node, attribute: str) -> bool:
    return any(isinstance(n, Attribute) and n.attribute == attribute for n in walk(node))


def _sets(statement: Statement, flag: str) -> bool:
    match statement:
        case Assign(targets=(Attribute(attribute=name),), value=Constant(value=bool())):
            return name == flag
        case _:
            return False


def _renamed_self(statement: Statement, old: str, new: str) -> Statement:
    if old == new:
        return statement

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id == old:
            return replace_node(node, id=new)
        return map_children(node, visit)

    result = visit(statement)
    assert isinstance(result, Statement)
    return result


def _of_shape(body: Body, tensor: str) -> tuple[Statement, ...] | None:
    """The code over the shape of the input in place of the input; calls that only check the input
    go. None if it needs the values of the input."""

    def visit(node: Node) -> Node:
        match node:
            case Attribute(value=Name(id=name), attribute="shape") if name == tensor:
                return Name(SHAPE, span=node.span)
            case Attribute(value=Name(id=name), attribute="dtype") if name == tensor:
                return Symbol("tf.float32", span=node.span)
            case OpCall(symbol=symbol, bound=bound) if symbol in SHAPE_CALLS and _is(bound, tensor):
                return Name(SHAPE, span=node.span)
            case _:
                return map_children(node, visit)

    result: list[Statement] = []
    for statement in body:
        new = visit(statement)
        assert isinstance(new, Statement)
        if any(isinstance(n, Name) and n.id == tensor for n in walk(new)):
            if isinstance(new, ExpressionStatement) and isinstance(new.value, (Call, OpCall)):
                continue
            return None
        result.append(new)
    return tuple(result)


def _is(bound: dict[str, Expression], tensor: str) -> bool:
    return any(isinstance(v, Name) and v.id == tensor for v in bound.values())
