"""The inputs of a class: what `call` and `build` see of each, and the sizes a constructor asks for.

An input is a tensor, a dict or tuple of tensors that the code takes apart, or a list of any length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ....ir.dims import Dim
from ....ir.nodes import (
    Assert,
    Assign,
    Attribute,
    Call,
    Compare,
    Comprehension,
    Constant,
    Expression,
    For,
    FunctionDef,
    If,
    List,
    Name,
    Node,
    Parameter,
    Raise,
    Subscript,
    Tuple,
    Unary,
    walk,
)
from ...shapes.shapes import UNKNOWN, Shape
from ..evaluation.input_forms import asks_dict
from ..plans import Plan, SizeParameter
from ..uses.plan_inputs import tensors_in
from ..values import Mapped, Sequence, ShapeOf, Tensor, Value
from .class_state import ClassState


def input_tensors(plan: Plan, state: ClassState, parameter: Parameter, call: FunctionDef) -> Value:
    """A tensor, or the list, tuple or dict of tensors that the body takes apart."""
    value = _tensors(plan, state, parameter.name, call)
    return as_asked(call, parameter.name, value)


def as_asked(method: FunctionDef, name: str, value: Value) -> Value:
    """The value of a parameter: where the body asks whether it is None, it may be."""
    if isinstance(value, Tensor | Sequence | Mapped) and _compares_with_none(method, name):
        return replace(value, optional=True)
    return value


def _tensors(plan: Plan, state: ClassState, name: str, call: FunctionDef) -> Value:
    methods = _with_build(state, call, name)
    for method, own in methods:
        target = _unpacked(method, own)
        if target is not None and (method.name != "build" or _holds_shapes(method, target)):
            return _named(target)
    keys = _dict_keys(call, name)
    if keys:
        return Mapped({key: _leaf(key) for key in keys})
    if _varies(methods):
        return Sequence("list", None, Tensor(), Name(plan.size_name(name)))
    count = max(_positions(method, own) for method, own in methods)
    if count:
        return Sequence("list", tuple(_leaf(f"{name}_{i}") for i in range(count)))
    size = Dim.named(plan.size_name(name))
    shape = Shape(None, size, Name(plan.shape_name(name)))
    return Tensor(shape, assumed=_asked(call, name))


def _compares_with_none(call: FunctionDef, name: str) -> bool:
    """Whether a body asks `name is None`: then callers may pass None."""
    return any(
        isinstance(node, Compare)
        and isinstance(node.left, Name)
        and node.left.id == name
        and node.operators[0] in ("is", "is not")
        for node in _given(call, name)
    )


def _with_build(state: ClassState, call: FunctionDef, name: str) -> list[tuple[FunctionDef, str]]:
    """`call` and `build`, each with its name for the input."""
    found = [(call, name)]
    build = state.methods.get("build")
    first = call.parameters[1].name if len(call.parameters) > 1 else ""
    if build is not None and len(build.parameters) == 2 and name == first:
        found.append((build, build.parameters[1].name))
    return found


def _given(method: FunctionDef, name: str) -> Iterator[Node]:
    """What a method does while the parameter is what was passed in: up to where the name is given
    something else."""
    for statement in method.body:
        match statement:
            case Assign(targets=targets, value=value) if any(name in _bound(t) for t in targets):
                yield statement
                yield from walk(value)
                return
            case _:
                yield from walk(statement)


def _bound(target: Expression) -> set[str]:
    """The variables that an assignment gives a new value."""
    match target:
        case Name(id=name):
            return {name}
        case Tuple(elements=elements) | List(elements=elements):
            return {n for e in elements for n in _bound(e)}
        case _:
            return set()


def _leaf(name: str) -> Tensor:
    return Tensor(Shape(None, Dim.named(f"{name}_features"), Name(f"{name}_shape")))


def _named(target: Tuple | List) -> Sequence:
    """`a, (b, c) = inputs`: each tensor under its own name."""
    items: list[Value] = []
    for element in target.elements:
        match element:
            case Name(id=name):
                items.append(_leaf(name))
            case Tuple() | List():
                items.append(_named(element))
            case _:
                items.append(Tensor())
    return Sequence("tuple", tuple(items))


def _unpacked(method: FunctionDef, name: str) -> Tuple | List | None:
    for node in _given(method, name):
        match node:
            case Assign(targets=(Tuple() | List() as target,), value=Name(id=found)) if (
                found == name
            ):
                if all(isinstance(e, (Name, Tuple, List)) for e in target.elements):
                    return target
            case _:
                pass
    return None


def unpacked_tensors(function: FunctionDef, name: str) -> Sequence | None:
    """The tensors that a function takes a parameter apart into, `x, y = inputs`."""
    target = _unpacked(function, name)
    return None if target is None else _named(target)


def _holds_shapes(build: FunctionDef, target: Tuple | List) -> bool:
    """Whether `a, b = input_shape` in `build` takes the shapes of several inputs apart, and not the
    sizes of one: they are indexed, or layers are built with them."""
    names = _bound(target)
    for node in walk(build):
        match node:
            case Subscript(value=Name(id=name)) if name in names:
                return True
            case Call(function=Attribute(attribute="build"), arguments=arguments):
                if any(isinstance(a.value, Name) and a.value.id in names for a in arguments):
                    return True
            case _:
                pass
    return any(isinstance(e, (Tuple, List)) for e in target.elements)


def _dict_keys(call: FunctionDef, name: str) -> list[str]:
    """The keys that a body reads of an input; none where a dict is only one of the forms that it
    takes (`if isinstance(x, dict)`)."""
    if _asks_form(call, name) and not _must_be_dict(call, name):
        return []
    keys: list[str] = []
    for node in _given(call, name):
        match node:
            case Subscript(value=Name(id=found), index=Constant(value=str() as key)) if (
                found == name
            ):
                keys.append(key)
            case _:
                pass
    return list(dict.fromkeys(keys))


def _asks_form(call: FunctionDef, name: str) -> bool:
    return any(
        isinstance(node, Call)
        and isinstance(node.function, Name)
        and node.function.id == "isinstance"
        and isinstance(node.arguments[0].value, Name)
        and node.arguments[0].value.id == name
        for node in _given(call, name)
    )


def _asked(call: FunctionDef, name: str) -> bool:
    """Whether a body asks if the input is a dict."""
    return any(isinstance(n, Call) and asks_dict(n) == name for n in _given(call, name))


def _must_be_dict(call: FunctionDef, name: str) -> bool:
    """Whether the code raises for anything but a dict."""
    for node in _given(call, name):
        match node:
            case If(test=test, otherwise=(Raise(), *_)) if asks_dict(test) == name:
                return True
            case If(test=Unary(operator="not", operand=test), then=(Raise(), *_)) if (
                asks_dict(test) == name
            ):
                return True
            case Assert(test=test) if asks_dict(test) == name:
                return True
            case _:
                pass
    return False


def _varies(methods: list[tuple[FunctionDef, str]]) -> bool:
    """Whether a list of any length comes in: the code loops over it, or asks for its length other
    than to check it."""
    if not any(_is_list(method, name) for method, name in methods):
        return False
    for method, name in methods:
        checks = [n.test for n in _given(method, name) if isinstance(n, If) and _only_raises(n)]
        checked = {id(n) for check in checks for n in walk(check)}
        for node in _given(method, name):
            match node:
                case Comprehension(generators=generators):
                    if any(_is(g.iterable, name) for g in generators):
                        return True
                case For(iterable=iterable) if _is(iterable, name):
                    return True
                case Call(function=Name(id="len"), arguments=(argument,)):
                    if _is(argument.value, name) and id(node) not in checked:
                        return True
                case _:
                    pass
    return False


def _is_list(method: FunctionDef, name: str) -> bool:
    """Whether the code takes elements, and not sizes or slices, out of the variable."""
    shapes = method.name == "build"
    for node in _given(method, name):
        match node:
            case Subscript(value=Subscript(value=owner)) if shapes and _is(owner, name):
                return True
            case For(target=Name(id=item), iterable=iterable, body=body) if _is(iterable, name):
                return not shapes or any(_indexes(s, item) for s in body)
            case Comprehension(generators=(generator,), element=element) if _is(
                generator.iterable, name
            ):
                item = generator.target
                return not shapes or (isinstance(item, Name) and _indexes(element, item.id))
            case _:
                pass
    return bool(_positions(method, name))


def _only_raises(node: If) -> bool:
    return bool(node.then) and isinstance(node.then[-1], Raise)


def _indexes(node: Node, name: str) -> bool:
    return any(isinstance(n, Subscript) and _is(n.value, name) for n in walk(node))


def _is(node: Node, name: str) -> bool:
    return isinstance(node, Name) and node.id == name


def _positions(method: FunctionDef, name: str) -> int:
    """How many inputs are told apart by index: `input_shape[1][-1]`, `inputs[0], inputs[1]`."""
    if method.name == "build":
        found = [
            n.value.index
            for n in _given(method, name)
            if isinstance(n, Subscript)
            and isinstance(n.value, Subscript)
            and _is(n.value.value, name)
        ]
    else:
        found = [
            n.index for n in _given(method, name) if isinstance(n, Subscript) and _is(n.value, name)
        ]
    numbers = [n.value for n in found if isinstance(n, Constant)]
    indices = {n for n in numbers if isinstance(n, int) and n >= 0}
    if len(numbers) != len(found) or not indices or max(indices) > 15:
        return 0
    if method.name != "build" and not {0, 1} <= indices:
        return 0
    return max(indices) + 1


def shape_argument(value: Value) -> Value:
    """What `build` gets for an input."""
    match value:
        case Tensor(shape=shape):
            return ShapeOf(shape)
        case Sequence(kind=kind, items=items) if items is not None:
            return Sequence(kind, tuple(shape_argument(v) for v in items))
        case Sequence(kind=kind, shadow=shadow) if shadow is not None:
            return Sequence(kind, None, ShapeOf(UNKNOWN), shadow)
        case Mapped(entries=entries):
            return Mapped({k: shape_argument(v) for k, v in entries.items()})
        case _:
            return ShapeOf(UNKNOWN)


# -------------------------------------------------------------------------------------------- sizes


def size_parameters(
    plan: Plan, inputs: dict[str, Value], reads: set[str], taken: set[str]
) -> list[SizeParameter]:
    """The sizes of the inputs that `__init__` reads, in the order of the inputs."""
    found: dict[str, SizeParameter] = {}
    for tensor in plan.tensors:
        value = inputs.get(tensor.name)
        leaves = [*tensors_in(value)] if value is not None else []
        if not leaves or isinstance(value, Tensor):
            for name, axis in (
                (plan.size_name(tensor.name), -1),
                (plan.shape_name(tensor.name), None),
                (f"{tensor.name}_shape", None),
            ):
                found.setdefault(name, SizeParameter(name, tensor.name, axis))
        for path, leaf in leaves:
            size = leaf.shape.size(-1)
            codes = [(size.to_expression() if size is not None else None, -1)]
            for code, axis in [*codes, (leaf.shape.base, None)]:
                if isinstance(code, Name):
                    found.setdefault(code.id, SizeParameter(code.id, tensor.name, axis, path))
    return [s for s in found.values() if s.name in reads and s.name not in taken]
