"""One application of one record: substitutes metavariables, folds what is known, leaves out
defaults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from ...ir.keys import same
from ...ir.nodes import (
    Argument,
    Binary,
    Boolean,
    Call,
    Compare,
    Conditional,
    Constant,
    Expression,
    Lambda,
    List,
    Name,
    Node,
    Subscript,
    Symbol,
    Tuple,
    Unary,
    map_children,
    replace_node,
    walk,
)
from ...rules.language.facts import Facts, Known, is_simple, literal
from ...rules.language.functions import FUNCTIONS
from ...rules.language.records import Choice, Rule, function_name, variable_name
from ...rules.language.ruleset import RuleSet
from . import constants
from .known import is_never_none, known
from .model import RefusalError, Refused, Trail

TAKES_LISTS = frozenset(
    f"{package}.{name}"
    for package in ("jax.numpy", "numpy")
    for name in ("asarray", "array", "stack", "concatenate", "hstack", "vstack", "dstack")
)

Objects = Callable[["Application", str, Expression], Expression]


@dataclass(slots=True)
class Application:
    """A context for templates of `rule`.

    `given` are arguments by the rule's parameter names, `defaults` the other parameters;
    `shown` replaces what is
    printed for a parameter (a captured attribute, a bound name) while `given` still answers what is
    known of it. `extras` are the metavariables that the compiler supplies (`rngs`, `self`, sizes).
    """

    rule: Rule
    rules: RuleSet
    facts: Facts
    given: Mapping[str, Expression]
    defaults: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    shown: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    extras: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    sizes: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    trail: Trail = field(default_factory=Trail)
    uses: Counter[str] = field(default_factory=Counter[str])
    mode: tuple[str, Expression] | None = None
    objects: Objects | None = None
    # parameters that a template takes as sequences, since its guard asks for one
    unpacked: set[str] = field(default_factory=set[str])

    # -- the Context of rules/language/functions.py

    def known(self, e: Expression) -> Known | None:
        return known(self, e)

    def value_of(self, name: str) -> Known | None:
        value = self.given.get(name)
        if value is not None:
            return literal(value) or self.facts.constant(value)
        value = self.defaults.get(name, self.extras.get(name, self.sizes.get(name)))
        return None if value is None else literal(value)

    def source(self, e: Expression) -> Expression | None:
        name = variable_name(e)
        if name is None:
            return e if isinstance(e, Constant) else None
        return self.given.get(name) or self.defaults.get(name) or self.extras.get(name)

    def is_given(self, e: Expression) -> bool:
        return variable_name(e) in self.given

    def size(self, name: str) -> Expression | None:
        return self.sizes.get(name)

    def activation(self, e: Expression) -> Expression:
        return self._object("Activation", e)

    def initializer(self, e: Expression) -> Expression:
        return self._object("Init", e)

    def dtype(self, e: Expression) -> Expression:
        return self._object("DType", e)

    def layer(self, e: Expression) -> Expression:
        return self._object("Layer", e)

    def refuse(self, code: str, message: str, argument: str | None = None) -> RefusalError:
        return RefusalError(Refused(code, message, argument=argument, rule=self.rule.name))

    # -- building

    def _object(self, kind: str, e: Expression) -> Expression:
        name = variable_name(e)
        if name is not None and name in self.shown:
            return self.shown[name]
        source = self.source(e)
        if self.objects is None:
            raise self.refuse("TJ9001", f"no resolver for {kind}")
        return self.objects(self, kind, source if source is not None else self.build(e))

    def holds(self, guard: Expression | None) -> bool:
        """Whether a guard is known to hold."""
        if guard is None:
            return True
        found = self.known(guard)
        return found is not None and bool(found.value)

    def choose(self, choices: Iterable[Choice]) -> Expression | None:
        """The first choice whose guard is known to hold."""
        for choice in choices:
            if self.holds(choice.guard):
                self.unpacked.update(_sequences(choice.guard))
                return choice.body
        return None

    def build(self, e: Expression) -> Expression:
        """The target expression of template `e`. Raises RefusalError."""
        match e:
            case Name():
                name = variable_name(e)
                return Name(e.id) if name is None else self._variable(name)
            case Call():
                return self._call(e)
            case Conditional(test=test, then=then, otherwise=otherwise):
                found = self.known(test)
                if found is not None:
                    return self.build(then if found.value else otherwise)
            case Boolean():
                return self._boolean(e)
            case Binary(operator=operator, left=left, right=right):
                return self._binary(Binary(operator, self.build(left), self.build(right)))
            case Unary(operator="not", operand=operand):
                found = self.known(operand)
                if found is not None:
                    return Constant(not found.value)
            case Compare():
                found = self.known(e)
                if found is not None:
                    return Constant(bool(found.value))
            case Subscript(value=value, index=index):
                return _subscript(self.build(value), self.build(index))
            case _:
                pass
        built = map_children(e, self._child)
        return replace_node(built) if built is e else built  # templates are shared, trees are not

    def _child(self, node: Node) -> Node:
        if isinstance(node, Expression):
            return self.build(node)
        return map_children(node, self._child)

    def _variable(self, name: str) -> Expression:
        self.uses[name] += 1
        if name in self.shown:
            return self.shown[name]
        value = self.given.get(name, self.extras.get(name, self.sizes.get(name)))
        if value is None and name in self.defaults:
            value = self.build(self.defaults[name])
        if value is None:
            raise self.refuse("TJ4001", f"the size `{name}` of `{self.rule.symbol}` is not known")
        parameter = self.rule.parameter(name)
        kind = parameter.type.kind if parameter else ""
        if kind == "Tensor" and name not in self.unpacked and self._is_sequence(value):
            return _as_array(value, self.facts)
        if kind in ("Activation", "Init", "DType") and self.objects is not None:
            return self.objects(self, kind, value)
        return value

    def _is_sequence(self, value: Expression) -> bool:
        """TensorFlow packs lists of tensors and numbers; functions of JAX take arrays only."""
        return isinstance(value, List | Tuple) or self.facts.python_type(value) in (list, tuple)

    def _argument(self, function: Expression, e: Expression) -> Expression:
        """An argument of a function; those that take lists get them as they are."""
        name = variable_name(e)
        value = self.given.get(name) if name is not None else None
        if value is None or name in self.shown or not self._is_sequence(value):
            return self.build(e)
        path = function.path if isinstance(function, Symbol) else None
        if path not in TAKES_LISTS:
            return self.build(e)
        self.uses[name or ""] += 1
        return value

    def _call(self, e: Call) -> Expression:
        name = function_name(e.function)
        if name is not None:
            build = FUNCTIONS[name].build
            found = FUNCTIONS[name].known(self, [a.value for a in e.arguments])
            if build is None:
                if found is None:
                    raise self.refuse("TJ3006", f"`{name}` is not known here")
                return Constant(found.value)
            return build(self, [a.value for a in e.arguments])
        if isinstance(e.function, Name) and e.function.id == "len":
            found = self.known(e)
            if found is not None:
                return Constant(found.value)
        function = self.build(e.function)
        arguments: list[Argument] = []
        for argument in e.arguments:
            value = self._argument(function, argument.value)
            if argument.star == "*" and isinstance(value, (Tuple, List)):
                arguments += [Argument(element) for element in value.elements]
            elif not self._is_default(function, argument, value):
                arguments.append(Argument(value, argument.keyword, argument.star))
        if self.mode is not None and variable_name(e.function) == "self":
            arguments.append(Argument(self.mode[1], self.mode[0]))
        if isinstance(function, Lambda) and len(arguments) == len(function.parameters) == 1:
            return apply_lambda(function, arguments[0].value)
        return Call(function, tuple(arguments))

    def _is_default(self, function: Expression, argument: Argument, value: Expression) -> bool:
        if argument.keyword is None or not isinstance(function, Symbol):
            return False
        default = self.rules.target_default(function.path, argument.keyword)
        return default is not None and same(default, value)

    def _boolean(self, e: Boolean) -> Expression:
        """Operands before the last that are known and do not decide are left out."""
        decides = e.operator == "or"
        left: list[Expression] = []
        for operand in e.operands:
            found = self.known(operand)
            is_last = operand is e.operands[-1]
            if found is None or is_last or bool(found.value) == decides:
                left.append(self.build(operand))
            if found is not None and bool(found.value) == decides:
                break
        return left[0] if len(left) == 1 else Boolean(e.operator, tuple(left))

    def _binary(self, e: Binary) -> Expression:
        folded = _tuple_arithmetic(e)
        if folded is not None:
            return folded
        left, right = literal(e.left), literal(e.right)
        if left is not None and right is not None:
            found = constants.binary(e.operator, left.value, right.value)
            if found is not None and constants.reads_well(found.value):
                return Constant(found.value)
        return e


def _sequences(guard: Expression | None) -> set[str]:
    """The parameters that a guard which holds says to be sequences."""
    match guard:
        case Boolean(operator="and", operands=operands):
            return set[str]().union(*map(_sequences, operands))
        case Call(function=function, arguments=(argument,)) if (
            function_name(function) == "is_sequence"
        ):
            name = variable_name(argument.value)
            return set() if name is None else {name}
        case _:
            return set()


def _as_array(value: Expression, facts: Facts) -> Expression:
    elements = value.elements if isinstance(value, List | Tuple) else ()
    arrays = bool(elements) and all(facts.python_type(e) is object for e in elements)
    function = "jax.numpy.stack" if arrays else "jax.numpy.asarray"
    return Call(Symbol(function), (Argument(value),))


def _tuple_arithmetic(e: Binary) -> Expression | None:
    """`(a,) + (b,)` is `(a, b)`, and `(0,) * 2` is `(0, 0)`."""
    left, right = e.left, e.right
    if isinstance(left, Tuple) and isinstance(right, Tuple) and e.operator == "+":
        return Tuple((*left.elements, *right.elements))
    if isinstance(left, Tuple) and isinstance(right, Constant) and e.operator == "*":
        few = isinstance(right.value, int) and 0 < right.value * len(left.elements) <= 16
        if few and all(is_simple(element) for element in left.elements):
            return Tuple(left.elements * right.value)
    return None


def _subscript(value: Expression, index: Expression) -> Expression:
    """`(a, b)[1]` is `b`."""
    found = literal(index)
    number = None if found is None else found.value
    if isinstance(value, (Tuple, List)) and isinstance(number, int):
        count = len(value.elements)
        if -count <= number < count:
            return value.elements[number]
    return Subscript(value, index)


def copy_tree(e: Expression) -> Expression:
    """New nodes all through, for an expression that belongs to a rule."""

    def visit(node: Node) -> Node:
        new = map_children(node, visit)
        return replace_node(new) if new is node else new

    return cast(Expression, visit(e))


def apply_lambda(function: Lambda, argument: Expression) -> Expression:
    """The body with the parameter replaced, if it is used at most once or costs nothing; else a
    call.
    """
    name = function.parameters[0].name
    count = sum(isinstance(n, Name) and n.id == name for n in walk(function.body))
    if count > 1 and not is_simple(argument):
        return Call(function, (Argument(argument),))

    def visit(node: Node) -> Node:
        if isinstance(node, Name) and node.id == name:
            return argument
        return map_children(node, visit)

    return cast(Expression, visit(function.body))


__all__ = ["Application", "apply_lambda", "copy_tree", "is_never_none"]
