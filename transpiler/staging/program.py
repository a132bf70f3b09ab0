"""One project while it is compiled: its definitions, what each becomes, and what was found on the
way."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from ...ir.dims import Dim
from ...ir.nodes import (
    Argument,
    Call,
    ClassDef,
    Constant,
    Expression,
    FunctionDef,
    Name,
    Node,
    OpCall,
    Parameter,
    Reference,
    replace_node,
    walk,
)
from ...rules.api import SourceApi
from ...rules.language.records import Rule
from ...rules.language.ruleset import RuleSet
from ..frontend import ProjectTable
from ..frontend.binder import Binder
from .chosen_layers.layer_tables import LayerTables
from .class_definitions.class_state import KERAS_CLASSES, SERIALISATION, saving_methods
from .class_definitions.own_metrics import is_metric
from .definition_index import extends, index_body
from .evaluation.expressions import constant_value, evaluate
from .evaluation.facts import RecordedFacts
from .frame import Frame
from .functional_models.functional_class import with_functions
from .functional_models.input_lists import with_input_lists
from .functional_models.model_methods import with_model_methods
from .functional_models.model_views import with_views
from .functional_models.nested_models import with_nested_models
from .functional_models.returned_graphs import with_returned_graphs
from .functional_models.script_models import with_script_models
from .plans import Definition, Plan
from .project import Driver, ModuleInput
from .reporting import Reports
from .rules_bridge import Bridge
from .sites import Site, camel_case, snake_case
from .source.carried import attributes_read
from .source.chosen_bases import with_layer_bases
from .source.component_classes import with_component_classes
from .source.extended_layers import SEQUENTIAL, Base, with_held_layers
from .source.extended_lists import with_appended
from .source.foreign import callee_name, foreign_names
from .source.from_config import with_constructors
from .source.layer_lambdas import with_named_lambdas
from .source.model_inputs import with_input_counts
from .source.own_calls import with_one_call
from .source.own_initializers import INITIALIZER, with_keyed_initializers
from .source.own_wrappers import with_kept_layers
from .source.plain_structure import with_plain_structure
from .source.prescan import Prescan
from .source.spelled_locals import with_spelled_locals
from .source.traced import TracedCode, traced_code
from .uses import plan_masks
from .uses.sought_sizes import Search
from .values import Static, Value, is_dynamic


class Program(Reports):
    """All modules of one compilation. Plans are made when first asked for."""

    def __init__(
        self,
        modules: Mapping[str, ModuleInput],
        api: SourceApi,
        rules: RuleSet,
        flavour: str,
        *,
        keeps_config: bool = False,
    ) -> None:
        self.modules = modules
        self.api = api
        self.flavour = flavour
        self.facts = RecordedFacts()
        self.rules = rules.for_flavour(flavour)
        self.bridge = Bridge(self.rules, self.facts)
        super().__init__()
        self.sites: list[Site] = []
        self.lifted: dict[str, list[Plan]] = {}
        self.renamed: dict[tuple[str, str], str] = {}
        self.removed: set[tuple[str, str]] = set()
        self.keeps_config = keeps_config  # whether modules keep `get_config` and `from_config`
        self.kept: set[int] = set()
        self.search: Search | None = None  # see `sought_sizes`
        self.calls_told: dict[Hashable, int] = {}  # see `applied_plans`
        self.drivers: dict[str, Driver] = {}
        self.table: ProjectTable | None = None
        self.layer_tables: LayerTables | None = None
        self._binder = Binder(api, "keras2" if flavour == "keras2" else "keras3")
        self._definitions: dict[tuple[str, str], Definition] = {}
        self._constants: dict[tuple[str, str], Expression | None] = {}
        self._evaluated: dict[tuple[str, str], Value | None] = {}
        self._foreign: dict[str, Mapping[str, str]] = {}
        self._traced: TracedCode | None = None
        self._plans: dict[int, Plan] = {}
        self._lifted_by_node: dict[int, Definition] = {}
        self._is_layer: dict[str, bool] = {}
        self._attributes_read: frozenset[str] | None = None
        modules, told = with_layer_bases(modules)
        modules = with_constructors(modules, only_displays=keeps_config)
        modules = with_component_classes(modules, lambda p: p in KERAS_CLASSES or self.is_layer(p))
        modules = with_keyed_initializers(with_spelled_locals(with_input_counts(modules)))
        modules = with_appended(with_plain_structure(modules, self.rules))
        modules = with_held_layers(with_kept_layers(modules), self._extensible, told)
        self.modules = modules
        self.scan = self._scanned(modules)
        modules, found = with_one_call(modules, self._is_built)
        self.findings += [*told, *found]
        self._replaced(modules)
        self._replaced(modules := with_script_models(modules, self.creates))
        modules = with_named_lambdas(modules, self._applies_layers, self._makes_layer)
        self._replaced(modules)
        if (found := with_model_methods(modules, self.creates, self._is_built)) is not None:
            self.scan = self._scanned(found.modules)
            modules = found.without_graphs(self._takes_tensors)
        self._replaced(modules := with_returned_graphs(modules))
        lifted = {n: with_input_lists(m) for n, m in with_views(modules).items()}
        lifted = {n: with_nested_models(n, m) for n, m in lifted.items()}
        self._replaced({n: with_functions(n, m, self.creates) for n, m in lifted.items()})
        self.makes_masks = any(plan_masks.makes_masks(m) for m in self.modules.values())

    def _replaced(self, modules: Mapping[str, ModuleInput]) -> None:
        """Takes up modules that a pass over the source has changed."""
        if any(modules[n] is not m for n, m in self.modules.items()):
            self._definitions, self._constants = {}, {}
            self.scan = self._scanned(modules)
        self.modules = modules

    @property
    def attributes_read(self) -> frozenset[str]:
        """The names of all attributes that the source reads."""
        if self._attributes_read is None:
            names: set[str] = set()
            for name, module in self.modules.items():
                nodes = [d.node for d in self.definitions(name) if isinstance(d.node, ClassDef)]
                layers = [n for n in nodes if self.is_module_class(n, name)]
                gone = [m for n in layers for m in saving_methods(n) if not self.keeps_method(m)]
                names |= attributes_read(module.tree, gone)
            self._attributes_read = frozenset(names)
        return self._attributes_read

    def keeps_method(self, method: FunctionDef) -> bool:
        """Whether a method of Keras' configuration is still called."""
        if method.name in SERIALISATION:
            return self.keeps_config
        return method.name == "compute_mask" and self.makes_masks and plan_masks.is_kept(method)

    def _scanned(self, modules: Mapping[str, ModuleInput]) -> Prescan:
        for name, module in modules.items():
            index_body(name, module.tree.body, self._definitions, self._constants)
        nodes = {key: d.node for key, d in self._definitions.items()}
        return Prescan(nodes, self.is_layer, self._is_built)

    def _applies_layers(self, node: FunctionDef) -> bool:
        """Whether a local function builds layers and applies them to its parameters."""
        return self.creates(node) and bool(self.scan.tensor_parameters(None, node))

    def _makes_layer(self, code: Expression) -> bool:
        """Whether an expression is the constructor call of a layer."""
        match code:
            case OpCall(symbol=symbol):
                return self.is_layer(symbol)
            case Call(function=Reference(module=module, name=name)):
                found = self._definitions.get((module, name))
                node = found.node if found is not None else None
                return isinstance(node, ClassDef) and self._is_built(node, module)
            case _:
                return False

    def _takes_tensors(self, key: tuple[str, str]) -> bool:
        """Whether a function applies layers to what it is given."""
        definition = self._definitions[key]
        assert isinstance(definition.node, FunctionDef)
        return bool(self.scan.tensor_parameters(key, definition.node))

    def _extensible(self, symbol: str) -> Base | None:
        """A layer that a class can hold instead of extending it."""
        flavour = "keras2" if self.is_keras2 else "keras3"
        signature = self.api.signature(symbol, flavour) or self.api.signature(symbol)
        if symbol == SEQUENTIAL:
            return Base(symbol, signature, None)
        record = self.rules.for_symbol(symbol) if self.is_layer(symbol) else None
        if not isinstance(record, Rule) or record.kind != "layer":
            return None
        return Base(symbol, signature, record)

    # -- definitions

    @property
    def is_keras2(self) -> bool:
        return self.flavour == "keras2"

    def definition(self, module: str, name: str) -> Definition | None:
        return self._definitions.get((module, name))

    def definitions(self, module: str) -> list[Definition]:
        return [d for (m, _), d in self._definitions.items() if m == module]

    def module_constant(self, module: str, name: str) -> Value | None:
        """What is known of a module-level variable: sizes may be told, but code that reads it
        stays."""
        value = self._constants.get((module, name))
        match value:
            case Constant(value=int() as number) if not isinstance(number, bool):
                return Static(None, int, Dim.variable(Reference(module, name)))
            case Constant(value=constant) if constant is not None:
                return Static(None, constant_value(constant).kind)
            case Expression():
                if (module, name) not in self._evaluated:
                    self._evaluated[module, name] = None  # while it is evaluated
                    frame = Frame(self, module, "plain", probing=True)
                    found = evaluate(frame, value).value
                    self._evaluated[module, name] = None if is_dynamic(found) else found
                return self._evaluated[module, name]
            case _:
                return None

    def is_layer(self, symbol: str) -> bool:
        found = self._is_layer.get(symbol)
        if found is None:
            leaf = symbol.rsplit(".", 1)[-1]
            found = leaf[:1].isupper() and (
                self.api.is_subclass(symbol, "keras.Layer")
                and not self.api.is_subclass(symbol, "keras.Metric")
                and symbol not in ("keras.Model", "keras.Sequential")
            )
            self._is_layer[symbol] = found
        return found

    def is_module_class(self, node: ClassDef, module: str) -> bool:
        """A class whose bases lead to Layer, Model or tf.Module, or to a metric."""
        return extends(
            self._definitions,
            node,
            module,
            lambda path: path in KERAS_CLASSES or self.is_layer(path) or is_metric(self, path),
        )

    def is_metric_class(self, node: ClassDef, module: str) -> bool:
        return extends(self._definitions, node, module, lambda path: is_metric(self, path))

    def is_own_initializer(self, definition: Definition) -> bool:
        """A class that extends `Initializer`."""
        node = definition.node
        return isinstance(node, ClassDef) and extends(
            self._definitions, node, definition.module, lambda path: path == INITIALIZER
        )

    def _is_built(self, node: ClassDef, module: str) -> bool:
        """Whether making an object of the class is a part of making a model."""
        return self.is_module_class(node, module) and not self.is_metric_class(node, module)

    def defines_method(self, name: str) -> bool:
        """Whether some class of the project has a method of this name."""
        classes = (d.node for d in self._definitions.values() if isinstance(d.node, ClassDef))
        members = (m for c in classes for m in c.body)
        return any(isinstance(m, FunctionDef) and m.name == name for m in members)

    def traced(self) -> TracedCode:
        if self._traced is None:
            self._traced = traced_code({name: m.tree for name, m in self.modules.items()})
        return self._traced

    def creates(self, node: Node) -> bool:
        return self.scan.creates(node)

    def plan(self, definition: Definition) -> Plan:
        """What the definition becomes. A definition that needs itself gets a plan without a known
        result."""
        found = self._plans.get(id(definition.node))
        if found is not None:
            return found
        from .class_definitions import classes
        from .function_definitions import functions

        if isinstance(definition.node, ClassDef):
            if self.is_module_class(definition.node, definition.module):
                plan = Plan(definition, "layer", definition.name)
                self._plans[id(definition.node)] = plan
                classes.make_plan(self, plan)
            else:
                plan = Plan(definition, "plain", definition.name, finished=True)
                self._plans[id(definition.node)] = plan
            return plan
        kind = "class" if self.creates(definition.node) else "plain"
        plan = Plan(definition, kind, definition.name)
        self._plans[id(definition.node)] = plan
        functions.make_plan(self, plan)
        plan.finished = True
        return plan

    def lift(self, frame: Frame, node: FunctionDef, environment: Mapping[str, Value]) -> Definition:
        """A local function as a definition of its own; variables it captures become parameters."""
        found = self._lifted_by_node.get(id(node))
        if found is not None:
            return found
        from .function_definitions.parameters import before_kwargs, captured_names

        owner = frame.plan.definition.name if frame.plan is not None else ""
        captured = captured_names(node, environment)
        # A function that makes layers stays one; of others the name tells the class.
        stays = not self.scan.tensor_parameters(None, node)
        name = f"{snake_case(owner) if stays else owner}_{node.name}" if owner else node.name
        more = tuple(Parameter(n, "keyword_only") for n in captured)
        lifted = replace_node(node, name=name, parameters=before_kwargs(node.parameters, more))
        definition = Definition(frame.module, name, lifted, owner, captured)
        self._lifted_by_node[id(node)] = definition
        return definition

    def lifted_of(self, owner: Definition) -> list[Definition]:
        """Local functions lifted out of a definition, in the order they were met."""
        return [
            d
            for d in self._lifted_by_node.values()
            if d.owner == owner.name and d.module == owner.module
        ]

    def class_name(self, module: str, name: str) -> str:
        """CamelCase, unless another definition of the module has that name."""
        words = name.split("_")
        verb = (
            len(words) > 1
            and words[0].lower() in ("build", "create", "make", "get")
            and words[1][:1].isalpha()
        )
        wanted = camel_case("_".join(words[1:]) if verb else name)
        taken = {n for m, n in self._definitions if m == module} | {
            p.name for p in self._plans.values() if p.definition.module == module and p.name != name
        }
        if wanted != name and wanted in taken:
            wanted += "Module"
        return wanted

    def bind(
        self, symbol: str, arguments: tuple[Argument, ...]
    ) -> tuple[dict[str, Expression], tuple[Argument, ...]]:
        return self._binder.bind(symbol, arguments)

    def plan_reference(self, frame: Frame, plan: Plan) -> Expression:
        if plan.definition.owner is not None:
            return Name(plan.name)
        return Reference(plan.definition.module, plan.definition.name)

    def foreign_callee(self, frame: Frame, node: Call) -> str | None:
        """What a call of another package that runs on TensorFlow calls."""
        names = self._foreign.get(frame.module)
        if names is None:
            module = self.modules.get(frame.module)
            names = foreign_names(module.tree) if module is not None else dict[str, str]()
            self._foreign[frame.module] = names
        if not names:
            return None
        return callee_name(
            node.function, {n: d for n, d in names.items() if n not in frame.environment}
        )

    # -- what is noted of plans

    def note_graph_inputs(self, frame: Frame, code: Expression) -> None:
        """The order of `Model(inputs=[...])` is the order of the parameters of `__call__`."""
        names = [n.id for n in walk(code) if isinstance(n, Name)]
        if frame.plan is not None and not frame.is_trial():
            frame.plan.graph_inputs = names

    def has_modes(self, frame: Frame, modes: set[str]) -> None:
        """What is translated behaves differently in training."""
        current: Frame | None = frame
        while current is not None:
            if current.plan is not None:
                current.plan.modes |= modes
            current = current.parent

    def uses_rngs(self, frame: Frame) -> None:
        current: Frame | None = frame
        while current is not None:
            if current.plan is not None:
                current.plan.needs_rngs = True
            current = current.parent
