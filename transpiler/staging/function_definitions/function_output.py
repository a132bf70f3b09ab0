"""The statements that a translated function consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    ClassDef,
    Constant,
    FunctionDef,
    Name,
    Parameter,
    Pass,
    Statement,
    Symbol,
    replace_node,
)
from ..frame import Frame
from ..plans import Plan, SizeParameter
from ..slices.assigned import surely_assigned
from ..slices.finishing import Finished
from ..uses.asked_sizes import size_parameters
from ..uses.exports import size_names, sizes_code
from .kept import kept_where_assigned

if TYPE_CHECKING:
    from ..program import Program
from .body_names import assigned_names, own_names
from .plain_functions import rebuilt_function

MODULE_BASE = Symbol("flax.nnx.Module")


RNGS = Parameter("rngs", "keyword_only", None, Symbol("flax.nnx.Rngs"))


def class_statement(program: Program, plan: Plan) -> ClassDef:
    """The module class of a finished plan."""
    from ..values_at_rest import translate_annotation, translate_parameters

    parts = cast("tuple[Frame, Finished, Statement | None]", plan.details["class"])
    frame, finished, docstring = parts
    init = list(finished.init)
    assigned = assigned_names(init)
    early = [n for n in finished.stored if n not in assigned]
    late = [n for n in finished.stored if n in assigned]
    init, kept_there = kept_where_assigned(
        init, [n for n in late if n not in size_names(plan.result)]
    )
    late = [n for n in late if n not in kept_there]

    def keep(name: str) -> Statement:
        return Assign((Attribute(Name("self"), name),), Name(name))

    unset = [n for n in late if n not in own_names(plan) | surely_assigned(init)]
    start = [Assign((Name(n),), Constant(None)) for n in unset]
    init = [*(keep(n) for n in early), *start, *init, *(keep(n) for n in late)]
    if plan.exports_size or plan.escapes:
        sizes = sizes_code(plan.result)
        if sizes is not None:
            init.append(Assign((Attribute(Name("self"), "out_features"),), sizes))
    translated = translate_parameters(program, frame, tuple(plan.parameters))
    plain = [p for p in translated if p.kind in ("positional", "positional_only")]
    variadic = [p for p in translated if p.kind == "varargs"]
    keywords = [p for p in translated if p.kind == "keyword_only"]
    rest = [p for p in translated if p.kind == "kwargs"]
    if plan.escapes and not plan.sizes:
        plan.sizes.append(SizeParameter("in_features", "", -1))
    sizes, optional = size_parameters(plan)
    rngs = [RNGS] if plan.needs_rngs or plan.escapes else []
    body: list[Statement] = []
    if docstring is not None:
        body.append(docstring)
    parameters = (Parameter("self"), *sizes, *plain, *variadic, *keywords, *optional, *rngs, *rest)
    if init or plan.needs_rngs or plain:
        body.append(FunctionDef("__init__", parameters, tuple(init) or (Pass(),)))
    tensors = tuple(
        replace_node(
            t,
            annotation=None
            if t.annotation is None
            else translate_annotation(program, frame, t.annotation),
            span=None,
        )
        for t in plan.tensors
    )
    body.append(
        FunctionDef("__call__", (Parameter("self"), *tensors), tuple(finished.body) or (Pass(),))
    )
    return ClassDef(plan.name, (Argument(MODULE_BASE),), tuple(body), span=None)


def builder_statement(program: Program, plan: Plan) -> FunctionDef:
    from ..class_definitions.layer_state import filled, with_chains
    from ..slices.live_code import live_statements
    from ..slices.tidying import tidy
    from ..values_at_rest import translate_parameters

    node, frame, docstring = plan.details["builder"]  # type: ignore[misc]
    assert isinstance(node, FunctionDef)
    assert isinstance(frame, Frame)
    body = tidy(live_statements(filled(program, frame, plan, with_chains(frame.init)), None), True)
    parameters = translate_parameters(program, frame, tuple(plan.parameters))
    asked = plan.details.get("asked", {})
    assert isinstance(asked, dict)
    sizes = (*(Parameter(s.name) for s in plan.sizes), *(Parameter(str(n)) for n in asked))  # pyright: ignore
    parameters = (*sizes, *parameters)
    if plan.needs_rngs:
        rest = tuple(p for p in parameters if p.kind == "kwargs")
        parameters = (*(p for p in parameters if p.kind != "kwargs"), RNGS, *rest)
    return rebuilt_function(
        program, frame, node, [*([docstring] if docstring else []), *body], parameters
    )
