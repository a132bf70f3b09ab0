"""Models whose constructor builds a functional graph: `super().__init__(inputs=x, outputs=y)`.

The constructor is split like a function that builds a graph: what makes layers stays in `__init__`,
what applies them becomes `__call__`. Methods that do both are functions of the graph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Constant,
    Expression,
    FunctionDef,
    Name,
    Node,
    OpCall,
    Parameter,
    Pass,
    Reference,
    Return,
    Statement,
    Symbol,
    map_children,
    replace_node,
    walk,
)
from ..class_definitions.class_state import ClassState
from ..frame import Frame, Result
from ..joined_values import join_all
from ..plans import Plan
from ..slices.assigned import surely_assigned
from ..values import SelfReference, Static

if TYPE_CHECKING:
    from ..program import Program
    from ..project import ModuleInput


def graph_arguments(node: Call) -> tuple[Expression, Expression] | None:
    """Inputs and outputs given to the constructor of a model."""
    named = {a.keyword: a.value for a in node.arguments if a.keyword}
    given = [a.value for a in node.arguments if not a.keyword and not a.star]
    inputs = named.get("inputs", given[0] if given else None)
    outputs = named.get("outputs", given[1] if len(given) > 1 else None)
    if (
        inputs is None
        or outputs is None
        or not ({"inputs", "outputs"} & set(named) or len(given) == 2)
    ):
        return None
    return inputs, outputs


def is_functional(node: FunctionDef | None) -> bool:
    """Whether a constructor opens and closes a graph."""
    if node is None:
        return False
    opens = any(isinstance(n, OpCall) and n.symbol == "keras.Input" for n in walk(node))
    return opens and any(_closes(n) for n in walk(node))


def _closes(node: Node) -> bool:
    match node:
        case Call(function=Attribute(value=Call(function=Name(id="super")), attribute="__init__")):
            return graph_arguments(node) is not None
        case _:
            return False


# ---------------------------------------------------------------------------------------- the plan


def run_init(program: Program, plan: Plan, state: ClassState, init: FunctionDef) -> None:
    """Splits the constructor."""
    from ..control_flow.statements import run_body
    from ..function_definitions.body_names import assigned_names, own_names, split_docstring
    from ..function_definitions.parameters import name_inputs, order_inputs, static_value
    from ..slices.finishing import finish

    frame = Frame(program, plan.definition.module, "split", plan)
    frame.self_name = init.parameters[0].name
    frame.environment[frame.self_name] = SelfReference()
    for parameter in init.parameters[1:]:
        plan.parameters.append(parameter)
        frame.variables.add(parameter.name)
        frame.environment[parameter.name] = (
            Static(kind=dict) if parameter.kind == "kwargs" else static_value(parameter)
        )
    plan.details["all_parameters"] = list(plan.parameters)
    plan.details["signature"] = list(plan.parameters)
    plan.details["functional"] = True
    docstring, body = split_docstring(init.body)
    run_body(frame, body)
    name_inputs(frame)
    for name in frame.inputs:
        if all(t.name != name for t in plan.tensors):
            plan.tensors.append(Parameter(name))
    order_inputs(plan)
    plan.result = join_all(frame.returns) if frame.returns else Static()
    finished = finish(frame)
    assigned = assigned_names(finished.init)
    early = [n for n in finished.stored if n not in assigned]
    late = [n for n in finished.stored if n in assigned and n not in own_names(plan)]
    kept = [_keep(n) for n in early]
    unset = [n for n in late if n not in surely_assigned(finished.init)]
    start = [Assign((Name(n),), Constant(None)) for n in unset]
    state.init = [*([docstring] if docstring else []), *kept, *start, *finished.init]
    state.init += [_keep(n) for n in late]
    tensors = tuple(replace_node(t, annotation=None, span=None) for t in plan.tensors)
    own = Parameter(frame.self_name)
    code = tuple(finished.body) or (Pass(),)
    state.call = FunctionDef("__call__", (own, *tensors), code)


def _keep(name: str) -> Statement:
    return Assign((Attribute(Name("self"), name),), Name(name))


def close_graph(frame: Frame, node: Call) -> bool:
    """`super().__init__(inputs, outputs)` in a constructor that is split: the end of `__call__`."""
    from ..evaluation.expressions import evaluate

    given = graph_arguments(node)
    if given is None or frame.kind != "split" or frame.plan is None:
        return False
    inputs, outputs = (evaluate(frame, g) for g in given)
    _note_inputs(frame, inputs)
    frame.returns.append(outputs.value)
    frame.emit(Return(outputs.dynamic))
    return True


def _note_inputs(frame: Frame, inputs: Result) -> None:
    from ....ir.nodes import Dict

    assert frame.plan is not None
    frame.program.note_graph_inputs(frame, inputs.dynamic)
    if not isinstance(inputs.dynamic, Dict):
        return
    names = frame.plan.details.setdefault("input_names", {})
    assert isinstance(names, dict)
    for k, v in zip(inputs.dynamic.keys, inputs.dynamic.values, strict=True):
        if isinstance(k, Constant) and isinstance(v, Name):
            names[v.id] = k.value


# ------------------------------------------------------------------------- methods of the graph


def with_functions(
    name: str, module: ModuleInput, makes: Callable[[FunctionDef], bool]
) -> ModuleInput:
    """Each method that a functional constructor calls to build and apply layers becomes a function
    before the class; what it reads of the object becomes arguments."""
    tree = module.tree
    body = [
        s
        for statement in tree.body
        for s in (
            _lifted(name, statement, makes) if isinstance(statement, ClassDef) else [statement]
        )
    ]
    if len(body) == len(tree.body):
        return module
    return replace(module, tree=replace_node(tree, body=tuple(body)))


def _lifted(module: str, node: ClassDef, makes: Callable[[FunctionDef], bool]) -> list[Statement]:
    methods = {m.name: m for m in node.body if isinstance(m, FunctionDef)}
    init = methods.get("__init__")
    if init is None or not is_functional(init):
        return [node]
    classes = _named_classes(init)
    if classes:
        node = _with_classes(node, init, classes)
        methods = {m.name: m for m in node.body if isinstance(m, FunctionDef)}
        init = methods["__init__"]
    wanted = _called(init, methods)
    for name in wanted:
        wanted += [c for c in _called(methods[name], methods) if c not in wanted]
    wanted = [n for n in wanted if n != "__init__" and _liftable(methods[n])]
    making = {n for n in wanted if makes(methods[n])}
    while more := {
        n for n in wanted if n not in making and making & set(_called(methods[n], methods))
    }:
        making |= more
    wanted = [n for n in wanted if n in making]
    if not wanted:
        return [node]
    reads = {n: _reads(methods[n], methods) for n in wanted}
    changed = True
    while changed:
        changed = False
        for name in wanted:
            for inner in _called(methods[name], methods):
                new = [r for r in reads.get(inner, []) if r not in reads[name]]
                reads[name] += new
                changed = changed or bool(new)
    functions = [_function(module, node, methods[n], reads) for n in wanted]
    own = Name(init.parameters[0].name)
    members = [m for m in node.body if getattr(m, "name", None) not in wanted]
    new_init = _with_calls(module, node, init, reads, lambda a: Attribute(own, a))
    kept = tuple(new_init if m is init else m for m in members)
    return [*functions[::-1], replace_node(node, body=kept)]


def _named_classes(init: FunctionDef) -> dict[str, Expression]:
    """`self._norm = layers.BatchNormalization`: attributes that only name a class or function."""
    own = init.parameters[0].name
    found: dict[str, Expression] = {}
    for statement in init.body:
        match statement:
            case Assign(
                targets=(Attribute(value=Name(id=owner), attribute=name),),
                value=Symbol() | Reference() as value,
            ) if owner == own:
                found[name] = value
            case _:
                pass
    counts = [
        t.attribute
        for n in walk(init)
        if isinstance(n, Assign)
        for t in n.targets
        if isinstance(t, Attribute)
    ]
    return {name: value for name, value in found.items() if counts.count(name) == 1}


def _with_classes(node: ClassDef, init: FunctionDef, classes: dict[str, Expression]) -> ClassDef:
    own = init.parameters[0].name

    def visit(inner: Node) -> Node:
        match inner:
            case Assign(targets=(Attribute(attribute=name),)) if name in classes:
                return inner
            case Attribute(value=Name(id=owner), attribute=name) if (
                owner == own and name in classes
            ):
                return replace_node(classes[name], span=inner.span)
            case _:
                return map_children(inner, visit)

    result = visit(node)
    assert isinstance(result, ClassDef)
    return result


def _called(method: FunctionDef, methods: dict[str, FunctionDef]) -> list[str]:
    own = method.parameters[0].name if method.parameters else ""
    names: list[str] = []
    for node in walk(method):
        match node:
            case Call(function=Attribute(value=Name(id=owner), attribute=name)) if owner == own:
                if name in methods:
                    names.append(name)
            case _:
                pass
    return list(dict.fromkeys(names))


def _liftable(method: FunctionDef) -> bool:
    """Only reads of the object, and nothing that needs it whole."""
    if not method.parameters or method.decorators:
        return False
    own = method.parameters[0].name
    owners = {id(n.value) for n in walk(method) if isinstance(n, Attribute)}
    for node in walk(method):
        match node:
            case Name(id=name) if name == own and id(node) not in owners:
                return False
            case Name(id="super"):
                return False
            case Assign(targets=targets) if any(isinstance(t, Attribute) for t in targets):
                return False
            case _:
                pass
    return True


def _reads(method: FunctionDef, methods: dict[str, FunctionDef]) -> list[str]:
    own = method.parameters[0].name
    names = [
        n.attribute
        for n in walk(method)
        if isinstance(n, Attribute) and isinstance(n.value, Name) and n.value.id == own
    ]
    return [n for n in dict.fromkeys(names) if n not in methods]


def _function(
    module: str, owner: ClassDef, method: FunctionDef, reads: dict[str, list[str]]
) -> FunctionDef:
    own, *parameters = method.parameters
    taken = {p.name for p in parameters}
    names = {a: _parameter(a, taken) for a in reads[method.name]}
    node = _with_calls(module, owner, method, reads, lambda a: Name(names[a]))

    def visit(inner: Node) -> Node:
        match inner:
            case Attribute(value=Name(id=found), attribute=name) if (
                found == own.name and name in names
            ):
                return Name(names[name], span=inner.span)
            case _:
                return map_children(inner, visit)

    new = visit(node)
    assert isinstance(new, FunctionDef)
    extra = tuple(Parameter(n, "keyword_only") for n in names.values())
    last = tuple(p for p in parameters if p.kind == "kwargs")
    first = tuple(p for p in parameters if p.kind != "kwargs")
    return replace_node(
        new, name=_name(owner, method.name), parameters=(*first, *extra, *last), decorators=()
    )


def _parameter(attribute: str, taken: set[str]) -> str:
    name = attribute.strip("_") or attribute
    return attribute if name in taken else name


def _name(owner: ClassDef, method: str) -> str:
    return f"{owner.name}_{method.strip('_')}"


def _with_calls(
    module: str,
    owner: ClassDef,
    method: FunctionDef,
    reads: dict[str, list[str]],
    value: Callable[[str], Expression],
) -> FunctionDef:
    """`self._stem(x)` as a call of the function, with what it reads of the object."""
    own = method.parameters[0].name

    def visit(node: Node) -> Node:
        inner = map_children(node, visit)
        match inner:
            case Call(function=Attribute(value=Name(id=found), attribute=name) as function) if (
                found == own and name in reads
            ):
                extra = tuple(Argument(value(a), a.strip("_") or a) for a in reads[name])
                reference = Reference(module, _name(owner, name), span=function.span)
                return replace_node(inner, function=reference, arguments=(*inner.arguments, *extra))
            case _:
                return inner

    result = visit(method)
    assert isinstance(result, FunctionDef)
    return result
