"""`if` on tensors: `lax.cond`, or `jnp.where` where both values are cheap and alike."""

from __future__ import annotations

from ...ir.nodes import (
    Binary,
    Body,
    Conditional,
    Constant,
    Expression,
    If,
    Name,
    Node,
    Pass,
    Raise,
    Return,
    Statement,
    Subscript,
    Unary,
    walk,
)
from ..staging.nodes import OnData
from .jumps import has_return
from .liveness import Names, always_leaves, assigned, cell_of, live_before
from .scope import (
    Scope,
    assign,
    call,
    finished,
    first_read,
    function,
    lambda_of,
    local_name,
    packed,
    read,
    values_of,
    with_locals,
)

UNCHANGED = "give it a value before the `if`, or in both branches"


def convert_if(
    scope: Scope, node: If, rest: Body, live: Names, defined: Names
) -> tuple[list[Statement], bool] | None:
    """(the code, whether it includes the rest of the block); None: it cannot be converted, which
    has been reported."""
    assert isinstance(node.test, OnData)
    if any(isinstance(n, Raise) for n in walk(node)):
        _report(scope, node, "an exception that depends on data", "check the values on the host")
        return None
    if has_return((*node.then, *node.otherwise)):
        return returning_if(scope, node, rest, live, defined), True
    after = live_before(rest, live)
    code = assigning_if(scope, node, after, defined)
    return None if code is None else (code, False)


def _report(scope: Scope, node: Statement, what: str, hint: str) -> None:
    scope.report("TJ5008", f"{what} cannot be part of a compiled branch", node.span, hint)


# --------------------------------------------------------------------------------------- assigning


def assigning_if(scope: Scope, node: If, after: Names, defined: Names) -> list[Statement] | None:
    assert isinstance(node.test, OnData)
    objects = scope.changed_objects(node.then, node.otherwise)
    names = assigned((*node.then, *node.otherwise))
    cells = [n for n in names if "." in n and n.partition(".")[0] not in objects]
    outputs = [n for n in names if n in cells or ("." not in n and n in after)]
    for name in outputs:
        sides = [name in assigned(b) for b in (node.then, node.otherwise)]
        if name not in cells and name not in defined and not all(sides):
            _report(scope, node, f"`{name}`, which only one branch assigns,", UNCHANGED)
            return None
    local = {key: scope.fresh(local_name(key)) for key in cells}
    locals_of = [local.get(n, n) for n in outputs]
    bodies = [
        with_locals(
            [s for s in scope.block(scope, b, frozenset(outputs), defined) if not _is_pass(s)],
            local,
        )
        for b in (node.then, node.otherwise)
    ]
    if not outputs and not objects and not any(bodies):
        return []
    test = node.test.value
    values = [values_of(body, locals_of) if outputs else None for body in bodies]
    if not objects and (first := values[0]) and (second := values[1]) and len(outputs) == 1:
        back = {name: key for key, name in local.items()}
        then, otherwise = _with_cells(first[0], back), _with_cells(second[0], back)
        if _is_true(then) and isinstance(otherwise, Name):
            joined = call("jax.numpy.logical_or", otherwise, test)
            return [_like(node, assign(outputs, joined))]
        if _alike(then, otherwise):
            return [_like(node, assign(outputs, call("jax.numpy.where", test, then, otherwise)))]
    result = packed([Name(n) for n in locals_of]) if outputs else None
    whole = [
        body if value is not None else finished(body, result)
        for body, value in zip(bodies, values, strict=True)
    ]
    parameters = _operands(whole, values, list(local.values()))
    operands = [read(next((k for k, n in local.items() if n == p), p)) for p in parameters]
    module = "flax.nnx" if objects else "jax.lax"
    made: list[Statement] = []
    branches: list[Expression] = []
    for hint, body, value in zip(("then_branch", "else_branch"), whole, values, strict=True):
        taken = [*objects, *parameters]
        if value is not None:
            if not parameters:
                back = {name: key for key, name in local.items()}
                value = [_with_cells(v, back) for v in value]
            branches.append(lambda_of(taken, packed(value)))
        elif not body:
            branches.append(lambda_of(taken, Constant(None)))
        else:
            name = scope.fresh(hint)
            made.append(function(name, taken, body))
            branches.append(Name(name))
    code = call(f"{module}.cond", test, *branches, *(Name(o) for o in objects), *operands)
    done = assign(outputs, code)
    return [*made, done] if made else [_like(node, done)]


def _like(node: Statement, new: Statement) -> Statement:
    new.comments = node.comments
    return new


def _is_pass(statement: Statement) -> bool:
    return isinstance(statement, Pass)


