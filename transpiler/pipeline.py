"""The stages of the compiler, in order."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from ..ir.nodes import Module, Parameter
from ..ir.span import Span
from ..rules.api import Flavour, SourceApi
from ..rules.language.own_api import api_with_own_symbols
from ..rules.language.ruleset import RuleSet
from .emit import EmitOptions, Emitted, TargetNames, asked_names, emit_module
from .files import SourceFile
from .fills import Fill, apply_fills
from .frontend import Lowered, ParsedModule, ProjectTable, detect_flavour, lower, parse_source
from .needed_part import Gone, needed_part
from .own_modules import ROOTS, concerned_modules, own_modules, project_api
from .passes.application_models import Led, with_application_models
from .passes.classes_of import Project
from .passes.copied_configs import with_whole_copies
from .passes.effects import Effects
from .passes.filled_models import with_models_of_their_own
from .passes.gradient_tapes import without_tapes
from .passes.lambda_layers import with_lambda_layers
from .passes.listed_models import with_listed_models
from .passes.model_methods import with_model_functions
from .passes.numbered_attributes import with_numbered_lists
from .passes.optimizer_steps import with_updates
from .passes.sequential_lists import with_added_layers
from .passes.shape_masks import with_shape_masks
from .passes.state_gradients import stop_gradients_of_state
from .passes.tape_forms import with_plain_tapes
from .passes.tensor_control import convert_control_flow
from .passes.vector_fans import with_vector_fans
from .staging.modules import translate_module
from .staging.program import Driver, ModuleInput, Program
from .staging.project import Finding, Translation
from .staging.slices.inlined import without_inlined
from .staging.slices.randomness import thread_generators
from .staging.source.own_initializers import without_idle_generators
from .unreached import without_unreached

T = TypeVar("T")
HELPER_MODULE = "tf_compat"
NO_FILLS: Mapping[str, Fill] = MappingProxyType({})


@dataclass(slots=True)
class Compilation:
    """What the stages have produced, by module name; `failures` has the modules that did not come
    through, with what stopped them."""

    flavour: Flavour
    program: Program
    parsed: Mapping[str, ParsedModule]
    lowered: Mapping[str, Lowered]
    translated: Mapping[str, Module]
    emitted: Mapping[str, Emitted]
    failures: Mapping[str, Exception]
    helper_module: str


@dataclass(slots=True)
class _Guard:
    """Runs a stage for each module; one that fails is left out of the stages after it."""

    failures: dict[str, Exception] = field(default_factory=dict[str, Exception])

    def each(self, names: Sequence[str], stage: Callable[[str], T]) -> dict[str, T]:
        done: dict[str, T] = {}
        for name in names:
            try:
                done[name] = stage(name)
            # Any exception: one bad file must not take down a run over thousands.
            except Exception as error:
                self.failures[name] = error
        return done


def run(
    sources: Mapping[str, SourceFile],
    rules: RuleSet,
    flavour: Flavour | None = None,
    drivers: Mapping[str, Driver] | None = None,
    fills: Mapping[str, Fill] = NO_FILLS,
    keeps_config: bool = False,
) -> Compilation:
    """parse -> resolve names, lower to IR -> stage, apply rules -> emit; `flavour` None: detected.

    `drivers`: by module, what is known of the values that its functions are called with. `fills`:
    by key, code for the places that nothing else translates. `keeps_config`: modules keep
    `get_config` and `from_config`.
    """
    guard = _Guard()
    parsed = guard.each([*sources], lambda name: parse_source(sources[name]))

    source_api = api_with_own_symbols(SourceApi.load(), rules)
    table = ProjectTable.build(parsed, project_api(source_api, parsed))
    flavour = flavour or detect_flavour(table).flavour
    lowered = guard.each([*parsed], lambda name: lower(parsed[name], table, flavour))

    parts = {name: _part(lowered[name], sources[name]) for name in lowered}
    provided = {
        symbol: (name, leaf) for name in lowered for symbol, leaf in sources[name].provides.items()
    }
    library = frozenset(name for name in lowered if sources[name].provides)
    led = with_application_models({n: p.tree for n, (p, _) in parts.items()}, provided, library)
    for name, tree in led.trees.items():
        parts[name][0].tree = tree
    tapes: dict[str, list[Span]] = {}
    given: dict[str, list[Parameter]] = {}
    project = Project.of(part.tree for part, _ in parts.values())
    for name, (part, _) in parts.items():
        part.tree = with_lambda_layers(with_numbered_lists(part.tree))
        part.tree = with_model_functions(part.tree, name, project)
        part.tree = with_listed_models(with_models_of_their_own(part.tree, name, project))
        part.tree, gone = with_plain_tapes(with_whole_copies(with_added_layers(part.tree)))
        part.tree, given[name] = with_updates(part.tree)
        part.tree, tapes[name] = without_tapes(part.tree)
        tapes[name] += gone
    inputs = {n: part for n, (part, _) in parts.items()}
    program = Program(inputs, source_api, rules, flavour, keeps_config=keeps_config)
    program.drivers |= drivers or {}
    program.table = table
    for name, places in tapes.items():
        program.translations += [Translation(name, p, "gradient-tape") for p in places]
    _report_models(program, led)
    for name, (_, gone) in parts.items():
        _report_gone(program, name, gone, asked=name not in library)
        program.findings += [_optimizer_given(name, parameter) for parameter in given[name]]
    concerned = concerned_modules({name: part.tree for name, (part, _) in parts.items()})
    translated = guard.each(
        [*lowered],
        lambda name: translate_module(program, name) if name in concerned else parts[name][0].tree,
    )

    translated = guard.each(
        [*translated],
        lambda name: (
            stop_gradients_of_state(translated[name]) if name in concerned else translated[name]
        ),
    )
    translated = guard.each([*translated], lambda name: with_vector_fans(translated[name]))
    translated = guard.each(
        [*translated],
        lambda name: with_shape_masks(
            translated[name], lambda span: program.withdraw(name, "TJ4008", span)
        ),
    )
    effects = Effects.of(translated)
    translated = guard.each(
        [*translated],
        lambda name: convert_control_flow(translated[name], effects, program.reporter(name)),
    )
    translated = guard.each([*translated], thread_generators(translated, program.renamed))
    translated = guard.each([*translated], lambda name: without_idle_generators(translated[name]))
    trees = {name: part.tree for name, (part, _) in parts.items()}
    translated = without_inlined(program, translated, trees)
    partial = {name for name in translated if sources[name].part is not None}
    translated, gone = without_unreached(translated, partial, trees, program.renamed)
    _forget(program, gone)
    if fills:
        translated = guard.each(
            [*translated], lambda name: _filled(program, translated[name], fills)
        )

    own = own_modules(parsed)
    names = TargetNames(
        is_source=lambda module: module.partition(".")[0] in ROOTS and module not in own,
        renamed=program.renamed,
        removed=program.removed,
        is_project=lambda module: module in sources,
        asked=asked_names(translated.values()),
    )

    helpers = free_name(HELPER_MODULE, {s.relative.as_posix() for s in sources.values()})

    def emit(name: str) -> Emitted:
        source = sources[name]
        options = EmitOptions(helper_module=helper_path(source, helpers))
        result = emit_module(translated[name], lowered[name].module, source.text, names, options)
        if result.text != source.text:
            ast.parse(result.text)
        return result

    emitted = guard.each([*translated], emit)
    return Compilation(
        flavour, program, parsed, lowered, translated, emitted, guard.failures, helpers
    )


def _part(lowered: Lowered, source: SourceFile) -> tuple[ModuleInput, list[Gone]]:
    """What is translated of a module: all, or what the files that were named need of it."""
    found = lowered.api_bindings
    module, bindings = lowered.module, frozenset(found.modules | found.objects)
    if source.part is None:
        return ModuleInput(module, bindings), []
    module, gone = needed_part(module, source.part)
    return ModuleInput(module, bindings), gone


def _optimizer_given(name: str, parameter: Parameter) -> Finding:
    message = f"`{parameter.name}` is an `nnx.Optimizer` now"
    hint = "pass nnx.Optimizer(model, optax.adam(1e-3), wrt=nnx.Param)"
    return Finding(name, "TJ6021", message, parameter.span, hint)


def _report_models(program: Program, led: Led) -> None:
    """Models of an application are built without the weights that Keras loads."""
    program.translations += [
        Translation(name, span, "application-models", "dropped", "weights are loaded apart")
        for name, span in led.gone
    ]
    for call in led.asked:
        message = f"`{call.model}` is built without trained weights"
        hint = "convert them with `tfjax-compile weights convert`, and load them into the module"
        program.findings.append(Finding(call.module, "TJ6022", message, call.span, hint))


def _report_gone(program: Program, name: str, gone: Sequence[Gone], *, asked: bool = True) -> None:
    """`asked`: the user chose to follow imports, and is told what was left out."""
    note = "nothing that the named files need uses it"
    program.translations += [
        Translation(name, one.span, "follow-imports", "dropped", note) for one in gone
    ]
    names = [n for one in gone for n in one.names]
    if names and asked:
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        message = f"left out what the named files do not need: {shown}"
        hint = "name the file itself on the command line to compile all of it"
        program.findings.append(Finding(name, "TJ6015", message, None, hint))


def _forget(program: Program, gone: Mapping[str, Sequence[Span]]) -> None:
    """What was found in code that is not in the output concerns nobody."""

    def is_gone(module: str, span: Span | None) -> bool:
        return span is not None and any(
            whole.start_line <= span.start_line and span.end_line <= whole.end_line
            for whole in gone.get(module, ())
        )

    program.findings[:] = [f for f in program.findings if not is_gone(f.module, f.span)]
    program.translations[:] = [t for t in program.translations if not is_gone(t.module, t.span)]
    for name, spans in gone.items():
        _report_gone(program, name, [Gone(span, ()) for span in spans])


def _filled(program: Program, module: Module, fills: Mapping[str, Fill]) -> Module:
    """The module with its open places filled, and the report of it: what was found there is
    settled, and the ledger names the author."""
    filled, done = apply_fills(module, fills)
    for place, fill in done:
        span, name = place.node.span, module.name
        program.findings[:] = [
            f
            for f in program.findings
            if (f.module, f.span, f.code) != (name, span, place.node.code)
        ]
        program.translations[:] = [
            Translation(name, span, fill.by, "translated", f"fill {fill.key}")
            if span is not None and (t.module, t.span, t.kind) == (name, span, "unhandled")
            else t
            for t in program.translations
        ]
    return filled


def free_name(wanted: str, taken: Collection[str]) -> str:
    """A module name that no file at the root of the tree has."""
    name, number = wanted, 1
    while f"{name}.py" in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def helper_path(source: SourceFile, name: str) -> str:
    """How a module imports the helpers, which stand at the root of the output tree.

    By their plain name where that root is what imports start from; with dots where it is itself a
    package, which shows in module names that are longer than the paths in the tree.
    """
    depth = len(source.relative.parts)
    length = len(source.module.split(".")) + source.is_package
    return "." * depth + name if source.module and length > depth else name
