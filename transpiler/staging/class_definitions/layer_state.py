"""State of layer classes: weights made by hand, constructor calls in `__init__`, sizes chained
through lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....ir.dims import Dim, from_expression
from ....ir.nodes import (
    AnnotatedAssign,
    Argument,
    Assign,
    Attribute,
    Call,
    Comprehension,
    Constant,
    Expression,
    ExpressionStatement,
    For,
    Lambda,
    List,
    Name,
    Node,
    OpCall,
    Parameter,
    Statement,
    Subscript,
    Symbol,
    map_children,
    replace_node,
    walk,
)
from ....rules.language.records import Weight as RuleWeight
from ...shapes.shapes import UNKNOWN, Shape
from .. import rule_calls
from ..calling.graph_calls import declared_shape
from ..chosen_layers import by_name
from ..evaluation.expressions import evaluate
from ..frame import Frame, Result
from ..function_definitions import makers
from ..nodes import BuilderCall, Pending
from ..rule_calls import rewrite
from ..sites import (
    ByNameTarget,
    ChoiceTarget,
    DistributedTarget,
    FactoryTarget,
    LayerTarget,
    ListedTarget,
    ParameterTarget,
    PlanTarget,
    SequentialTarget,
    Site,
)
from ..values import Sequence, Tensor, Weight
from .list_lengths import with_filled_lists

if TYPE_CHECKING:
    from ..plans import Plan
    from ..program import Program

_COLLECTIONS = ("weights", "variables", "trainable_weights", "trainable_variables")

ADD_WEIGHT = "keras.Layer.add_weight"


def add_weight(frame: Frame, node: Call) -> Result:
    """`self.add_weight(...)` through its rule; bound by the signature of the flavour."""
    program = frame.program
    keras2 = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint")
    keras3 = (
        "shape",
        "initializer",
        "dtype",
        "trainable",
        "autocast",
        "regularizer",
        "constraint",
        "aggregation",
    )
    order = keras2 if program.is_keras2 else (*keras3, "overwrite_with_gradient", "name")
    bound: dict[str, Expression] = {}
    extra: list[Argument] = []
    shape = UNKNOWN
    for index, argument in enumerate(node.arguments):
        name = argument.keyword or (
            order[index] if index < len(order) and not argument.star else None
        )
        if name is None:
            extra.append(argument)
            continue
        result = evaluate(frame, argument.value)
        if name == "shape":
            shape = declared_shape(result.value, result.static, batch=False)
            result = Result(result.value, result.static or result.dynamic, result.static)
        bound[name] = result.static or result.dynamic
    code = rewrite(frame, OpCall(ADD_WEIGHT, bound, tuple(extra), node.function, span=node.span))
    program.uses_rngs(frame)
    return Result(Weight(shape, "float32"), code, code)


def is_weight(frame: Frame, name: str, site: Site) -> bool:
    """Whether a layer of Keras has a variable of this name."""
    return (
        name in _COLLECTIONS
        or name in ("kernel", "bias", "embeddings")
        or name in _weights(frame, site)
    )


def _weights(frame: Frame, site: Site) -> dict[str, list[RuleWeight]]:
    match site.target:
        case LayerTarget(static=op):
            record = frame.program.bridge.record(op)
        case _:
            return {}
    found: dict[str, list[RuleWeight]] = {}
    for weight in record.weights if record is not None else ():
        found.setdefault(weight.source, []).append(weight)
    return found


def weight_of_layer(frame: Frame, node: Attribute, dynamic: Expression, site: Site) -> Result:
    """`layer.kernel`: the variable of the Flax layer that holds it."""
    if not isinstance(dynamic, Attribute):
        return Result(Tensor(), dynamic, None)
    if node.attribute in _COLLECTIONS:
        return _all_weights(frame, node, dynamic, site)
    lines = _weights(frame, site).get(node.attribute, ())
    if any(line.steps for line in lines):
        symbol = site.target.static.symbol if isinstance(site.target, LayerTarget) else ""
        code = frame.program.unhandled(
            frame,
            node,
            "TJ5004",
            f"`{node.attribute}` of `{symbol}` has another layout in Flax",
            "compute with the variable of the Flax layer",
            node.span,
        )
        return Result(Tensor(), code, None)
    code = dynamic.value
    for part in (lines[0].target if lines else node.attribute).split("."):
        code = Attribute(code, part)
    shape = _weight_shape(site, lines[0]) if lines else UNKNOWN
    return Result(Weight(shape), Subscript(code, Constant(...)), None)


def _all_weights(frame: Frame, node: Attribute, dynamic: Attribute, site: Site) -> Result:
    """`layer.weights`: the list of the variables, in the order in which Keras makes them."""
    known = site.details.get("weights")
    names: list[str] | None = None
    if known is not None:
        names = [w.source for w in known]
        names = None if any(w.condition is not None for w in known) else names
    elif isinstance(site.target, LayerTarget):
        lines = [w for ws in _weights(frame, site).values() for w in ws]
        names = [w.source for w in lines]
        names = None if any(w.guard is not None for w in lines) else names
    if node.attribute.startswith("trainable") and names is not None:
        names = [n for n in names if not n.startswith("moving_")]
    if not names:
        code = frame.program.unhandled(
            frame,
            node,
            "TJ2017",
            f"which variables `{node.attribute}` holds here is not known",
            "name the variables, like `layer.kernel`",
            node.span,
        )
        return Result(Tensor(), code, None)
    parts = [replace_node(dynamic, attribute=name) for name in names]
    found = [weight_of_layer(frame, part, part, site) for part in parts]
    for variable in found:
        frame.program.facts.record(variable.dynamic, variable.value)
    value = Sequence("list", tuple(r.value for r in found))
    return Result(value, List(tuple(r.dynamic for r in found)), None)


def _weight_shape(site: Site, weight: RuleWeight) -> Shape:
    """The sizes of a variable that the configuration of its layer tells."""
    if weight.source_shape is None or not isinstance(site.target, LayerTarget):
        return UNKNOWN
    bound = site.target.static.bound
    names = [name.strip() for name in weight.source_shape.strip("[]").split(",")]
    codes = [bound.get(name) for name in names]
    return Shape(tuple(None if c is None else from_expression(c) for c in codes))


# ------------------------------------------------------------------------------------- constructors


def filled(program: Program, frame: Frame, plan: Plan, body: list[Statement]) -> list[Statement]:
    """Constructor calls in place of `Pending`; attributes of layers without state are dropped where
    the call is inline."""
    result: list[Statement] = []
    for statement in body:
        if _is_inlined(statement):
            program.translated(
                frame,
                statement.span,
                "inlined",
                "moved",
                "a layer without state, applied in __call__",
            )
            continue
        if _is_never_called(program, plan, statement):
            message = "a layer that nothing calls is dropped: Keras gives it no weights"
            program.note(frame, "TJ6002", message, statement.span)
            program.translated(frame, statement.span, "uncalled", "dropped", "never called")
            continue
        result.append(_fill(program, frame, statement))
    return with_filled_lists(program, frame, result)


def _is_never_called(program: Program, plan: Plan, statement: Statement) -> bool:
    """Whether this keeps a layer with weights that no code of the project reads, so that nothing
    tells its input sizes."""
    match statement:
        case Assign(targets=(Attribute(attribute=name),), value=Pending(site=site)):
            pass
        case _:
            return False
    target = site.target
    if not isinstance(target, LayerTarget) or site.applications or "construct" in site.details:
        return False
    if plan.kind != "layer" or not program.bridge.has_weights(target.static):
        return False
    return name not in program.attributes_read


def _is_inlined(statement: Statement) -> bool:
    match statement:
        case Assign(targets=(Attribute(),), value=Pending(site=site)):
            return (
                isinstance(site.target, LayerTarget)
                and site.applications > 0
                and site.details.get("construct") is None
                and not site.details.get("callable")
            )
        case _:
            return False


def _fill(program: Program, frame: Frame, statement: Statement) -> Statement:
    def visit(node: Node) -> Node:
        if isinstance(node, Pending):
            return visit(constructor(program, frame, node.site))
        if isinstance(node, BuilderCall):
            from ..function_definitions.builders import call_code

            return visit(call_code(program, frame, node.made))
        return map_children(node, visit)

    new = visit(statement)
    assert isinstance(new, Statement)
    return new


def constructor(program: Program, frame: Frame, site: Site) -> Expression:
    """The constructor call of a site; of a layer without state, the function it is; of one never
    applied, as far as its sizes are known without an input."""
    found = site.details.get("construct")
    if isinstance(found, Expression):
        return found
    match site.target:
        case LayerTarget() as target:
            return _unapplied_layer(program, frame, site, target)
        case PlanTarget(plan=plan) as target:
            sizes = tuple(
                Argument(
                    program.unknown_size(frame, Constant(None, span=site.span), plan.name, s.name)
                )
                for s in plan.sizes
                if not s.optional
            )
            return makers.constructor_call(frame, target, sizes)
        case SequentialTarget(sites=sites, named=named):
            elements = tuple(
                Argument(
                    named.get(s) or constructor(program, frame, s) if isinstance(s, Site) else s
                )
                for s in sites
                if not (isinstance(s, Site) and "input" in s.details)
            )
            return Call(Symbol("flax.nnx.Sequential"), elements)
        case ParameterTarget(static=static):
            return static
        case FactoryTarget() as target:
            from ..chosen_layers import layer_factories

            return layer_factories.unapplied(frame, site, target)
        case ByNameTarget() as target:
            return by_name.unapplied(frame, target)
        case DistributedTarget(inner=inner):
            return constructor(program, frame, inner)
        case ChoiceTarget(then=then, otherwise=otherwise) as target:
            return target.construct(
                constructor(program, frame, then), constructor(program, frame, otherwise)
            )
        case ListedTarget():
            raise AssertionError("a layer of a list is built where it is applied")


def _unapplied_layer(program: Program, frame: Frame, site: Site, target: LayerTarget) -> Expression:
    x = Name("x")
    program.facts.record(x, Tensor())
    was_stored, site.stored = site.stored, True
    applied = rule_calls.apply_layer(frame, site, target, [Result(Tensor(), x, None)], {})
    site.stored = was_stored
    if applied is None:
        return rule_calls.unhandled_call(
            frame, target.static, Call(target.static, (), span=site.span)
        )
    if applied.construct is not None:
        return applied.construct
    return as_function(applied.code(None))


def as_function(code: Expression) -> Expression:
    match code:
        case Call(
            function=function, arguments=(Argument(value=Name(id="x"), keyword=None, star=""),)
        ):
            if not any(isinstance(n, Name) and n.id == "x" for n in walk(function)):
                return function
        case _:
            pass
    return Lambda((Parameter("x"),), code)


# ------------------------------------------------------------------------------------------- chains


def with_chains(body: list[Statement]) -> list[Statement]:
    """Where each module of a list is fed by the one before, a variable carries the size from one to
    the next."""
    result: list[Statement] = []
    for statement in body:
        chain = _chain_of(statement)
        if chain is None:
            result.append(statement)
            continue
        shadow, entry, end = chain
        result.append(Assign((Name(shadow),), entry.to_expression()))
        update = Assign((Name(shadow),), end.to_expression())
        match statement:
            case For():
                result.append(_with_update(statement, update))
            case (
                Assign(targets=(target,), value=Expression() as value)
                | AnnotatedAssign(target=target, value=Expression() as value)
            ):
                result.extend(_as_loop(statement, target, value, update))
            case _:
                result.append(statement)
    return result


def _with_update(loop: For, update: Statement) -> For:
    """The loop with the update after the module has been made, in the innermost loop there."""
    body = list(loop.body)
    for index, statement in enumerate(body):
        if isinstance(statement, For) and _chain_of(statement) is not None:
            body[index] = _with_update(statement, update)
            return replace_node(loop, body=tuple(body))
    return replace_node(loop, body=(*body, update))


def _chain_of(statement: Statement) -> tuple[str, Dim, Dim] | None:
    for node in walk(statement):
        if isinstance(node, Pending) and "chain" in node.site.details:
            chain = node.site.details["chain"]
            construct = node.site.details.get("construct")
            if not isinstance(construct, Expression) or _reads(construct, chain[0]):
                return chain
        if isinstance(node, BuilderCall) and node.made.chain is not None:
            return node.made.chain
    return None


def _reads(code: Expression, name: str) -> bool:
    return any(isinstance(n, Name) and n.id == name for n in walk(code))


def _as_loop(
    statement: Assign | AnnotatedAssign, target: Expression, value: Expression, update: Statement
) -> list[Statement]:
    """`self.layers = nnx.List([make(n) for n in sizes])` as a loop that can carry a size."""
    for node in walk(value):
        match node:
            case Comprehension(kind="list", element=element, generators=(generator,)) if (
                not generator.conditions
            ):
                append = ExpressionStatement(
                    Call(Attribute(target, "append"), (Argument(element),))
                )
                start = replace_node(
                    statement, value=Call(Symbol("flax.nnx.List"), (Argument(List(())),))
                )
                return [start, For(generator.target, generator.iterable, (append, update), ())]
            case _:
                pass
    return [statement]
