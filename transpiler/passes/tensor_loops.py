"""Loops on tensors: `lax.fori_loop`, `lax.scan` and `lax.while_loop`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...ir.names import target_names
from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    Constant,
    Expression,
    ExpressionStatement,
    For,
    Name,
    Node,
    Pass,
    Statement,
    Subscript,
    Tuple,
    While,
    walk,
)
from ..staging.nodes import OnData
from .jumps import has_jump, has_return
from .liveness import Names, assigned, live_before, reads
from .scope import (
    Scope,
    assign,
    call,
    finished,
    function,
    lambda_of,
    local_name,
    packed,
    read,
    values_of,
    with_cells_read,
    with_locals,
)
from .tensor_arrays import Written, written_arrays

_MUTATORS = frozenset(
    ["append", "extend", "insert", "pop", "remove", "clear", "update", "setdefault", "add", "sort"]
)
HINT_LIST = "collect the values in a tf.TensorArray, or loop over a range that is known"
HINT_FIRST = "give it a value before the loop"


@dataclass(slots=True)
class _Carry:
    """What goes from one round to the next: objects, then variables; `local`: the names of cells
    inside the loop."""

    objects: list[str]
    names: list[str]
    local: Mapping[str, str]

    def inside(self) -> list[str]:
        return [*self.objects, *(self.local.get(n, n) for n in self.names)]

    def pattern(self) -> Expression:
        return packed([Name(n) for n in self.inside()])

    def initial(self, values: Mapping[str, Expression]) -> Expression:
        parts: list[Expression] = [Name(o) for o in self.objects]
        return packed([*parts, *(values.get(n, read(n)) for n in self.names)])

    def module(self) -> str:
        return "flax.nnx" if self.objects else "jax.lax"

    def take(self) -> tuple[str, list[Statement]]:
        """The parameter that holds the carry, and the statement that takes it apart."""
        inside = self.inside()
        if len(inside) == 1:
            return inside[0], []
        return "carry", [Assign((self.pattern(),), Name("carry"))]

    def store(self, extra: list[str], value: Expression) -> Statement:
        """Assigns the final carry; `extra`: more targets beside it."""
        targets: list[Expression] = [Name("_") for _ in self.objects]
        targets += [read(n) for n in self.names]
        if not extra:
            if not self.names:
                return ExpressionStatement(value)
            return Assign((packed(targets),), value) if self.objects else assign(self.names, value)
        first = packed(targets) if targets else Name("_")
        return Assign((Tuple((first, *map(Name, extra))),), value)


def convert_for(scope: Scope, node: For, live: Names, defined: Names) -> list[Statement] | None:
    """None: the loop stays a Python loop, which runs when the function is traced."""
    iterable = node.iterable
    assert isinstance(iterable, OnData)
    targets = set(target_names(node.target))
    arrays = written_arrays(node.body, node.target, iterable, scope.fresh)
    body = arrays.body
    carry = _carry(scope, node, (), body, targets, live, defined)
    problem = _problem(scope, node, body, carry, defined | targets, live & _exposed(node))
    if carry is None or problem is not None or not isinstance(node.target, Name):
        if iterable.fixed or iterable.range is None:
            return None
        message, hint = problem or ("a target that is taken apart", HINT_FIRST)
        scope.report("TJ5008", f"{message} cannot be part of a compiled loop", node.span, hint)
        return None
    if arrays.written and not (iterable.fixed or iterable.range is None):
        message = "an array as long as the data says"
        scope.report("TJ5008", f"{message} cannot be made", node.span, HINT_LIST)
        return None
    inner = [
        s
        for s in scope.block(scope, body, _inside_live(carry, arrays.written), defined | targets)
        if not isinstance(s, Pass)
    ]
    inner = with_locals(inner, carry.local)
    if iterable.range is not None and len(iterable.range) < 3 and not arrays.written:
        made = _counted(scope, node, iterable.range, carry, inner)
    else:
        made = _scanned(scope, node, iterable, carry, inner, arrays.written)
    made[0].comments = node.comments
    return made


def _exposed(node: For) -> set[str]:
    """The loop variables; that of a counter gets its last value from a statement of its own."""
    names = set(target_names(node.target))
    bounds = node.iterable.range if isinstance(node.iterable, OnData) else None
    if bounds is not None and isinstance(bounds[0].value, Name) and len(bounds) == 2:
        names.discard(bounds[0].value.id)
    return names


def _inside_live(carry: _Carry, written: list[Written]) -> Names:
    return frozenset(carry.names) | {n for w in written for n in reads(w.value)}


def _carry(
    scope: Scope,
    node: For | While,
    test: tuple[Expression, ...],
    body: Body,
    targets: set[str],
    live: Names,
    defined: Names,
) -> _Carry | None:
    objects = scope.changed_objects(body, test)
    if any(o not in ("self", scope.self_name, "rngs") for o in objects):
        return None
    tested = frozenset(n for t in test for n in reads(t))
    head = live | tested
    for _ in range(2):
        head = live | tested | (live_before(body, head) - targets)
    names = [
        n
        for n in assigned(body)
        if n not in targets
        and ((n in head) if "." not in n else n.partition(".")[0] not in objects)
    ]
    local = {n: scope.fresh(local_name(n)) for n in names if "." in n}
    return _Carry(objects, names, local)


def _problem(
    scope: Scope,
    node: For | While,
    body: Body,
    carry: _Carry | None,
    defined: Names,
    targets_after: Names,
) -> tuple[str, str] | None:
    """(what stands in the way, what to do about it)."""
    if has_return(body):
        return "a `return`", "keep the result in a variable, leave the loop, and return it there"
    if has_jump(body):
        return "this `break` or `continue`", "make it the condition of the rest of the loop"
    if carry is None:
        return "state of another object", "pass the object's results out of the loop"
    for name in carry.names:
        if "." not in name and name not in defined:
            return f"`{name}`, which has no value before it,", HINT_FIRST
    if targets_after:
        return "a loop variable that is read afterwards", "keep its value in another variable"
    own = set(assigned(body))
    for statement in body:
        for part in walk(statement):
            match part:
                case Call(function=Attribute(value=Name(id=name), attribute=attribute)) if (
                    attribute in _MUTATORS and name not in own and name in defined
                ):
                    return f"a change of the container `{name}`", HINT_LIST
                case Assign(targets=(Subscript(value=Name(id=name)),)) if name not in own:
                    return f"a change of the container `{name}`", HINT_LIST
                case Assign(targets=(Attribute(value=Name(id=name)),)) if name == scope.self_name:
                    return "an attribute that is set", "keep it in a tf.Variable"
                case _:
                    pass
    if not carry.objects and not carry.names and not _writes(node):
        return "a loop without a result", "return what it computes"
    return None


def _writes(node: For | While) -> bool:
    return any(
        isinstance(n, Call)
        and isinstance(n.function, Attribute)
        and n.function.attribute == "write"
        for n in walk(node)
    )


def _counted(
    scope: Scope, node: For, bounds: tuple[Argument, ...], carry: _Carry, body: list[Statement]
) -> list[Statement]:
    """`for i in tf.range(n)`."""
    assert isinstance(node.target, Name)
    index = node.target.id
    limits = [a.value for a in bounds]
    start = limits[0] if len(limits) == 2 else Constant(0)
    made, step = _step(scope, carry, body, lambda taken: [index, taken], None)
    start = _start(scope, start)
    initial = _with_buffers(carry, body, step, start)
    code = call(f"{carry.module()}.fori_loop", start, limits[-1], step, initial)
    return [*made, carry.store([], code)]


def _with_buffers(
    carry: _Carry, body: list[Statement], step: Expression, *first: Expression
) -> Expression:
    """What the loop starts with; arrays that it writes need their buffers before."""
    initial = carry.initial({})
    if not _writes_arrays(carry, body):
        return initial
    return call("tf_compat.with_buffers", step, *first, initial)


def _writes_arrays(carry: _Carry, body: list[Statement]) -> bool:
    return any(_writes_to(n, carry.names) for s in body for n in walk(s))


def _writes_to(node: Node, names: list[str]) -> bool:
    match node:
        case Call(function=Attribute(value=Name(id=name), attribute="write" | "scatter")):
            return name in names
        case _:
            return False


def _start(scope: Scope, code: Expression) -> Expression:
    """A start that is known makes the number of rounds known, which gradients need."""
    return scope.constants.get(code.id, code) if isinstance(code, Name) else code


def _step(
    scope: Scope,
    carry: _Carry,
    body: list[Statement],
    parameters: Callable[[str], list[str]],
    results: list[Expression] | None,
) -> tuple[list[Statement], Expression]:
    """The function of one round: (its definition, its name), or nothing and a lambda. `results`:
    what it returns beside the carry, for a scan."""
    taken, apart = carry.take()
    inside = carry.inside()
    result = carry.pattern() if inside else Constant(None)
    if results is not None:
        result = Tuple((result, results[0] if len(results) == 1 else packed(results)))
    simple = len(inside) == 1 and not carry.objects and not _writes_arrays(carry, body)
    values = values_of(body, inside) if simple else None
    if values is not None and results is None and inside:
        return [], lambda_of(parameters(taken), values[0])
    if not inside:
        taken = "_"
    name = scope.fresh("step")
    return [function(name, parameters(taken), [*apart, *finished(body, result)])], Name(name)


def _scanned(
    scope: Scope,
    node: For,
    iterable: OnData,
    carry: _Carry,
    body: list[Statement],
    written: list[Written],
) -> list[Statement]:
    """`for x in tensor`, and loops that collect values."""
    assert isinstance(node.target, Name)
    item = node.target.id
    inside = carry.inside()
    outputs: list[Expression] = [w.value for w in written]
    after: list[Statement] = [w.taken() for w in written]
    names = [w.stacked for w in written]
    if not inside:
        result = packed(outputs)
        match body:
            case []:
                made, step = list[Statement](), lambda_of([item], result)
            case _:
                name = scope.fresh("step")
                made, step = [function(name, [item], finished(body, result))], Name(name)
        code = call("jax.lax.map", step, iterable.value)
        targets = packed([Name(n) for n in names])
        return [*made, Assign((targets,), code), *after]
    results = outputs or [Constant(None)]
    made, step = _step(scope, carry, body, lambda taken: [taken, item], results)
    if carry.objects:
        code: Expression = Call(
            call("flax.nnx.scan", step), (Argument(carry.initial({})), Argument(iterable.value))
        )
    else:
        code = call("jax.lax.scan", step, carry.initial({}), iterable.value)
    extra = names if len(names) <= 1 else []
    if len(names) > 1:
        # Several results come as a tuple.
        first = packed([*(Name("_") for _ in carry.objects), *(read(n) for n in carry.names)])
        second = Tuple(tuple(Name(n) for n in names))
        return [*made, Assign((Tuple((first, second)),), code), *after]
    return [*made, carry.store(extra or ["_"], code), *after]


def convert_while(scope: Scope, node: While, live: Names, defined: Names) -> list[Statement] | None:
    assert isinstance(node.test, OnData)
    test = node.test.value
    carry = _carry(scope, node, (test,), node.body, set(), live, defined)
    problem = _problem(scope, node, node.body, carry, defined, frozenset())
    if carry is None or problem is not None:
        message, hint = problem or ("its state", HINT_FIRST)
        scope.report("TJ5008", f"{message} cannot be part of a compiled loop", node.span, hint)
        return None
    scope.report(
        "TJ5009",
        "lax.while_loop has no gradient",
        node.span,
        "loop over tf.range(n) with a known n to train through it",
    )
    inner = scope.block(scope, node.body, frozenset(carry.names) | reads(test), defined)
    inner = with_locals([s for s in inner if not isinstance(s, Pass)], carry.local)
    tested = with_cells_read(test, carry.local)
    made: list[Statement] = []
    taken, apart = carry.take()
    if apart:
        name = scope.fresh("going_on")
        made.append(function(name, [taken], finished(list(apart), tested)))
        going_on: Expression = Name(name)
    else:
        going_on = lambda_of([taken], tested)
    more, step = _step(scope, carry, inner, lambda taken: [taken], None)
    initial = _with_buffers(carry, inner, step)
    code = call(f"{carry.module()}.while_loop", going_on, step, initial)
    result = [*made, *more, carry.store([], code)]
    result[0].comments = node.comments
    return result
