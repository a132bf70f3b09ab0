"""Questions about whole functions that are answered from their text before they are staged: does it
build layers, and which of its parameters carry tensors? Both look through the project's calls until
nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ....ir.nodes import (
    Argument,
    Assign,
    Binary,
    Call,
    ClassDef,
    Conditional,
    Constant,
    Expression,
    For,
    FunctionDef,
    Generator,
    List,
    Name,
    Node,
    OpCall,
    Reference,
    Subscript,
    Symbol,
    walk,
)
from .carried import assigned_variables, carried, held_by_key, loop_variables
from .named_values import local_function, meanings, without_annotations
from .optional_inputs import of_local, optional_inputs

Key = tuple[str, str]
GRAPH_SYMBOLS = frozenset({"keras.Input", "keras.Model", "keras.Sequential"})


class Prescan:
    """Facts about the top-level definitions of a project, found on demand."""

    def __init__(
        self,
        definitions: Mapping[Key, FunctionDef | ClassDef],
        is_layer: Callable[[str], bool],
        is_module_class: Callable[[ClassDef, str], bool],
    ) -> None:
        self._definitions = definitions
        self._is_layer = is_layer
        self._is_module_class = is_module_class
        self._creating: set[Key] | None = None
        self._tensors: dict[Key, set[str]] | None = None
        self._specialised: dict[Key, set[str]] = {}
        self._functions = {k: d for k, d in definitions.items() if isinstance(d, FunctionDef)}
        self._calls: dict[Key, list[tuple[FunctionDef | ClassDef, Call]]] | None = None
        self._optional: dict[Key, set[str]] | None = None

    # -- does it build layers?

    def creates(self, node: Node) -> bool:
        """Whether code mentions a layer class, a module class of the project, or a function that
        does."""
        creating = self._creating if self._creating is not None else self._find_creating()
        if any(node is self._functions.get(key) for key in creating):
            return True
        return self._mentions(node, creating)

    def _find_creating(self) -> set[Key]:
        creating: set[Key] = {
            key
            for key, definition in self._definitions.items()
            if isinstance(definition, ClassDef) and self._is_module_class(definition, key[0])
        }
        pending = dict(self._functions)
        changed = True
        while changed:
            changed = False
            for key, definition in list(pending.items()):
                if self._mentions(definition, creating) or self._builds_passed(
                    key, definition, creating
                ):
                    creating.add(key)
                    del pending[key]
                    changed = True
        self._creating = creating
        return creating

    def _builds_passed(self, key: Key, node: FunctionDef, creating: set[Key]) -> bool:
        """Whether a function builds and applies what callers pass, `block(8)(x)`, or calls a graph
        function that they pass, `block(x)`."""
        own = {p.name for p in node.parameters}
        for inner in walk(node):
            match inner:
                case Call(function=Call(function=Name(id=name))) if name in own:
                    passed = (
                        value for c, v in self._passed_as(key, name) for value in meanings(c, v)
                    )
                    if any(self._mentions(value, creating) for value in passed):
                        return True
                case Call(function=Name(id=name), arguments=(_, *_)) if name in own:
                    if any(self._builds(f, creating) for f in self.passed_functions(key, name)):
                        return True
                case _:
                    pass
        return False

    def _builds(self, function: FunctionDef | Reference, creating: set[Key]) -> bool:
        if isinstance(function, Reference):
            return (function.module, function.name) in creating
        return self._mentions(function, creating)

    def _mentions(self, node: Node, creating: set[Key]) -> bool:
        for inner in without_annotations(node):
            match inner:
                case OpCall(symbol=symbol) | Symbol(path=symbol):
                    if symbol in GRAPH_SYMBOLS or self._is_layer(symbol):
                        return True
                case Reference(module=module, name=name) if (module, name) in creating:
                    return True
                case Call(
                    function=Name(id="getattr"),
                    arguments=(Argument(value=Symbol(path="keras.layers")), _),
                ):
                    return True
                case _:
                    pass
        return False

    # -- which parameters are tensors?

    def tensor_parameters(self, key: Key | None, node: FunctionDef) -> set[str]:
        """Parameters that a layer, a tensor operation on the graph, or a graph function is applied
        to."""
        tables = self._tensors if self._tensors is not None else self._find_tensors()
        if key is not None and key in tables:
            return tables[key]
        return self._tensors_of(node, tables)

    def specialised(self, key: Key | None, node: FunctionDef) -> set[str]:
        """Optional tensor parameters of functions that open a graph of their own: a module has no
        use for them."""
        if self._tensors is None:
            self._find_tensors()
        if key is not None:
            return self._specialised.get(key, set())
        return self._specialised_of(node, self._tensors_of(node, self._tensors or {}))

    def optional(self, key: Key | None, node: FunctionDef) -> set[str]:
        """Parameters that a function asks for, and that may be left out."""
        if key is None:
            return of_local(node)
        if self._optional is None:
            self._optional = optional_inputs(self._functions, self.tensor_parameters)
        return self._optional.get(key, set())

    def _specialised_of(self, node: FunctionDef, tensors: set[str]) -> set[str]:
        optional = {
            p.name
            for p in node.parameters
            if isinstance(p.default, Constant) and p.default.value is None
        }
        opens = any(isinstance(n, OpCall) and n.symbol == "keras.Input" for n in walk(node))
        found = optional & tensors if opens else set[str]()
        for inner in walk(node):
            if isinstance(inner, Call):
                target = self._target(inner.function)
                if target is not None and target in self._specialised:
                    found |= (
                        self._passed(inner, self._functions[target], self._specialised[target])
                        & optional
                    )
        return found

    def _find_tensors(self) -> dict[Key, set[str]]:
        tables: dict[Key, set[str]] = {key: set() for key in self._functions}
        changed = True
        while changed:
            changed = False
            for key, definition in self._functions.items():
                if not self.creates(definition):
                    continue
                found = self._tensors_of(definition, tables)
                special = self._specialised_of(definition, found | tables[key])
                if special - self._specialised.get(key, set()):
                    self._specialised[key] = self._specialised.get(key, set()) | special
                    changed = True
                found -= self._specialised.get(key, set())
                if found - tables[key]:
                    tables[key] |= found
                    changed = True
        for key, special in self._specialised.items():
            tables[key] -= special
        self._tensors = tables
        return tables

    def _tensors_of(self, node: FunctionDef, tables: dict[Key, set[str]]) -> set[str]:
        names = {p.name for p in node.parameters}
        tensors: set[str] = set()
        aliases: list[tuple[str, Expression]] = []
        local = {n.name: n for n in walk(node) if isinstance(n, FunctionDef) and n is not node}
        layer_variables = self._layer_variables(node)
        for inner in walk(node):
            match inner:
                case Assign():
                    aliases += assigned_variables(inner)
                case For() | Generator():
                    aliases += loop_variables(inner)
                case Call(function=function, arguments=arguments) if arguments:
                    if self._is_applied(function, layer_variables):
                        for argument in arguments:
                            tensors |= (
                                carried(argument.value)
                                if argument.keyword in (None, "inputs")
                                else set()
                            )
                    target = self._target(function)
                    if target in tables:
                        tensors |= self._passed(inner, self._functions[target], tables[target])
                    for one in [] if target is not None else self._called(node, function):
                        if isinstance(one, FunctionDef):
                            if self.creates(one):
                                tensors |= self._passed(inner, one, self._tensors_of(one, tables))
                        elif (key := (one.module, one.name)) in tables:
                            tensors |= self._passed(inner, self._functions[key], tables[key])
                    if (
                        isinstance(function, Name)
                        and function.id in local
                        and self.creates(local[function.id])
                    ):
                        inner_tensors = self._tensors_of(local[function.id], tables)
                        tensors |= self._passed(inner, local[function.id], inner_tensors)
                case OpCall(symbol=symbol, bound=bound) if symbol.startswith("keras.layers."):
                    if not self._is_layer(symbol) and "inputs" in bound:
                        tensors |= carried(bound["inputs"])
                case OpCall(symbol="keras.Input", bound=bound) if "tensor" in bound:
                    tensors |= carried(bound["tensor"])
                case OpCall(symbol=symbol, bound=bound) if symbol in (
                    "keras.backend.is_keras_tensor",
                    "keras.backend.int_shape",
                    "keras.utils.get_source_inputs",
                ):
                    for value in bound.values():
                        tensors |= carried(value)
                case _:
                    pass
        changed = True
        while changed:
            changed = False
            for target, value in aliases:
                if target in tensors:
                    found = carried(value) - tensors
                    if found:
                        tensors |= found
                        changed = True
        return tensors & names

    def _called(self, node: FunctionDef, function: Expression) -> list[FunctionDef | Reference]:
        """The functions that a parameter of a function may be."""
        own = {p.name for p in node.parameters}
        if not isinstance(function, Name) or function.id not in own:
            return []
        keys = [key for key, one in self._functions.items() if one is node]
        return [found for key in keys for found in self.passed_functions(key, function.id)]

    def _layer_variables(self, node: FunctionDef) -> set[str]:
        """Local variables that hold layers or layer functions."""
        found: set[str] = set()
        for inner in walk(node):
            match inner:
                case Assign(targets=(Name(id=target),), value=value) if self._holds_layer(value):
                    found.add(target)
                case _:
                    pass
        return found

    def _holds_layer(self, value: Expression) -> bool:
        match value:
            case OpCall(symbol=symbol):
                return self._is_layer(symbol) or symbol in ("keras.Sequential", "keras.Model")
            case Call(function=Reference(module=module, name=name)):
                return self.creates(Reference(module, name)) and not self.tensor_names(
                    (module, name)
                )
            case Conditional(then=then, otherwise=otherwise):
                return self._holds_layer(then) or self._holds_layer(otherwise)
            case _:
                return False

    def tensor_names(self, key: Key) -> set[str]:
        """The tensor parameters found so far; used while the search is still running."""
        return self._tensors.get(key, set()) if self._tensors is not None else set()

    def _is_applied(self, function: Expression, layer_variables: set[str]) -> bool:
        """Whether calling `function` applies a layer: `Dense(3)(x)`, `make_block(3)(x)`,
        `layer(x)`."""
        match function:
            case OpCall(symbol=symbol):
                return self._is_layer(symbol) or symbol in ("keras.Sequential", "keras.Model")
            case Call(function=Name() | Reference() | Conditional() | Subscript()):
                return True
            case Call(function=Call(function=Name(id="getattr" | "eval"))):
                return True
            case Name(id=name):
                return name in layer_variables
            case _:
                return False

    def _target(self, function: Expression) -> Key | None:
        if isinstance(function, Reference) and (function.module, function.name) in self._functions:
            return function.module, function.name
        return None

    def _passed(self, call: Call, callee: FunctionDef, tensors: set[str]) -> set[str]:
        found: set[str] = set()
        names = [p.name for p in callee.parameters if p.kind in ("positional", "positional_only")]
        for index, argument in enumerate(call.arguments):
            name = argument.keyword or (names[index] if index < len(names) else None)
            if name in tensors:
                found |= carried(argument.value)
        return found

    # -- lists of tensors

    def sequence_parameters(
        self, key: Key | None, node: FunctionDef, tensors: set[str]
    ) -> set[str]:
        """Tensor parameters that are lists: concatenated with lists, looped over, or given a list
        by a caller."""
        found: set[str] = set()
        for inner in walk(node):
            match inner:
                case Binary(operator="+", left=left, right=right):
                    for side, other in ((left, right), (right, left)):
                        if (
                            isinstance(side, Name)
                            and side.id in tensors
                            and isinstance(other, List)
                        ):
                            found.add(side.id)
                case For(iterable=iterable):
                    found |= {
                        n.id for n in walk(iterable) if isinstance(n, Name) and n.id in tensors
                    }
                case _:
                    pass
        if key is not None:
            for caller, call in self._calls_of(key):
                if isinstance(caller, FunctionDef):
                    found |= self._given_lists(call, node) & tensors
        return found

    def mapped_parameters(self, node: FunctionDef, tensors: set[str]) -> set[str]:
        """Tensor parameters that are dicts of tensors."""
        return held_by_key(node) & tensors

    def _given_lists(self, call: Call, callee: FunctionDef) -> set[str]:
        names = [p.name for p in callee.parameters]
        return {
            argument.keyword or names[index]
            for index, argument in enumerate(call.arguments)
            if isinstance(argument.value, List) and (argument.keyword or index < len(names))
        }

    # -- functions passed as arguments

    def passed_functions(self, key: Key, name: str) -> list[FunctionDef | Reference]:
        """The functions, local or not, that callers pass as parameter `name`."""
        found: list[FunctionDef | Reference] = []
        for caller, passed in self._passed_as(key, name):
            match passed:
                case Name(id=function):
                    local = local_function(caller, function)
                    found += [local] if local is not None else []
                case Reference() as function if self._target(function) is not None:
                    found.append(function)
                case _:
                    pass
        return found

    def _passed_as(
        self, key: Key, name: str
    ) -> Iterator[tuple[FunctionDef | ClassDef, Expression]]:
        """What callers pass as parameter `name`, each with the definition that it stands in."""
        callee = self._functions.get(key)
        names = [p.name for p in callee.parameters] if callee is not None else []
        for caller, call in self._calls_of(key):
            for index, argument in enumerate(call.arguments):
                if name == (argument.keyword or (names[index] if index < len(names) else None)):
                    yield caller, argument.value

    def _calls_of(self, key: Key) -> list[tuple[FunctionDef | ClassDef, Call]]:
        """The calls of a function, each with the definition it stands in; all are found at once."""
        if self._calls is None:
            self._calls = {}
            for caller in self._definitions.values():
                for inner in walk(caller):
                    target = self._target(inner.function) if isinstance(inner, Call) else None
                    if target is not None and isinstance(inner, Call):
                        self._calls.setdefault(target, []).append((caller, inner))
        return self._calls.get(key, [])