def _operands(
    bodies: list[list[Statement]], values: list[list[Expression] | None], cells: list[str]
) -> list[str]:
    """Variables that a branch both reads and assigns: inside its function they are parameters."""
    found: dict[str, None] = {}
    for body, value in zip(bodies, values, strict=True):
        if value is None:
            early = first_read(body)
            found |= dict.fromkeys(n for n in assigned(body) if n in early and "." not in n)
    if any(v is None for v in values):
        found |= dict.fromkeys(cells)
    return list(found)


def _with_cells(code: Expression, names: dict[str, str]) -> Expression:
    """The value with the local names of cells written out again."""
    from ...ir.nodes import map_children

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id in names:
            return read(names[node.id])
        return map_children(node, visit)

    result = visit(code)
    assert isinstance(result, Expression)
    return result


# ------------------------------------------------------------------------------------------- where


def _is_true(code: Expression) -> bool:
    return isinstance(code, Constant) and code.value is True


def _alike(then: Expression, otherwise: Expression) -> bool:
    """Two cheap values of one shape: both constants, or made of the same variables by arithmetic
    that is defined everywhere."""
    leaves = [_leaves(then), _leaves(otherwise)]
    return leaves[0] is not None and leaves[0] == leaves[1]


def _leaves(code: Expression) -> frozenset[str] | None:
    match code:
        case Constant(value=value):
            return frozenset() if isinstance(value, (int, float)) else None
        case Name(id=name):
            return frozenset({name})
        case Subscript() if (key := cell_of(code)) is not None:
            return frozenset({key})
        case Unary(operator="-", operand=operand):
            return _leaves(operand)
        case Binary(operator="+" | "-" | "*", left=left, right=right):
            parts = _leaves(left), _leaves(right)
            return None if parts[0] is None or parts[1] is None else parts[0] | parts[1]
        case _:
            return None


# --------------------------------------------------------------------------------------- returning


def returning_if(
    scope: Scope, node: If, rest: Body, live: Names, defined: Names
) -> list[Statement]:
    """A branch that returns: what follows belongs to the branch that does not."""
    assert isinstance(node.test, OnData)
    bodies = [b if always_leaves(b) else (*b, *rest) for b in (node.then, node.otherwise)]
    bodies = [b if always_leaves(b) else (*b, Return(None)) for b in bodies]
    objects = scope.changed_objects(*bodies)
    cells = [
        n
        for n in assigned((*bodies[0], *bodies[1]))
        if "." in n and n.partition(".")[0] not in objects
    ]
    if cells:
        # State that changes on the way out is changed through its object.
        objects = sorted({*objects, *(c.partition(".")[0] for c in cells)})
    new = [scope.block(scope, b, live, defined) for b in bodies]
    single = [_returned(b) for b in new]
    parameters: list[str] = []
    for body, value in zip(new, single, strict=True):
        if value is None:
            early = first_read(body)
            parameters += [n for n in assigned(body) if n in early and n not in parameters]
    parameters = [p for p in parameters if "." not in p]
    made: list[Statement] = []
    branches: list[Expression] = []
    for hint, body, value in zip(("then_branch", "else_branch"), new, single, strict=True):
        whole = [*objects, *parameters]
        if value is not None:
            branches.append(lambda_of(whole, value))
            continue
        name = scope.fresh(hint)
        made.append(function(name, whole, body))
        branches.append(Name(name))
    if all(v is not None for v in single) and not objects:
        then, otherwise = (v for v in single if v is not None)
        if _alike(then, otherwise):
            return [Return(call("jax.numpy.where", node.test.value, then, otherwise))]
    module = "flax.nnx" if objects else "jax.lax"
    operands = [Name(n) for n in (*objects, *parameters)]
    return [*made, Return(call(f"{module}.cond", node.test.value, *branches, *operands))]


def _returned(body: list[Statement]) -> Expression | None:
    match body:
        case [Return(value=value)]:
            return value if value is not None else Constant(None)
        case _:
            return None


# ------------------------------------------------------------------------------------- expressions


def convert_conditional(scope: Scope, node: Conditional) -> Expression:
    """`a if test else b`."""
    assert isinstance(node.test, OnData)
    if _alike(node.then, node.otherwise):
        return call("jax.numpy.where", node.test.value, node.then, node.otherwise)
    objects = scope.changed_objects([node.then, node.otherwise])
    module = "flax.nnx" if objects else "jax.lax"
    branches = [lambda_of(objects, b) for b in (node.then, node.otherwise)]
    return call(f"{module}.cond", node.test.value, *branches, *(Name(o) for o in objects))
