"""Classes that extend a layer of Keras hold that layer instead.

`class Scaled(Dense)` becomes a layer with an attribute `dense`: what it passes to the constructor
of `Dense` builds it, `super().call(x)` applies it, and `self.kernel` is the variable of the layer
it holds. What else the constructor would pass on (`**kwargs`) becomes parameters: those that the
calls in the project use. The same goes for classes that extend `Sequential`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Binary,
    Call,
    ClassDef,
    Conditional,
    Constant,
    Expression,
    ExpressionStatement,
    FunctionDef,
    Name,
    Node,
    OpCall,
    Parameter,
    Return,
    Statement,
    Symbol,
    Tuple,
    map_children,
    replace_node,
    walk,
)
from ....rules.language.records import Rule
from ..project import Finding, ModuleInput
from ..sites import attribute_hint, unique_name

if TYPE_CHECKING:
    from ....rules.api import Signature
from .layer_heirs import (
    CALLS,
    LEFT_OUT,
    attributes_of,
    calls_parent,
    heirs_of,
    is_star,
    literal,
    ordered,
    parent_init,
    parent_method,
    uses_of,
)
from .replaced_variables import without_replaced_variables

SEQUENTIAL = "keras.Sequential"


LAYER = "keras.Layer"


_MAIN = frozenset({"int", "float", "bool", "str", "Any", "Activation"})


_NORMALIZED = frozenset({"kernel_size", "strides", "dilation_rate", "pool_size"})


_RANKS = {"1D": 1, "2D": 2, "3D": 3}


@dataclass(frozen=True, slots=True)
class Base:
    """A layer that can be extended: its symbol, signature and rule."""

    symbol: str
    signature: Signature | None
    rule: Rule | None


def with_held_layers(
    modules: Mapping[str, ModuleInput],
    base_of: Callable[[str], Base | None],
    told: list[Finding],
) -> Mapping[str, ModuleInput]:
    """All modules; those without such a class are the same objects. `told` gets what to report."""
    result: dict[str, ModuleInput] = dict(modules)
    for name, module in modules.items():
        body = tuple(
            _class(modules, name, s, base_of, told) if isinstance(s, ClassDef) else s
            for s in module.tree.body
        )
        if any(a is not b for a, b in zip(body, module.tree.body, strict=True)):
            result[name] = replace(module, tree=replace_node(module.tree, body=body))
    return result


def _class(
    modules: Mapping[str, ModuleInput],
    module: str,
    node: ClassDef,
    base_of: Callable[[str], Base | None],
    told: list[Finding],
) -> ClassDef:
    for argument in node.bases:
        base = base_of(argument.value.path) if isinstance(argument.value, Symbol) else None
        if base is not None:
            holder = _Holder(modules, module, node, argument, base)
            if not holder.runs_call():
                return holder.converted()
            kept, found = without_replaced_variables(module, node, base.symbol, holder.weights)
            told += found
            return _Holder(modules, module, kept, argument, base).converted()
    return node


class _Holder:
    """One class on its way from extending a layer to holding it."""

    def __init__(
        self,
        modules: Mapping[str, ModuleInput],
        module: str,
        node: ClassDef,
        argument: Argument,
        base: Base,
    ) -> None:
        self.modules, self.module, self.node = modules, module, node
        self.argument, self.base = argument, base
        self.methods = {m.name: m for m in node.body if isinstance(m, FunctionDef)}
        self.family = [node, *heirs_of(modules, module, node.name)]
        self.owned = {n.attribute for c in self.family for n in walk(c) if isinstance(n, Attribute)}
        hint = "layers" if base.symbol == SEQUENTIAL else attribute_hint(base.symbol, None)
        self.attribute = unique_name(hint, self.owned | {*self.methods})
        self.weights = (
            {w.source for w in base.rule.weights} if base.rule is not None else set[str]()
        )
        own_build = self.methods.get("build")
        self.holds = own_build is None or calls_parent(self.family, ("build", *CALLS))

    def runs_call(self) -> bool:
        """Whether the layer's own `call` runs."""
        has_call = any(name in self.methods for name in CALLS)
        return not has_call or calls_parent(self.family, CALLS)

    def converted(self) -> ClassDef:
        init = self.methods.get("__init__")
        made = self._init(init)
        members: list[Statement] = []
        for member in self.node.body:
            if member is init:
                members.append(made)
            elif isinstance(member, FunctionDef):
                members.append(self._method(member))
            else:
                members.append(member)
        if init is None:
            documented = isinstance(members[0], ExpressionStatement) if members else False
            members.insert(1 if documented else 0, made)
        members += self._missing()
        bases = tuple(
            replace_node(b, value=Symbol(LAYER)) if b is self.argument else b
            for b in self.node.bases
        )
        return replace_node(self.node, bases=bases, body=tuple(members))

    # -- the constructor

    def _init(self, init: FunctionDef | None) -> FunctionDef:
        own = Name(init.parameters[0].name if init is not None and init.parameters else "self")
        if init is None:
            star = (Argument(Name("args"), star="*"), Argument(Name("kwargs"), star="**"))
            extra = self._passed_on(star, "args", "kwargs", set())
            own_parameters = (Parameter("self"), *ordered([], extra))
            body = tuple(self._built(own, tuple(Argument(Name(p.name), p.name) for p in extra)))
            return FunctionDef("__init__", own_parameters, body)
        varargs = next((p.name for p in init.parameters if p.kind == "varargs"), "")
        kwargs = next((p.name for p in init.parameters if p.kind == "kwargs"), "")
        taken = {p.name for p in init.parameters}
        extra: list[Parameter] = []
        found = False

        def statements(body: tuple[Statement, ...]) -> tuple[Statement, ...]:
            nonlocal extra, found
            result: list[Statement] = []
            for statement in body:
                given = parent_init(statement, self.base.symbol)
                if given is None:
                    result.append(statement)
                    continue
                found = True
                extra = self._passed_on(given, varargs, kwargs, taken)
                kept = tuple(a for a in given if not is_star(a, varargs, kwargs))
                added = tuple(Argument(Name(p.name), p.name) for p in extra)
                result += self._built(own, (*kept, *added), statement)
            return tuple(result)

        body = statements(init.body)
        if not found:
            return self._method(init)
        first = [p for p in extra if p.kind == "positional" and p.default is None]
        rest = [p for p in extra if p not in first]
        parameters: list[Parameter] = []
        for parameter in init.parameters:
            if parameter.kind == "varargs":
                # After a default, a parameter without one can only be a keyword.
                if not any(p.default is not None for p in parameters):
                    parameters += first
                    first = []
            else:
                parameters.append(parameter)
        parameters = ordered(parameters, [*first, *rest])
        new = replace_node(init, parameters=tuple(parameters), body=body)
        return self._method(new)

    def _built(
        self, own: Name, arguments: tuple[Argument, ...], source: Statement | None = None
    ) -> list[Statement]:
        """`self.dense = Dense(...)`, and the configuration that methods read."""
        bound, extra = self._bind(arguments)
        made: list[Statement] = []
        if self.holds:
            code = OpCall(self.base.symbol, bound, extra, Symbol(self.base.symbol))
            span = source.span if source is not None else None
            made.append(Assign((Attribute(own, self.attribute),), code, span=span))
        return [*made, *self._configuration(own, bound)]

    def _configuration(self, own: Name, bound: dict[str, Expression]) -> list[Statement]:
        if self.base.signature is None:
            return []
        read = set(attributes_of(self.family, loads=True)) - set(
            attributes_of(self.family, loads=False)
        )
        result: list[Statement] = []
        for parameter in self.base.signature:
            if parameter.name not in read or parameter.name in LEFT_OUT | self.weights:
                continue
            value = bound.get(parameter.name)
            if value is None and parameter.has_literal_default:
                value = literal(parameter.literal_default())
            if value is not None:
                code = self._normalized(parameter.name, value)
                result.append(Assign((Attribute(own, parameter.name),), code))
        return result

    def _normalized(self, name: str, value: Expression) -> Expression:
        """The attribute that Keras makes of an argument."""
        rank = _RANKS.get(self.base.symbol[-2:])
        if name == "activation":
            return OpCall("keras.activations.get", {"identifier": value}, (), Symbol(""))
        if name.endswith("_initializer"):
            return OpCall("keras.initializers.get", {"identifier": value}, (), Symbol(""))
        if name == "padding" and not isinstance(value, Constant):
            return Call(Attribute(value, "lower"), ())
        if name not in _NORMALIZED or rank is None or isinstance(value, Tuple):
            return value
        if isinstance(value, Constant):
            return Tuple((value,) * rank) if isinstance(value.value, int) else value
        test = Call(Name("isinstance"), (Argument(value), Argument(Name("int"))))
        repeated = Binary("*", Tuple((value,)), Constant(rank))
        return Conditional(test, repeated, Call(Name("tuple"), (Argument(value),)))

    def _bind(
        self, arguments: tuple[Argument, ...]
    ) -> tuple[dict[str, Expression], tuple[Argument, ...]]:
        names = [p.name for p in self.base.signature.positional] if self.base.signature else []
        known = set(self.base.signature.names) if self.base.signature else set[str]()
        bound: dict[str, Expression] = {}
        extra: list[Argument] = []
        position = 0
        for argument in arguments:
            if argument.star or (argument.keyword is not None and argument.keyword not in known):
                extra.append(argument)
            elif argument.keyword is not None:
                bound[argument.keyword] = argument.value
            elif position < len(names):
                bound[names[position]] = argument.value
                position += 1
            else:
                extra.append(argument)
        return bound, tuple(extra)

    def _passed_on(
        self, given: tuple[Argument, ...], varargs: str, kwargs: str, taken: set[str]
    ) -> list[Parameter]:
        """What `*args` and `**kwargs` bring to the constructor of the layer, as parameters."""
        signature = self.base.signature
        starred = [a for a in given if is_star(a, varargs, kwargs)]
        if signature is None or not starred:
            return []
        plain = tuple(a for a in given if not a.star)
        bound, _ = self._bind(plain)
        uses = uses_of(self.modules, self.module, self.node.name)
        names = list(uses.keywords)
        if any(a.star == "*" for a in starred):
            before = sum(a.keyword is None for a in plain)
            names += [p.name for p in signature.positional[before : before + uses.positional]]
        wanted: list[Parameter] = []
        for parameter in signature:
            name = parameter.name
            if name in bound or name in taken or name in LEFT_OUT or parameter.is_variadic:
                continue
            is_main = not uses.found or uses.hidden
            typed = self.base.rule.parameter(name) if self.base.rule is not None else None
            is_main = is_main and typed is not None and typed.type.kind in _MAIN
            if not (parameter.required or name in names or is_main):
                continue
            if parameter.required:
                wanted.append(Parameter(name))
            elif parameter.has_literal_default:
                wanted.append(Parameter(name, default=literal(parameter.literal_default())))
        return wanted

    # -- methods

    def _method(self, method: FunctionDef) -> FunctionDef:
        """Calls of the parent's methods are calls of the layer, its variables are the layer's."""
        if not method.parameters or not self.holds:
            return method
        own = method.parameters[0].name
        held = Attribute(Name(own), self.attribute)
        stored = set(attributes_of(self.family, loads=False))
        config = self.methods.get("get_config")
        is_sequential = self.base.symbol == SEQUENTIAL and "add" not in self.methods

        def visit(node: Node) -> Node:
            match node:
                case Call(function=function) if (name := parent_method(function)) is not None:
                    inner = map_children(node, visit)
                    assert isinstance(inner, Call)
                    if name in CALLS:
                        return replace_node(inner, function=held)
                    if name == "build" or (name == "add" and self.base.symbol == SEQUENTIAL):
                        return replace_node(inner, function=Attribute(held, name))
                    return inner
                case Call(
                    function=Attribute(value=Name(id=owner), attribute="add") as function
                ) if owner == own and is_sequential:
                    inner = map_children(node, visit)
                    return replace_node(inner, function=replace_node(function, value=held))
                case Attribute(value=Name(id=owner), attribute=name) if (
                    owner == own and name in self.weights and name not in stored
                ):
                    return replace_node(node, value=held)
                case _:
                    return map_children(node, visit)

        if method is config:
            return method
        result = visit(method)
        assert isinstance(result, FunctionDef)
        return result

    def _missing(self) -> list[Statement]:
        """The methods of the layer that the class does not replace."""
        if not self.holds:
            return []
        own, held = Name("self"), Attribute(Name("self"), self.attribute)
        made: list[Statement] = []
        applied = calls_parent(self.family, CALLS)
        has_call = any(name in self.methods for name in CALLS)
        if "build" not in self.methods and has_call and not applied and self.weights:
            shape = Name("input_shape")
            build = ExpressionStatement(Call(Attribute(held, "build"), (Argument(shape),)))
            made.append(FunctionDef("build", (Parameter(own.id), Parameter(shape.id)), (build,)))
        if not has_call:
            inputs = Parameter("inputs")
            parameters = [Parameter(own.id), inputs]
            arguments = [Argument(Name(inputs.name))]
            is_model = self.base.rule is None
            if is_model or (self.base.rule is not None and self.base.rule.mode is not None):
                parameters.append(Parameter("training", default=Constant(None)))
                arguments.append(Argument(Name("training"), "training"))
            body = (Return(Call(held, tuple(arguments))),)
            made.append(FunctionDef("call", tuple(parameters), body))
        return made
