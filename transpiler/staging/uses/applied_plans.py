"""A module of the project is applied: its inputs, its mode, and what it gives."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import cast

from ....ir.dims import from_expression
from ....ir.keys import key
from ....ir.nodes import (
    Argument,
    Attribute,
    Call,
    Constant,
    Expression,
    FunctionDef,
    Name,
    Parameter,
    Symbol,
    Unary,
)
from ...shapes.shapes import Shape, Size, said
from ..class_definitions.class_state import ClassState, current_state
from ..class_definitions.replaced_inputs import is_left_out, with_replacements
from ..drivers import runs_in_mode
from ..evaluation.flags import at_call
from ..frame import Frame, Result
from ..function_definitions import makers
from ..layers import applying, freezing
from ..plans import Bound, Plan
from ..sites import PlanTarget, Site
from ..values import Instance, Known, Static, Tensor, TrainingFlag, Value
from . import exporting, exports, plan_masks
from .partial_shapes import partial_shape
from .plan_inputs import input_shapes, part_at, size_argument, spread_inputs, tensor_arguments
from .ranks import result_at_ranks
from .sought_sizes import note_size, sought
from .substitution import Terms, substitute_size, substitute_value

NORMALIZES = "use_running_average"
"""The mode of layers that normalize batches."""


def apply_plan(
    frame: Frame,
    site: Site,
    target: PlanTarget,
    node: Call,
    callee: Result,
    arguments: list[tuple[Argument, Result]],
) -> Result:
    """A module of the project is applied: its constructor gets the sizes it asks for."""
    plan = target.plan
    program = frame.program
    arguments, mode = split_training(plan, arguments)
    arguments = spread_inputs(plan, arguments)
    arguments = plan_masks.with_mask_argument(frame, plan, arguments)
    given = tensor_arguments(plan, arguments)
    inputs = with_replacements(plan, given)
    sizes: dict[str, Size] = {}
    codes: list[Argument] = []
    found = _sought(frame, site, target, arguments, given, inputs)
    for parameter in plan.sizes:
        result = inputs.get(parameter.tensor)
        result = part_at(result, parameter.path) if result is not None else None
        code = size_argument(result, parameter.axis) if result is not None else None
        value = result.value if result is not None else None
        if code is None and parameter.axis is None and isinstance(value, Tensor):
            code = partial_shape(plan, value.shape)
        sizes[parameter.name] = value.shape.size(-1) if isinstance(value, Tensor) else None
        note_size(frame, site, plan.name, parameter.name, sizes[parameter.name])
        if code is None and not parameter.tensor and "sized" not in site.details:
            code = found.get(parameter.name)
        asked_for = not parameter.tensor and code is not None
        if parameter.optional and is_left_out(result) and not asked_for:
            continue
        if code is None and site.details.get("sized"):
            code = Constant(None)  # an earlier call has told
        if code is None:
            code = program.unknown_size(frame, node, plan.name, parameter.name)
        codes.append(Argument(code, parameter.name if parameter.optional else None))
    # Sizes of a loop are not settled while it is tried out.
    tried = frame.is_trial() and frame.kind == "call" and not (frame.settles and site.stored)
    tried = tried or (frame.is_trial() and "sizes_then" in site.details)
    made = site.details.get("use")
    construct: Expression
    if made is not None:
        # What a builder returned: the call of the builder gets the sizes.
        names = [s.name for s in plan.sizes if not s.optional]
        if not tried:
            required = [code for code in codes if code.keyword is None]
            for name, code in zip(names, required, strict=True):
                made.sizes.setdefault(name, code.value)
        construct = site.details.get("construct") or Constant(None)
    elif "passed" in site.details:
        construct = Constant(None)  # the caller has made it
    else:
        construct = makers.constructor_call(frame, target, tuple(codes))
    if plan.modes:
        program.has_modes(frame, plan.modes)
    if (
        made is None
        and not tried
        and (site.details.get("construct") is None or not site.details.get("sized"))
    ):
        site.details["construct"] = applying.when_made(frame, site, construct)
        site.details["sized"] = True
    if made is None or not site.stored:
        applying.ensure_built(frame, site, construct)
    module = applying.module_read(frame, site, callee.dynamic)
    frozen = plan.modes & {NORMALIZES} if freezing.is_frozen(site) else set[str]()
    if mode is not None and plan.modes - frozen and not runs_in_mode(frame, mode):
        module = in_mode(module, mode, plan.modes - frozen)
    if frozen:
        module = in_mode(module, Constant(False), frozen)
    call_arguments = tuple(
        a if a.value is r.dynamic else Argument(r.dynamic, a.keyword, a.star) for a, r in arguments
    )
    dynamic = Call(module, call_arguments)
    flagged = passes_flags(plan, arguments)
    result = plan.result if flagged else default_result(plan)
    bound: Bound = site.details["bound"]
    spread = any(a.star for a, _ in arguments)
    result = result_at_ranks(program, plan, bound, given, result, flagged=flagged, spread=spread)
    method = plan.details.get("call")
    if isinstance(method, FunctionDef):
        result = at_call(result, method, arguments)
    value = plan_result(frame, site, target, sizes, inputs, result, callee, key(dynamic))
    value = plan_masks.result_mask(frame, plan, module, arguments, inputs, value)
    return Result(value, dynamic, exports.sizes_code(value))


def _sought(
    frame: Frame,
    site: Site,
    target: PlanTarget,
    arguments: list[tuple[Argument, Result]],
    given: dict[str, Result],
    inputs: dict[str, Result],
) -> dict[str, Expression]:
    """Sizes that the class asks for and that this call tells, as code of the caller."""
    plan = target.plan
    if "sized" in site.details or all(s.tensor for s in plan.sizes):
        return {}
    bound: Bound = site.details["bound"]
    spread = any(a.star for a, _ in arguments)
    sizes = sought(frame.program, plan, bound, given, spread=spread)
    terms = _terms(frame, site, target, {}, inputs)
    told = {name: said(substitute_size(size, terms)) for name, size in sizes.items()}
    return {name: size.to_expression() for name, size in told.items() if size is not None}


def split_training(
    plan: Plan, arguments: list[tuple[Argument, Result]]
) -> tuple[list[tuple[Argument, Result]], Expression | None]:
    """The arguments without the training flag, and the flag if it is fixed at this call."""
    position = plan.details.get("training_position")
    return without_training(arguments, position if isinstance(position, int) else None)


def without_training(
    arguments: list[tuple[Argument, Result]], position: int | None = None
) -> tuple[list[tuple[Argument, Result]], Expression | None]:
    kept: list[tuple[Argument, Result]] = []
    mode: Expression | None = None
    for index, (argument, result) in enumerate(arguments):
        if argument.keyword == "training" or (argument.keyword is None and index == position):
            is_flag = isinstance(result.value, TrainingFlag)
            is_none = isinstance(result.value, Static) and result.value.constant == Known(None)
            mode = None if is_flag or is_none else result.dynamic
        else:
            kept.append((argument, result))
    return kept, mode


def in_mode(
    module: Expression, training: Expression, modes: set[str], *, surely: bool = False
) -> Expression:
    """The module in a fixed mode, sharing its variables. Which parts it has may depend on its
    arguments, so none of them need have the mode, unless one does `surely`."""
    if isinstance(training, Constant):
        flag: Expression = Constant(not training.value)
    else:
        flag = Unary("not", training)
    lenient = () if surely else (Argument(Constant(False), "raise_if_not_found"),)
    flags = (Argument(flag, mode) for mode in sorted(modes))
    return Call(Symbol("flax.nnx.view"), (Argument(module), *flags, *lenient))


def passes_flags(plan: Plan, arguments: list[tuple[Argument, Result]]) -> bool:
    """Whether a call sets a flag that its result may depend on."""
    flags = cast("Collection[str]", plan.details.get("flags", ()))
    positional = [a for a, _ in arguments if a.keyword is None]
    named = any(a.keyword in flags for a, _ in arguments)
    return named or len(positional) > len(plan.tensors) or any(a.star for a, _ in arguments)


def default_result(plan: Plan) -> Value:
    return cast("Value", plan.details.get("default_result", plan.result))


def plan_result(
    frame: Frame,
    site: Site,
    target: PlanTarget,
    sizes: dict[str, Size],
    inputs: dict[str, Result],
    outcome: Value,
    callee: Result | None = None,
    shown: Hashable = None,
) -> Value:
    """The callee's result in the caller's terms; a last size that cannot be said is asked of the
    module, `callee`. `shown` is the call as code has it."""
    plan = target.plan
    terms = _terms(frame, site, target, sizes, inputs, shown)
    value = substitute_value(outcome, terms)
    if (
        (frame.kind == "split" or _is_kept(frame, site))
        and exports.lacks_sizes(value, outcome)
        and exporting.can_export(plan, outcome)
    ):
        exporting.export(plan)
        named = callee.dynamic if callee is not None and site.attribute is None else None
        module = named if isinstance(named, Name) else applying.built_attribute(frame, site)
        kept = Attribute(module, "out_features")
        value = exports.with_exported(value, outcome, kept)
    return value


def _is_kept(frame: Frame, site: Site) -> bool:
    """Whether an object holds the module as an attribute, made before those that read its size."""
    state = current_state(frame)
    if frame.kind != "call" or state is None or site.loop is not None or site.attribute is None:
        return False
    held = state.attributes.get(site.attribute)
    return isinstance(held, Instance) and held.site is site and not held.optional


def _terms(
    frame: Frame,
    site: Site,
    target: PlanTarget,
    sizes: dict[str, Size],
    inputs: dict[str, Result],
    shown: Hashable = None,
) -> Terms:
    """What names of the callee are in the caller's terms."""
    plan = target.plan
    bound: Bound = site.details["bound"]
    codes: dict[str, Expression] = {}
    open_ended = any(a.star for a in target.static)
    reassigned = cast("Collection[str]", plan.details.get("reassigned", ()))
    declared = cast("list[Parameter]", plan.details.get("all_parameters", []))
    for parameter in [*plan.parameters, *declared]:
        name = parameter.name
        if name in reassigned:
            continue
        if name in bound:
            result = bound[name][1]
            if result.static is not None:
                codes[name] = result.static
        elif isinstance(parameter.default, Expression) and not open_ended:
            codes[name] = parameter.default
    all_sizes: dict[str, Size] = dict(sizes)
    for t in plan.tensors:
        value = inputs[t.name].value if t.name in inputs else None
        all_sizes.setdefault(
            plan.size_name(t.name), value.shape.size(-1) if isinstance(value, Tensor) else None
        )
    for name, shape in input_shapes(plan, inputs).items():
        all_sizes.setdefault(name.removesuffix("_shape") + "_features", shape.size(-1))
    for name in reassigned:
        all_sizes.pop(name, None)
    for name, code in codes.items():
        known_size = from_expression(code) if not isinstance(code, Name) else None
        result = bound[name][1] if name in bound else None
        if (
            result is not None
            and isinstance(result.value, Static)
            and result.value.size is not None
        ):
            all_sizes.setdefault(name, result.value.size)
        elif known_size is not None:
            all_sizes.setdefault(name, known_size)
    if "use" in site.details:
        # A method of the same object made it.
        codes["self"] = Name(frame.self_name or "self")
    elif site.attribute is not None:
        codes["self"] = applying.built_attribute(frame, site)
    for t in plan.tensors:
        code = size_argument(inputs[t.name], None) if t.name in inputs else None
        if code is not None:
            codes[plan.shape_name(t.name)] = code
    state = plan.details.get("class_state")
    definitions = state.definitions if isinstance(state, ClassState) else {}
    shapes = input_shapes(plan, inputs)
    told = frame.kind == "call" and bool(shapes) and all(map(_is_told, shapes.values()))
    calls, seen = frame.program.calls_told, (plan.name, str(site.span), shown, *shapes.values())
    call = calls.setdefault(seen, len(calls)) if told else None
    return Terms(all_sizes, codes, shapes, definitions, call)


def _is_told(shape: Shape) -> bool:
    """Whether all sizes are known, or are those of an input."""
    return shape.base is not None if shape.dims is None else None not in shape.dims
