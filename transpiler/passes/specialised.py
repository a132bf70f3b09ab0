"""Functions of files that came along, compiled for the way in which the project uses them.

    def VGG16(include_top=True, pooling=None): ...      def VGG16(): ...
    VGG16(include_top=False)                            VGG16()

A parameter that is the same constant in all calls goes, with the branches that the constant
excludes; so do parameters that nothing reads any more. Constants are flags, strings and None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...ir.nodes import (
    Argument,
    Body,
    Call,
    Conditional,
    Constant,
    Expression,
    FunctionDef,
    If,
    Lambda,
    Module,
    Name,
    Node,
    Parameter,
    Pass,
    Reference,
    Statement,
    map_children,
    replace_node,
    walk,
)
from ...ir.span import Span
from .folding import folded
from .liveness import assigned

Key = tuple[str, str]
# The label of a layer or model, which the target does not have.
_LABEL = "name"
_PLAIN = frozenset({"positional", "keyword_only"})


@dataclass(slots=True)
class Specialised:
    """The modules, and the statements that went, by module."""

    trees: dict[str, Module]
    gone: list[tuple[str, Span]] = field(default_factory=list[tuple[str, Span]])


def specialised(trees: Mapping[str, Module], library: frozenset[str]) -> Specialised:
    """The modules with the functions of the `library` modules specialised to their calls."""
    done = Specialised(dict(trees))
    functions = _functions(trees, library)
    found = _Constants(functions, trees, library)
    found.solve()
    for name in library:
        body = tuple(
            _without_constants(s, found.of((name, s.name)), name, done.gone)
            if isinstance(s, FunctionDef)
            else s
            for s in trees[name].body
        )
        done.trees[name] = replace_node(trees[name], body=body)
    dropped = {key: set(found.of(key)) for key in functions}
    while any(dropped.values()):
        for name, tree in done.trees.items():
            done.trees[name] = _cut(tree, name, functions, dropped)
        before, functions = functions, _functions(done.trees, library)
        dropped = _unread(functions, before, done.trees)
    return done


def _functions(trees: Mapping[str, Module], library: frozenset[str]) -> dict[Key, FunctionDef]:
    return {
        (name, node.name): node
        for name in library
        for node in trees[name].body
        if isinstance(node, FunctionDef)
    }


@dataclass(slots=True)
class _Constants:
    """What each parameter is in all calls: a constant, or None where they disagree."""

    functions: Mapping[Key, FunctionDef]
    trees: Mapping[str, Module]
    library: frozenset[str]
    known: dict[Key, dict[str, Constant | None]] = field(
        default_factory=dict[Key, dict[str, Constant | None]]
    )

    def of(self, key: Key) -> dict[str, Constant]:
        """The parameters that go, and what they are."""
        function = self.functions[key]
        changed = assigned(function.body)
        return {
            name: value
            for name, value in self.known.get(key, {}).items()
            if value is not None and name not in changed and name != _LABEL
        }

    def solve(self) -> None:
        places: list[tuple[Key | None, Key, Call]] = []
        for module, tree in self.trees.items():
            for statement in tree.body:
                owner: Key | None = None
                if module in self.library and isinstance(statement, FunctionDef):
                    owner = (module, statement.name)
                for key, call in self._uses(statement):
                    if call is None:
                        self._hand_over(key)
                    else:
                        places.append((owner, key, call))
        changed = True
        while changed:
            changed = False
            for owner, key, call in places:
                if owner is None or owner in self.known:
                    changed |= self._meet(key, call, owner)

    def _uses(self, statement: Node) -> Iterator[tuple[Key, Call | None]]:
        """The functions of the library that a statement calls, or hands over (None)."""
        called: set[int] = set()
        for node in walk(statement):
            match node:
                case Call(function=Reference(module=module, name=name) as function):
                    if (module, name) in self.functions:
                        called.add(id(function))
                        yield (module, name), node
                case Reference(module=module, name=name) if id(node) not in called:
                    if (module, name) in self.functions:
                        yield (module, name), None
                case _:
                    pass

    def _hand_over(self, key: Key) -> None:
        self.known[key] = {p.name: None for p in self.functions[key].parameters}

    def _meet(self, key: Key, call: Call, owner: Key | None) -> bool:
        outer = {} if owner is None else self.known[owner]
        given = _bound(self.functions[key], call)
        known = self.known.setdefault(key, {})
        changed = False
        for parameter in self.functions[key].parameters:
            value = given.get(parameter.name)
            if isinstance(value, Name) and value.id in outer:
                value = outer[value.id]
            new = _flag(value)
            if parameter.name not in known:
                known[parameter.name], changed = new, True
            elif (old := known[parameter.name]) is not None and (
                new is None or not _same(old, new)
            ):
                known[parameter.name], changed = None, True
        return changed


def _flag(value: Expression | None) -> Constant | None:
    match value:
        case Constant(value=bool() | str() | None):
            return value
        case _:
            return None


def _same(one: Constant, other: Constant) -> bool:
    return type(one.value) is type(other.value) and one.value == other.value


def _bound(function: FunctionDef, call: Call) -> dict[str, Expression]:
    """What each plain parameter is given; those that only a run tells are left out."""
    plain = [p for p in function.parameters if p.kind in _PLAIN]
    if any(a.star == "*" for a in call.arguments):
        return {}
    values = [a.value for a in call.arguments if a.keyword is None and not a.star]
    given = dict(zip((p.name for p in plain if p.kind == "positional"), values, strict=False))
    given |= {a.keyword: a.value for a in call.arguments if a.keyword is not None}
    if not any(a.star for a in call.arguments):
        for parameter in plain:
            if parameter.default is not None:
                given.setdefault(parameter.name, parameter.default)
    return given


def _without_constants(
    function: FunctionDef,
    constants: Mapping[str, Constant],
    module: str,
    gone: list[tuple[str, Span]],
) -> FunctionDef:
    """The function with its constants put in, and tests on them decided."""
    if not constants:
        return function

    def put(node: Node) -> Node:
        match node:
            case Name(id=name) if name in constants:
                return Constant(constants[name].value)
            case FunctionDef(parameters=own) | Lambda(parameters=own) if any(
                p.name in constants for p in own
            ):
                return node
            case _:
                return map_children(node, put)

    def block(body: Body) -> Body:
        result: list[Statement] = []
        for statement in body:
            if not isinstance(statement, If):
                result.append(statement)
                continue
            test = folded(statement.test)
            then, otherwise = block(statement.then), block(statement.otherwise)
            if isinstance(test, Constant):
                kept = then if test.value else otherwise
                result += kept
                if not kept and statement.span is not None:
                    gone.append((module, statement.span))
            else:
                result.append(
                    replace_node(statement, test=test, then=then or (Pass(),), otherwise=otherwise)
                )
        return tuple(result)

    def choose(node: Node) -> Node:
        new = map_children(node, choose)
        if isinstance(new, Conditional) and isinstance(test := folded(new.test), Constant):
            return new.then if test.value else new.otherwise
        return new

    body = [choose(put(statement)) for statement in function.body]
    folded_body = block(tuple(s for s in body if isinstance(s, Statement)))
    return replace_node(function, body=folded_body or (Pass(),))


def _unread(
    functions: Mapping[Key, FunctionDef],
    before: Mapping[Key, FunctionDef],
    trees: Mapping[str, Module],
) -> dict[Key, set[str]]:
    """Parameters that were read before and are not any more, where no call computes what it
    gives."""
    result: dict[Key, set[str]] = {}
    calls: dict[Key, list[Call]] = {}
    uses: Counter[Key] = Counter()
    for tree in trees.values():
        for node in walk(tree):
            if isinstance(node, Call) and isinstance(node.function, Reference):
                calls.setdefault((node.function.module, node.function.name), []).append(node)
            elif isinstance(node, Reference):
                uses[node.module, node.name] += 1
    for key, function in functions.items():
        found = calls.get(key, [])
        if uses[key] != len(found) or any(a.star == "*" for c in found for a in c.arguments):
            continue  # handed over somewhere, or called with what does not show
        read = _names(function)
        for parameter in function.parameters:
            name = parameter.name
            if parameter.kind not in _PLAIN or name in read or name not in _names(before[key]):
                continue
            values = [_bound(function, call).get(name) for call in found]
            if all(v is None or isinstance(v, Constant | Name) for v in values):
                result.setdefault(key, set()).add(name)
    return result


def _names(function: FunctionDef) -> set[str]:
    return {n.id for s in function.body for n in walk(s) if isinstance(n, Name)}


def _cut(
    tree: Module, module: str, functions: Mapping[Key, FunctionDef], dropped: Mapping[Key, set[str]]
) -> Module:
    """A module with the parameters gone, and the arguments for them."""

    def visit(node: Node) -> Node:
        new = map_children(node, visit)
        match new:
            case Call(function=Reference(module=owner, name=name)) if dropped.get((owner, name)):
                gone = dropped[owner, name]
                return replace_node(
                    new, arguments=_kept(functions[owner, name].parameters, new.arguments, gone)
                )
            case _:
                return new

    def cut(statement: Statement) -> Statement:
        new = visit(statement)
        assert isinstance(new, Statement)
        gone = dropped.get((module, new.name)) if isinstance(new, FunctionDef) else None
        if gone and isinstance(new, FunctionDef):
            parameters = tuple(p for p in new.parameters if p.name not in gone)
            return replace_node(new, parameters=parameters)
        return new

    if not any(dropped.values()):
        return tree
    body = tuple(cut(statement) for statement in tree.body)
    same = all(a is b for a, b in zip(body, tree.body, strict=True))
    return tree if same else replace_node(tree, body=body)


def _kept(
    parameters: tuple[Parameter, ...], arguments: tuple[Argument, ...], gone: set[str]
) -> tuple[Argument, ...]:
    names = [p.name for p in parameters if p.kind == "positional"]
    kept: list[Argument] = []
    place = 0
    for argument in arguments:
        name = argument.keyword
        if name is None and not argument.star:
            name = names[place] if place < len(names) else None
            place += 1
        if name not in gone or argument.star:
            kept.append(argument)
    return tuple(kept)
