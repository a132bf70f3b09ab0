"""Arguments of a call against the parameters of a rule: closed world, fixed and dropped ones."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir.nodes import Argument, Constant, Expression, OpCall, Tuple
from ...rules.language.facts import Facts, Known, literal
from ...rules.language.functions import dtype_class
from ...rules.language.records import Alias, Parameter, Rule
from .model import RefusalError, Refused, Trail

LITERALS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool, int),
    "str": (str,),
}
LAYOUT = "data_format"
NUMERIC = ("integer", "floating", "complex_number")


def bind(
    rule: Rule, op: OpCall, facts: Facts, trail: Trail
) -> tuple[dict[str, Expression], dict[str, Expression]]:
    """Arguments given, and defaults of the others, by the rule's parameter names. Raises
    RefusalError.
    """
    rest, extra = variadic(rule, op)
    # An argument that another version of Keras has: the record says what becomes of it.
    older = {a.keyword: a.value for a in extra if a.keyword and rule.parameter(a.keyword)}
    refuse_extra(rule.symbol, tuple(a for a in extra if a.keyword not in older), rule.name)
    alias = next((a for a in rule.aliases if a.symbol == op.symbol), None)
    renames = dict(alias.renames) if alias else {}
    given: dict[str, Expression] = {}
    for name, value in (*op.bound.items(), *older.items()):
        parameter = rule.parameter(renames.get(name, name))
        if parameter is None:
            raise _refusal(
                rule, "TJ2003", f"the rule for `{op.symbol}` does not handle `{name}`", name
            )
        if _is_kept(rule, parameter, value, facts, trail):
            given[parameter.name] = value
    return given | rest, defaults(rule, given | rest, alias)


def variadic(rule: Rule, op: OpCall) -> tuple[dict[str, Expression], tuple[Argument, ...]]:
    """Surplus positional arguments as the list parameter that nothing else has filled:
    `einsum(equation, *inputs)`."""
    surplus = tuple(a.value for a in op.extra if not a.star and a.keyword is None)
    free = [p for p in rule.parameters if p.type.kind == "list" and p.name not in op.bound]
    starred = any(a.star == "*" for a in op.extra)
    if not surplus or not free or starred:
        return {}, op.extra
    return {free[0].name: Tuple(surplus)}, tuple(a for a in op.extra if a.keyword or a.star)


def defaults(
    rule: Rule, given: Mapping[str, Expression], alias: Alias | None = None
) -> dict[str, Expression]:
    """Defaults of the parameters that are not given. Raises RefusalError for a missing one."""
    own = dict(alias.defaults) if alias else {}
    found: dict[str, Expression] = {}
    for parameter in rule.parameters:
        if parameter.name in given:
            continue
        default = own.get(parameter.name, parameter.default)
        if default is None and parameter.type.kind not in ("Ignored", "Noted", "Fixed"):
            message = f"`{rule.symbol}` needs `{parameter.name}`"
            raise _refusal(rule, "TJ2006", message, parameter.name)
        if default is not None:
            found[parameter.name] = default
    return found


def refuse_extra(symbol: str, extra: tuple[Argument, ...], rule: str) -> None:
    """Raises RefusalError for arguments that `symbol` does not have; `rule`: the record that says
    so."""
    for argument in extra:
        if argument.star:
            code, message = "TJ2014", f"`{argument.star}` hides arguments of `{symbol}`"
        elif argument.keyword is None:
            code, message = "TJ2007", f"too many arguments for `{symbol}`"
        else:
            code, message = "TJ2002", f"`{symbol}` has no argument `{argument.keyword}`"
        raise RefusalError(Refused(code, message, argument=argument.keyword, rule=rule))


def _refusal(rule: Rule, code: str, message: str, argument: str | None) -> RefusalError:
    return RefusalError(Refused(code, message, argument=argument, rule=rule.name))


def _is_kept(
    rule: Rule, parameter: Parameter, value: Expression, facts: Facts, trail: Trail
) -> bool:
    """Whether the argument takes part in the translation. Raises RefusalError for a value that does
    not fit.
    """
    name = parameter.name
    match parameter.type.kind:
        case "Ignored":
            return False
        case "Noted":
            if not _is_default(parameter, value):
                trail.add("TJ6002", f"`{name}` of `{rule.symbol}` has no effect and is left out")
            return False
        case "Regularizer":
            if not (isinstance(value, Constant) and value.value is None):
                trail.add("TJ6004", f"`{name}` of `{rule.symbol}` is not applied")
            return False
        case "Fixed":
            _check_fixed(rule, parameter, value, facts, trail)
            return True
        case kind:
            found = literal(value)
            expected = LITERALS.get(kind)
            value_of = None if found is None else found.value
            if expected and value_of is not None and not isinstance(value_of, expected):
                message = f"`{name}` of `{rule.symbol}` is {value_of!r}, not {kind}"
                raise _refusal(rule, "TJ3003", message, name)
            return True


def _is_default(parameter: Parameter, value: Expression) -> bool:
    default = None if parameter.default is None else literal(parameter.default)
    found = literal(value)
    return default is not None and found is not None and default == found


def _check_fixed(
    rule: Rule, parameter: Parameter, value: Expression, facts: Facts, trail: Trail
) -> None:
    allowed = [known for e in parameter.type.values if (known := literal(e)) is not None]
    found = literal(value) or facts.constant(value)
    if found is not None and any(_equal(found, one) for one in allowed):
        return
    if found is None and parameter.name == LAYOUT and facts.is_static(value):
        # A configuration that code passes on: the other layout does not run on a CPU either.
        message = (
            f"`{parameter.name}` of `{rule.symbol}` is not known; channels are taken to be last"
        )
        trail.add("TJ6017", message)
        return
    texts = " or ".join(repr(one.value) for one in allowed)
    shown = repr(found.value) if found else "a value that is not known"
    message = f"`{parameter.name}` of `{rule.symbol}` is {shown}; only {texts} is supported"
    raise _refusal(rule, "TJ2013", message, parameter.name)


def _equal(left: Known, right: Known) -> bool:
    return type(left.value) is type(right.value) and left.value == right.value


def check_dtypes(rule: Rule, tensors: Mapping[str, Expression], facts: Facts) -> None:
    """The `where` clauses. Raises RefusalError for a dtype that is known and not covered."""
    for variable, words in rule.where:
        for parameter in (*rule.parameters, *rule.inputs):
            value = tensors.get(parameter.name)
            if value is None or parameter.type.dtype != variable:
                continue
            dtype = facts.dtype(value)
            if dtype is not None and not _admits(words, dtype):
                message = f"`{rule.symbol}` of {dtype} has no translation"
                raise _refusal(rule, "TJ3004", message, parameter.name)


def _admits(words: tuple[str, ...], dtype: str) -> bool:
    group = dtype_class(dtype)
    names = {dtype, group, group.removesuffix("_number"), "any"}
    if group in NUMERIC:
        names.add("numeric")
    if any(word.startswith("-") and word[1:] in names for word in words):
        return False
    return any(word in names for word in words if not word.startswith("-"))
