"""Parts of a functional model of the project: `base.input`, `base.output`, `base.get_layer(..)`.

    base = backbone()                                base = backbone_features()
    x = base.get_layer("relu1").output      ->       x = base(inputs)
    return Model(base.input, Dense(3)(x))            ...

A layer in the middle is found in the function that builds the model, if that names it in a
statement of its own; a copy of the function then ends there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    List,
    Name,
    Node,
    OpCall,
    Reference,
    Return,
    Statement,
    Subscript,
    map_children,
    replace_node,
    walk,
)
from ....rules.language.facts import literal_integer
from ...shapes.shapes import UNKNOWN
from ..frame import Frame, Result
from ..layers import applying
from ..nodes import Optional
from ..plans import Bound
from ..project import ModuleInput
from ..sites import PlanTarget, Site, unique_name
from ..values import Instance, Sequence, Tensor
from .nested_models import model_arguments

MODEL = "keras.Model"


# ------------------------------------------------------------------------------- inputs and outputs


def attribute(frame: Frame, node: Attribute, site: Site, read: Expression) -> Result | None:
    """`.input`, `.output` and their plurals of a module that a function of the project makes, in
    a graph."""
    if node.attribute not in ("input", "inputs", "output", "outputs", "layers"):
        return None
    if frame.kind != "split" or not isinstance(site.target, PlanTarget):
        return None
    plan = site.target.plan
    if plan.kind not in ("class", "builder") or not plan.tensors:
        return None
    if node.attribute == "layers":
        message = "the layers of a model cannot be found by their number here"
        hint = "return what is needed from the function that builds the model"
        code = frame.program.unhandled(frame, node, "TJ2017", message, hint, node.span)
        return Result(Tensor(), code, None)
    inputs = _inputs(frame, site)
    if node.attribute in ("input", "inputs"):
        if len(inputs) == 1 and node.attribute == "input":
            return inputs[0]
        value = Sequence("list", tuple(r.value for r in inputs))
        return Result(value, List(tuple(r.dynamic for r in inputs)), None)
    output = _output(frame, site, read, inputs)
    several = isinstance(output.value, Sequence)
    if node.attribute == "outputs" and not several:
        return Result(Sequence("list", (output.value,)), List((output.dynamic,)), None)
    return output


def _inputs(frame: Frame, site: Site) -> list[Result]:
    kept = site.details.get("graph_inputs") or _given(site)
    found: list[Result] = list(kept) if kept is not None else []
    if kept is None:
        assert isinstance(site.target, PlanTarget)
        details = site.target.plan.details
        shapes = cast("Mapping[str, object]", details.get("input_shapes", {}))
        for tensor in site.target.plan.tensors:
            name = unique_name(tensor.name, set(frame.environment))
            known = shapes.get(tensor.name)
            value = known if isinstance(known, Tensor) else Tensor(UNKNOWN)
            frame.environment[name] = value
            frame.inputs[name] = value
            found.append(Result(value, Name(name), None))
        site.details["graph_inputs"] = found
    return found


def _given(site: Site) -> list[Result] | None:
    """The tensor that the graph goes on from: `backbone(input_tensor=x)`."""
    assert isinstance(site.target, PlanTarget)
    plan, bound = site.target.plan, cast("Bound", site.details.get("bound", {}))
    found = [
        result
        for name, (_, result) in bound.items()
        if name in plan.specialised and isinstance(result.value, Tensor)
    ]
    return found if len(found) == len(plan.tensors) else None


def _output(frame: Frame, site: Site, read: Expression, inputs: list[Result]) -> Result:
    """The model applied to its inputs, once."""
    found = site.details.get("graph_output")
    if isinstance(found, Result):
        return found
    arguments = [(Argument(r.dynamic), r) for r in inputs]
    call = Call(read, tuple(a for a, _ in arguments), span=site.span)
    result = applying.apply_evaluated(
        frame, site, call, Result(Instance(site), read, None), arguments
    )
    name = unique_name("features", set(frame.environment))
    frame.environment[name] = result.value
    frame.emit(Optional(Assign((Name(name),), result.dynamic), (name,)))
    code = Name(name)
    frame.program.facts.record(code, result.value)
    result = Result(result.value, code, result.static)
    site.details["graph_output"] = result
    return result


# ------------------------------------------------------------------------------ layers in between


def with_views(modules: Mapping[str, ModuleInput]) -> dict[str, ModuleInput]:
    """The modules, where a layer inside another function's model is asked for its output, with a
    function that ends at that layer."""
    functions = {
        (name, s.name): s
        for name, module in modules.items()
        for s in module.tree.body
        if isinstance(s, FunctionDef)
    }
    added: dict[str, list[tuple[str, FunctionDef]]] = {}
    result = dict(modules)
    for name, module in modules.items():
        body: list[Statement] = []
        changed = False
        for statement in module.tree.body:
            new = statement
            if isinstance(statement, FunctionDef):
                new = _viewing(statement, functions, added)
            changed = changed or new is not statement
            body.append(new)
        if changed:
            result[name] = replace(module, tree=replace_node(module.tree, body=tuple(body)))
    for name, more in added.items():
        tree = result[name].tree
        body = []
        for statement in tree.body:
            body.append(statement)
            if isinstance(statement, FunctionDef):
                body += [function for after, function in more if after == statement.name]
        result[name] = replace(result[name], tree=replace_node(tree, body=tuple(body)))
    return result


def _viewing(
    node: FunctionDef,
    functions: dict[tuple[str, str], FunctionDef],
    added: dict[str, list[tuple[str, FunctionDef]]],
) -> FunctionDef:
    for statement in node.body:
        match statement:
            case Assign(
                targets=(Name(id=base),),
                value=Call(function=Reference(module=module, name=name) as function) as call,
            ) if (module, name) in functions:
                pass
            case _:
                continue
        views = list(_views(node, base))
        if not views:
            continue
        maker = functions[module, name]
        found = [_layer(maker, wanted) for _, wanted in views]
        uses_output = any(_is_output(n, base) for n in walk(node))
        if any(f is None for f in found) or uses_output or not _makes_model(maker):
            continue
        variables = list(dict.fromkeys(f for f in found if f is not None))
        taken = {n for m, n in functions if m == module}
        new_name = unique_name(f"{name}_features", taken)
        copy = _ending_at(maker, new_name, [v for v in variables])
        functions[module, new_name] = copy
        added.setdefault(module, []).append((name, copy))
        outputs: dict[int, Expression] = {}
        for (view, _), which in zip(views, found, strict=True):
            assert which is not None
            output: Expression = Attribute(Name(base), "output", span=view.span)
            if len(variables) > 1:
                index = Constant(variables.index(which))
                output = Subscript(Attribute(Name(base), "outputs"), index, span=view.span)
            outputs[id(view)] = output
        new_call = replace_node(call, function=replace_node(function, name=new_name))

        wholes = {
            id(model): Name(base, span=model.span)
            for model in walk(node)
            if isinstance(model, OpCall) and _is_whole(model, base, [v for v, _ in views])
        }
        changed = _replaced(node, {**outputs, **wholes, id(call): new_call})
        assert isinstance(changed, FunctionDef)
        return _viewing(changed, functions, added)
    return node


def _is_whole(model: OpCall, base: str, views: list[Expression]) -> bool:
    """`Model(base.input, view)` of all views of a model: that is the model which ends there."""
    given = model_arguments(model) if model.symbol == MODEL else None
    if given is None:
        return False
    inputs, outputs = given
    listed = list(outputs.elements) if isinstance(outputs, List) else [outputs]
    match inputs:
        case Attribute(value=Name(id=name), attribute="input" | "inputs") if name == base:
            return len(listed) == len(views) and all(
                a is b for a, b in zip(listed, views, strict=True)
            )
        case _:
            return False


def _replaced(node: Node, new: Mapping[int, Expression]) -> Node:
    """The tree with other expressions in some places, by identity."""

    def visit(inner: Node) -> Node:
        return new[id(inner)] if id(inner) in new else map_children(inner, visit)

    return visit(node)


def _is_output(node: Node, base: str) -> bool:
    match node:
        case Attribute(value=Name(id=name), attribute="output" | "outputs"):
            return name == base
        case Call(function=Name(id=name)):
            return name == base
        case _:
            return False


def _views(node: FunctionDef, base: str) -> Iterator[tuple[Expression, str | int]]:
    """`base.get_layer("name").output` and `base.layers[-2].output`."""
    for inner in walk(node):
        match inner:
            case Attribute(
                value=Call(
                    function=Attribute(value=Name(id=name), attribute="get_layer"),
                    arguments=(Argument(value=Constant(value=str() as wanted)),),
                ),
                attribute="output",
            ) if name == base:
                yield inner, wanted
            case Attribute(
                value=Subscript(
                    value=Attribute(value=Name(id=name), attribute="layers"), index=index
                ),
                attribute="output",
            ) if name == base:
                number = literal_integer(index)
                if number is not None:
                    yield inner, number
            case _:
                pass


def _layer(maker: FunctionDef, wanted: str | int) -> int | None:
    """The index of the statement that applies the layer; None where that cannot be told."""
    applied: list[tuple[int, str | None]] = []
    for index, statement in enumerate(maker.body):
        match statement:
            case Assign(targets=(Name(),), value=Call(function=OpCall() as layer)):
                pass
            case Assign(targets=targets, value=OpCall(symbol="keras.Input")) if targets:
                applied.append((index, None))
                continue
            case Return() | Assign(value=OpCall()) | ExpressionStatement(value=Constant()):
                continue
            case _:
                if isinstance(wanted, int):
                    return None  # the order of the layers is not that of the statements
                continue
        if not layer.symbol.startswith("keras.layers."):
            if isinstance(wanted, int):
                return None
            continue
        name = layer.bound.get("name")
        text = name.value if isinstance(name, Constant) else None
        applied.append((index, text if isinstance(text, str) else None))
    if isinstance(wanted, str):
        return next((index for index, name in applied if name == wanted), None)
    if not _is_chain(maker, [i for i, _ in applied]):
        return None
    return applied[wanted][0] if -len(applied) <= wanted < len(applied) else None


def _is_chain(maker: FunctionDef, indices: list[int]) -> bool:
    """Whether each layer is applied to the result of the one before."""
    last: str | None = None
    for index in indices:
        statement = maker.body[index]
        assert isinstance(statement, Assign)
        match statement.value:
            case Call(arguments=(Argument(value=Name(id=given)),)) if given == last:
                pass
            case OpCall():
                pass
            case _:
                return False
        names = [t.id for t in statement.targets if isinstance(t, Name)]
        if not names:
            return False
        last = names[0]
    return True


def _ending_at(maker: FunctionDef, name: str, indices: list[int]) -> FunctionDef:
    """A copy of the function whose model gives what these statements assign."""
    last = max(indices)
    model = next(
        (n for s in maker.body for n in walk(s) if isinstance(n, OpCall) and n.symbol == MODEL),
        None,
    )
    given = model_arguments(model) if model is not None else None
    assert model is not None and given is not None
    body: list[Statement] = []
    variables: list[Expression] = []
    for index, statement in enumerate(maker.body[: last + 1]):
        body.append(statement)
        if index in indices:
            assert isinstance(statement, Assign) and isinstance(statement.targets[0], Name)
            variable = statement.targets[0].id
            if index != last:
                kept = unique_name(_label(statement, variable), _names(maker))
                body.append(Assign((Name(kept),), Name(variable)))
                variable = kept
            variables.append(Name(variable))
    outputs = variables[0] if len(variables) == 1 else List(tuple(variables))
    made = replace_node(model, bound={}, extra=(Argument(given[0]), Argument(outputs)))
    body.append(Return(made))
    return replace_node(maker, name=name, body=tuple(body), span=None)


def _label(statement: Assign, fallback: str) -> str:
    match statement.value:
        case Call(function=OpCall(bound=bound)):
            name = bound.get("name")
            if isinstance(name, Constant) and isinstance(name.value, str):
                return name.value if name.value.isidentifier() else f"{fallback}_features"
            return f"{fallback}_kept"
        case _:
            return f"{fallback}_kept"


def _makes_model(maker: FunctionDef) -> bool:
    models = [n for s in maker.body for n in walk(s) if isinstance(n, OpCall) and n.symbol == MODEL]
    return len(models) == 1 and model_arguments(models[0]) is not None


def _names(node: FunctionDef) -> set[str]:
    return {n.id for n in walk(node) if isinstance(n, Name)}
