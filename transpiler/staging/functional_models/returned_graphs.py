"""Functions that return the inputs of a graph beside its output: each returns the model instead,
and whoever calls it reads both from that.

    def network(shape):                        def network(shape):
        inputs = Input(shape)                      inputs = Input(shape)
        return inputs, Dense(4)(inputs)            return Model(inputs, Dense(4)(inputs))
                                         ->
    inputs, x = network(shape)                 base = network(shape)
    model = Model(inputs, Dense(2)(x))         inputs = base.input
                                               x = base.output
                                               model = Model(inputs, Dense(2)(x))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ....ir.nodes import (
    Assign,
    Attribute,
    Call,
    Expression,
    FunctionDef,
    List,
    Name,
    Node,
    OpCall,
    Reference,
    Return,
    Statement,
    Symbol,
    Tuple,
    children,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput
from ..sites import unique_name
from .nested_models import graph_tensors
from .shared_graphs import INPUT, MODEL
from .straight_code import names_of_body, names_read

Key = tuple[str, str]


def with_returned_graphs(modules: Mapping[str, ModuleInput]) -> Mapping[str, ModuleInput]:
    """The modules with such functions and their calls changed."""
    found = {
        (name, s.name): s
        for name, module in modules.items()
        for s in module.tree.body
        if isinstance(s, FunctionDef) and _pairs(s)
    }
    for module in modules.values():
        for key in _used_otherwise(module.tree, {*found}):
            found.pop(key, None)
    if not found:
        return modules
    return {name: _module(module, found) for name, module in modules.items()}


def _pairs(node: FunctionDef) -> list[Return]:
    """Its `return` statements, if each gives inputs and an output of a graph that it opens."""
    inputs = _inputs(node)
    tensors = graph_tensors(node.body)
    returns = [n for n in walk(node) if isinstance(n, Return)]
    for statement in returns:
        match statement.value:
            case Tuple(elements=(given, output)) if _is_computed(output, tensors, inputs):
                elements = given.elements if isinstance(given, List | Tuple) else (given,)
                if not all(isinstance(e, Name) and e.id in inputs for e in elements):
                    return []
            case _:
                return []
    return returns


def _is_computed(output: Expression, tensors: set[str], inputs: set[str]) -> bool:
    """Whether it is what layers make of the inputs."""
    match output:
        case Name(id=name):
            return name in tensors - inputs
        case Call() | OpCall():
            is_model = isinstance(output, OpCall) and output.symbol == MODEL
            return not is_model and bool(names_read(output) & tensors)
        case _:
            return False


def _inputs(node: FunctionDef) -> set[str]:
    """Variables that are assigned once, an `Input`."""
    made: dict[str, list[Expression]] = {}
    for inner in walk(node):
        if isinstance(inner, Assign):
            for name in (n for t in inner.targets for n in walk(t) if isinstance(n, Name)):
                made.setdefault(name.id, []).append(inner.value)
    return {
        n
        for n, values in made.items()
        if len(values) == 1 and isinstance(values[0], OpCall) and values[0].symbol == INPUT
    }


def _used_otherwise(tree: Node, wanted: set[Key]) -> Iterator[Key]:
    """The functions that some code uses but to take the pair apart, or to return it."""
    fitting: set[int] = set()
    for node in walk(tree):
        match node:
            case Assign(targets=(Tuple(elements=(_, _)),), value=Call(function=Reference() as f)):
                fitting.add(id(f))
            case Return(value=Call(function=Reference() as f)):
                fitting.add(id(f))
            case _:
                pass
    for node in walk(tree):
        match node:
            case Reference(module=module, name=name) if (module, name) in wanted:
                if id(node) not in fitting:
                    yield module, name
            case _:
                pass


def _module(module: ModuleInput, found: Mapping[Key, FunctionDef]) -> ModuleInput:
    body: list[Statement] = []
    for statement in module.tree.body:
        names = {n.id for n in walk(statement) if isinstance(n, Name)}
        if any(statement is node for node in found.values()):
            assert isinstance(statement, FunctionDef)
            statement = _with_model(statement)
        body += _statement(statement, found, names)
    same = all(a is b for a, b in zip(body, module.tree.body, strict=False))
    if same and len(body) == len(module.tree.body):
        return module
    return replace(module, tree=replace_node(module.tree, body=tuple(body)))


def _with_model(node: FunctionDef) -> FunctionDef:
    def visit(inner: Node) -> Node:
        match inner:
            case Return(value=Tuple(elements=(inputs, output)) as pair):
                bound = {"inputs": inputs, "outputs": output}
                model = OpCall(MODEL, bound, (), Symbol(MODEL), span=pair.span)
                return replace_node(inner, value=model)
            case FunctionDef() if inner is not node:
                return inner
            case _:
                return map_children(inner, visit)

    result = visit(node)
    assert isinstance(result, FunctionDef)
    return result


def _statement(
    statement: Statement, found: Mapping[Key, FunctionDef], taken: set[str]
) -> list[Statement]:
    match statement:
        case Assign(
            targets=(Tuple(elements=(first, second)),),
            value=Call(function=Reference(module=module, name=name)) as call,
        ) if (module, name) in found:
            base = unique_name("base", taken | names_of_body((statement,)))
            taken.add(base)
            returns = _pairs(found[module, name])[0].value
            assert isinstance(returns, Tuple)
            several = isinstance(returns.elements[0], List | Tuple)
            inputs = Attribute(Name(base), "inputs" if several else "input")
            return [
                replace_node(statement, targets=(Name(base),), value=call),
                Assign((first,), inputs),
                Assign((second,), Attribute(Name(base), "output")),
            ]
        case _ if any(isinstance(c, Statement) for c in children(statement)):
            return [_compound(statement, found, taken)]
        case _:
            return [statement]


def _compound(statement: Statement, found: Mapping[Key, FunctionDef], taken: set[str]) -> Statement:
    """A statement with the bodies inside of it changed."""
    changes: dict[str, tuple[Node, ...]] = {}
    for part in ("body", "then", "otherwise", "final"):
        inner: tuple[Statement, ...] = getattr(statement, part, ())
        new = tuple(x for s in inner for x in _statement(s, found, taken))
        if len(new) != len(inner) or any(a is not b for a, b in zip(new, inner, strict=True)):
            changes[part] = new
    return replace_node(statement, **changes) if changes else statement
