"""Models that a script builds among its other statements: each gets a function before it, which is
staged like any other.

    inputs = Input((3,))                  def build_model():
    x = Dense(8)(inputs)                      inputs = Input((3,))
    model = Model(inputs, x)                  x = Dense(8)(inputs)
    model.fit(data)                ->         return Model(inputs, x)

                                          model = build_model()
                                          model.fit(data)

So for blocks of a script, `with` and `for` among them, and for functions that train, or otherwise
use, the model that they build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ....ir.names import bound_names
from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    ClassDef,
    Constant,
    Expression,
    For,
    FunctionDef,
    If,
    Import,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    Return,
    Statement,
    Try,
    Tuple,
    While,
    With,
    map_children,
    replace_node,
    walk,
)
from ..project import ModuleInput
from ..sites import snake_case, unique_name
from .script_slices import (
    RUNS,
    SEQUENTIAL,
    Region,
    Surroundings,
    assigned_by,
    late_statements,
    model_regions,
)
from .shared_graphs import MODEL
from .straight_code import names_assigned

S = TypeVar("S", bound=Statement)


def with_script_models(
    modules: Mapping[str, ModuleInput], makes: Callable[[Node], bool]
) -> Mapping[str, ModuleInput]:
    """The modules with such functions. `makes`: whether code makes layers."""
    builders = {
        (name, s.name)
        for name, module in modules.items()
        for s in module.tree.body
        if isinstance(s, FunctionDef) and _returns_model(s)
    }
    code = _Code(makes, lambda function: (function.module, function.name) in builders)
    result = {name: _module(name, module, code) for name, module in modules.items()}
    return result if any(result[n] is not m for n, m in modules.items()) else modules


def _returns_model(function: FunctionDef) -> bool:
    models = {
        name
        for s in function.body
        if isinstance(s, Assign) and isinstance(s.value, OpCall) and s.value.symbol == MODEL
        for name in names_assigned(s)
    }
    match function.body[-1:]:
        case (Return(value=Name(id=name)),):
            return name in models
        case (Return(value=OpCall(symbol=symbol)),):
            return symbol == MODEL
        case _:
            return False


@dataclass(frozen=True, slots=True)
class _Code:
    """Questions about code: does it make layers, does a function return a model?"""

    makes: Callable[[Node], bool]
    returns_model: Callable[[Reference], bool]


@dataclass(slots=True)
class _Script:
    """A module or function whose bodies are gone through, and the functions that were made of parts
    of them. `variables`: those of the module, which reads them as references, or of the function;
    `local`: those whose values are passed; `elsewhere`: those that functions of the module read."""

    name: str
    is_module: bool
    variables: Set[str]
    local: Set[str]
    elsewhere: Set[str]
    code: _Code
    taken: set[str]
    function: str = ""
    made: list[FunctionDef] = field(default_factory=list[FunctionDef])

    def named(self, statement: Statement, names: Set[str]) -> Statement:
        """The statement with these variables as names."""
        if not self.is_module:
            return statement

        def visit(inner: Node) -> Node:
            match inner:
                case Reference(module=module, name=name):
                    own = module == self.name and name in names
                    return Name(name, span=inner.span) if own else inner
                case FunctionDef() | ClassDef():
                    return inner
                case _:
                    return map_children(inner, visit)

        result = visit(statement)
        assert isinstance(result, Statement)
        return result

    def read(self, name: str) -> Expression:
        return Reference(self.name, name) if self.is_module else Name(name)


def _module(name: str, module: ModuleInput, code: _Code) -> ModuleInput:
    tree = module.tree
    if not any(isinstance(n, OpCall) and n.symbol in (MODEL, SEQUENTIAL) for n in walk(tree)):
        return module
    taken = bound_names(tree.body)
    script = _script(name, tree.body, code, taken)
    body: list[Statement] = []
    for statement in _rewritten(script, tree.body, (), at_top=True):
        if isinstance(statement, FunctionDef) and _runs(statement):
            parameters = {p.name for p in statement.parameters}
            variables = bound_names(statement.body) | parameters
            inner = _Script(name, False, variables, variables, set(), code, taken, statement.name)
            changed = _rewritten(inner, statement.body, ())
            statement = _with_bodies(statement, body=changed)
            body += inner.made
        body.append(statement)
    if len(body) == len(tree.body) and all(a is b for a, b in zip(body, tree.body, strict=True)):
        return module
    return replace(module, tree=replace_node(tree, body=tuple(body)))


def _script(name: str, body: Body, code: _Code, taken: set[str]) -> _Script:
    definitions = [s for s in body if isinstance(s, FunctionDef | ClassDef)]
    statements = [s for s in body if not isinstance(s, FunctionDef | ClassDef | Import)]
    assigned = Counter(n for s in statements for n in names_assigned(s))
    constants = {
        n
        for s in statements
        if isinstance(s, Assign) and not code.makes(s)
        for n in names_assigned(s)
        if assigned[n] == 1
    }
    read = {
        n.name
        for s in definitions
        for n in walk(s)
        if isinstance(n, Reference) and n.module == name
    }
    return _Script(name, True, {*assigned}, {*assigned} - constants, read, code, taken)


def _runs(function: FunctionDef) -> bool:
    """Whether a function runs a model that it builds."""
    models = {
        name
        for n in walk(function)
        if isinstance(n, Assign) and isinstance(n.value, OpCall)
        if n.value.symbol in (MODEL, SEQUENTIAL)
        for name in names_assigned(n)
    }
    return any(
        isinstance(n, Attribute)
        and n.attribute in RUNS
        and isinstance(n.value, Name)
        and n.value.id in models
        for n in walk(function)
    )


def _rewritten(
    script: _Script, body: Body, after: Sequence[Statement], *, at_top: bool = False
) -> Body:
    """The body with calls of functions in place of what builds models."""
    code = [script.named(s, script.variables) for s in body]
    around = Surroundings(after, script.elsewhere, script.code.makes, script.code.returns_model)
    places: dict[int, list[Statement]] = {}
    for region in model_regions(code, around):
        late = late_statements(region, code)
        if late is None or any(p in places for p in (*region.places, *late)):
            continue
        function, call = _function(script, region, body)
        for place in (*region.places, *late):
            places[place] = []
        rest = [_nested(script, body[p], (*code[p + 1 :], *after)) for p in late]
        places[region.last] = [call, *rest]
        if at_top:
            places[region.last].insert(0, function)
        else:
            script.made.append(function)
    result: list[Statement] = []
    for place, statement in enumerate(body):
        if place in places:
            result += places[place]
            continue
        new = _nested(script, statement, (*code[place + 1 :], *after))
        if at_top:
            result += script.made
            script.made.clear()
        result.append(new)
    return tuple(result)


def _nested(script: _Script, statement: Statement, after: Sequence[Statement]) -> Statement:
    """The statement with its own bodies gone through."""
    match statement:
        case With(body=body) | For(body=body) | While(body=body) | Try(body=body):
            return _with_bodies(statement, body=_rewritten(script, body, after))
        case If(then=then, otherwise=otherwise):
            new = _with_bodies(statement, then=_rewritten(script, then, after))
            return _with_bodies(new, otherwise=_rewritten(script, otherwise, after))
        case _:
            return statement


def _with_bodies(statement: S, **bodies: Body) -> S:
    same = all(
        len(new) == len(old := getattr(statement, name))
        and all(a is b for a, b in zip(new, old, strict=True))
        for name, new in bodies.items()
    )
    return statement if same else replace_node(statement, **bodies)


def _function(script: _Script, region: Region, body: Body) -> tuple[FunctionDef, Assign]:
    """The function, and its call."""
    statements = [body[p] for p in region.in_order]
    made = [n for s in body for n in sorted(assigned_by(s))]
    given = sorted(region.given & script.local, key=lambda n: (n in made and made.index(n), n))
    assigned = {n for s in statements for n in assigned_by(s)}
    inside = tuple(script.named(s, assigned | {*given}) for s in statements)
    name = _name(region, statements)
    if name in script.taken and script.function:
        name = name.replace("build_", f"build_{script.function}_", 1)
    name = unique_name(name, script.taken)
    script.taken.add(name)
    returned = tuple(Name(n) for n in region.returned)
    result = Return(returned[0] if len(returned) == 1 else Tuple(returned))
    parameters = tuple(Parameter(n) for n in given)
    function = FunctionDef(name, parameters, (*inside, result))
    arguments = tuple(Argument(script.read(n)) for n in given)
    call = Call(Reference(script.name, name), arguments, span=body[region.last].span)
    targets = tuple(Name(n) for n in region.returned)
    target = targets[0] if len(targets) == 1 else Tuple(targets)
    return function, Assign((target,), call, span=body[region.last].span)


def _name(region: Region, statements: Sequence[Statement]) -> str:
    """A model has its `name=`, or that of its variable."""
    if len(region.models) > 1:
        return "build_models"
    (name,) = region.models
    for statement in statements:
        match statement:
            case Assign(targets=(Name(id=target),), value=OpCall(bound=bound)) if target == name:
                match bound.get("name"):
                    case Constant(value=str() as given) if snake_case(given).isidentifier():
                        name = given
                    case _:
                        pass
            case _:
                pass
    return f"build_{snake_case(name)}"
