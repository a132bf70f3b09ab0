"""The programs of a project that are verified: those of the settings, else those that are found."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from ..files import SourceFile
from .drivers import Program

if TYPE_CHECKING:
    from ..cli.config import VerifyEntry

_BUILDERS = frozenset({"Model", "Sequential", "Functional"})
_DTYPES = {"int32": "int32", "int64": "int64", "float32": "float32", "bool": "bool"}


def from_entry(entry: VerifyEntry) -> Program:
    return Program(
        entry.name,
        entry.entry,
        entry.inputs,
        entry.args,
        entry.kwargs,
        entry.call,
        entry.sizes,
        train_call=entry.train_call,
    )


def discover(source: SourceFile) -> Iterator[Program]:
    """Functions without required parameters, and module-level variables, that make a Keras model
    whose inputs the text tells: literal shapes of `Input` layers or `input_shape=`."""
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError):
        return
    constants = dict(_constants(tree.body))
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) if not name.startswith("_"):
                if (defaults := _defaults(node.args, constants)) is None:
                    continue
                entry = f"{source.module}:{name}"
                inputs = _inputs(node.body, constants | defaults)
                if inputs and _returns_model(node):
                    yield Program(entry, entry, inputs)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function) as made):
                entry = f"{source.module}:{name}"
                if _leaf(function) not in _BUILDERS:
                    continue
                if inputs := _inputs(_of_model(made, name, tree.body), constants):
                    yield Program(entry, entry, inputs, is_call=False)
            case _:
                pass


def _of_model(made: ast.Call, name: str, body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """The statements of a script that tell the inputs of a model; all where it names none."""
    given = next((k.value for k in made.keywords if k.arg == "inputs"), None)
    given = given or next(iter(made.args), None)
    names = {n.id for n in ast.walk(given) if isinstance(n, ast.Name)} if given else set[str]()
    opened = [s for s in body if _assigned(s) & names and _opens(s)]
    if _leaf(made.func) == "Sequential":
        added = [s for s in body if isinstance(s, ast.Expr) and _owner(s.value) == name]
        return [s for s in body if name in _assigned(s)] + added
    return opened or body


def _assigned(statement: ast.stmt) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return {t.id for t in targets if isinstance(t, ast.Name)}


def _opens(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(value, ast.Call) and _leaf(value.func) == "Input"


def _owner(code: ast.expr) -> str:
    """`model` in `model.add(...)`."""
    match code:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner))):
            return owner
        case _:
            return ""


def _defaults(arguments: ast.arguments, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values of the parameters when none is given; None when one has no default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    if len(positional) > len(arguments.defaults) or None in arguments.kw_defaults:
        return None
    given = [
        *zip(positional, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {p.arg: _value(default, known) for p, default in given if default is not None}


def _constants(body: Sequence[ast.stmt]) -> Iterator[tuple[str, Any]]:
    known: dict[str, Any] = {}
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            value = _value(node.value, known)
            if isinstance(target, ast.Name) and value is not ...:
                known[target.id] = value
                yield target.id, value


def _value(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """The value of a literal over known names, `...` where there is none."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return known.get(name, ...)
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            values = tuple(_value(e, known) for e in elements)
            return ... if ... in values else values
        case _:
            return ...


def _returns_model(node: ast.FunctionDef) -> bool:
    """Whether what the function returns is, or was just made by, a model constructor."""
    made = {
        target.id
        for inner in ast.walk(node)
        if isinstance(inner, ast.Assign) and _is_model(inner.value)
        for target in inner.targets
        if isinstance(target, ast.Name)
    }
    return any(
        _is_model(r.value) or (isinstance(r.value, ast.Name) and r.value.id in made)
        for r in ast.walk(node)
        if isinstance(r, ast.Return) and r.value is not None
    )


def _is_model(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _leaf(node.func) in _BUILDERS


def _leaf(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _inputs(body: Sequence[ast.stmt], known: Mapping[str, Any]) -> dict[str, str]:
    """The specs of the `Input` layers in order, by name where they have one; else that of the only
    `input_shape`. Empty when a shape is not known."""
    calls = [
        call
        for statement in body
        if not isinstance(statement, ast.ClassDef)
        for call in _in_order(statement)
    ]
    inputs = [call for call in calls if _leaf(call.func) in ("Input", "InputLayer")]
    shaped = inputs or [c for c in calls if any(k.arg == "input_shape" for k in c.keywords)][:1]
    found: dict[str, str] = {}
    for number, call in enumerate(shaped):
        spec = _spec(call, known, number)
        if spec is None:
            return {}
        found["x" if len(shaped) == 1 else f"x{number}"] = spec
    return found


def _in_order(statement: ast.stmt) -> list[ast.Call]:
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _spec(call: ast.Call, known: Mapping[str, Any], number: int) -> str | None:
    given = {k.arg: k.value for k in call.keywords if k.arg is not None}
    shape_node = given.get("shape") or given.get("input_shape")
    if shape_node is None and call.args:
        shape_node = call.args[0]
    if shape_node is None or "tensor" in given or "batch_shape" in given:
        return None
    shape = _value(shape_node, known)
    dtype = _value(given["dtype"], known) if "dtype" in given else "float32"
    if not isinstance(shape, tuple) or not isinstance(dtype, str) or dtype not in _DTYPES:
        return None
    sizes = cast("tuple[Any, ...]", shape)
    if not all(size is None or type(size) is int for size in sizes):
        return None
    dims = ["B", *(f"D{number}_{i}" if s is None else str(s) for i, s in enumerate(sizes))]
    return f"{dtype}[{', '.join(dims)}]"
