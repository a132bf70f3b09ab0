"""Walks a source model: its layers and modules, the variables each one owns, their paths."""
# pyright: basic

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from .structure import ModuleRecord, Owned, Structure, VariableRecord

# Bookkeeping attributes of Keras; what they hold is found under its own name as well.
_INTERNAL = """
_trainable_weights _non_trainable_weights _trainable_variables _non_trainable_variables
_inbound_nodes _outbound_nodes _layers _operations _operations_by_depth _nodes _functional
_nodes_by_depth _network_nodes _tracker _metrics optimizer loss compiled_loss compiled_metrics
_compile_metrics _compile_loss _loss_tracker _metrics_lock _obj_reference_counts_dict
_container_nodes _thread_local _seed_generators _distribute_strategy _saved_model_arg_spec
_callable_losses _losses _parent_path _build_shapes_dict _call_spec _dtype_policy _cached_value
_input_spec _layer_checkpoint_dependencies _nested_inputs _nested_outputs _inputs_struct inputs
outputs _outputs_struct _inputs _outputs _input_layers _output_layers
_unconditional_checkpoint_dependencies
"""
_SKIPPED_ATTRIBUTES = frozenset(_INTERNAL.split())
_TRACKING = frozenset(("_obj_reference_counts_dict", "_unconditional_checkpoint_dependencies"))
"""Bookkeeping of a module that is no layer of Keras: its `_layers` or `inputs` are its own."""
_OPAQUE_ROOTS = ("tensorflow", "keras", "tf_keras", "numpy", "builtins", "threading", "logging")
_MAX_DEPTH = 6


@dataclass
class _Node:
    obj: Any
    parent: int | None
    paths: list[str]
    owned: list[tuple[Any, str]] = field(default_factory=list)


class SourceTree:
    """Modules under a model (or under several: a tuple of models, any plain object)."""

    def __init__(self, keras_modules: tuple[Any, ...]) -> None:
        self.layer_types = tuple(k.layers.Layer for k in keras_modules)
        metrics = tuple(k.metrics.Metric for k in keras_modules)
        optimizers = tuple(k.optimizers.Optimizer for k in keras_modules)
        self.skipped = (*metrics, *optimizers)
        self.public = _public_names(keras_modules)
        self.nodes: list[_Node] = []
        self.index: dict[int, int] = {}
        self.variables: list[Any] = []
        self.variable_index: dict[int, int] = {}

    def add_root(self, root: Any, path: str = "") -> None:
        self._visit(root, None, path, 0)

    @property
    def modules(self) -> list[Any]:
        """The layers and modules found."""
        return [node.obj for node in self.nodes]

    def path_of(self, module: Any) -> str:
        """The first path of a module; its class where it has none."""
        number = self.index.get(id(module))
        return type(module).__name__ if number is None else self.nodes[number].paths[0]

    def add_stray(self, instances: list[Any]) -> None:
        """Layers which were called but hang nowhere under the model."""
        for i, instance in enumerate(instances):
            if id(instance) not in self.index:
                name = getattr(instance, "name", None) or f"module{i}"
                self._visit(instance, None, f"(unreached).{name}", 0)

    def _visit(self, value: Any, owner: int | None, path: str, depth: int) -> None:
        if depth > _MAX_DEPTH or isinstance(value, self.skipped):
            return
        if raw_variable(value) is not None:
            if owner is not None:
                self._own(owner, value, path)
        elif isinstance(value, (*self.layer_types, tf.Module)):
            self._visit_module(value, owner, path)
        elif isinstance(value, dict):
            for key, item in list(value.items()):
                self._visit(item, owner, _join(path, key), depth + 1)
        elif isinstance(value, (list, tuple)):
            for i, item in enumerate(list(value)):
                self._visit(item, owner, _join(path, i), depth + 1)
        elif _is_plain_object(value):
            for key, item in list(vars(value).items()):
                self._visit(item, owner, _join(path, key), depth + 1)

    def _visit_module(self, module: Any, owner: int | None, path: str) -> None:
        full = path if owner is None else _join(self.nodes[owner].paths[0], path)
        if id(module) in self.index:
            paths = self.nodes[self.index[id(module)]].paths
            if full not in paths and len(paths) < 8:
                paths.append(full)
            return
        me = len(self.nodes)
        self.nodes.append(_Node(module, owner, [full]))
        self.index[id(module)] = me
        skipped = _SKIPPED_ATTRIBUTES if isinstance(module, self.layer_types) else _TRACKING
        for key, item in list(vars(module).items()):
            if key not in skipped and not key.startswith("_self_"):
                self._visit(item, me, key, 1)
        for layer in _tracked_layers(module):
            if id(layer) not in self.index:
                self._visit(layer, me, layer.name, 1)
        held = {id(v) for v, _ in self.nodes[me].owned}
        for variable in _direct_variables(module):
            if id(variable) not in held and id(variable) not in self.variable_index:
                self._own(me, variable, variable.name.split(":")[0].rsplit("/", 1)[-1])

    def _own(self, owner: int, variable: Any, attr: str) -> None:
        if id(variable) not in self.variable_index:
            self.variable_index[id(variable)] = len(self.variables)
            self.variables.append(variable)
            self.nodes[owner].owned.append((variable, attr))

    def structure(self, first_call: dict[int, int]) -> Structure:
        modules = tuple(
            ModuleRecord(
                id=i,
                parent=node.parent,
                names=self._names(type(node.obj)),
                paths=tuple(node.paths),
                first_call=first_call.get(id(node.obj)),
                variables=tuple(Owned(self.variable_index[id(v)], attr) for v, attr in node.owned),
            )
            for i, node in enumerate(self.nodes)
        )
        paths = {
            self.variable_index[id(v)]: _join(node.paths[0], attr)
            for node in self.nodes
            for v, attr in node.owned
        }
        frozen = self._frozen()
        records = tuple(
            _variable_record(i, v, paths[i], frozen=i in frozen)
            for i, v in enumerate(self.variables)
        )
        return Structure(modules, records)

    def _frozen(self) -> set[int]:
        """Variables of layers that are not trained, or of what is below them."""
        found: set[int] = set()
        off: set[int] = set()
        for number, node in enumerate(self.nodes):  # parents come first
            own = getattr(node.obj, "trainable", True)
            if node.parent in off or own is False:
                off.add(number)
                found |= {self.variable_index[id(v)] for v, _ in node.owned}
        return found

    def _names(self, cls: type) -> tuple[str, ...]:
        names: list[str] = []
        for base in cls.__mro__:
            if base is object or base is tf.Module or base in self.layer_types:
                break
            names += self.public.get(base, [])
            names.append(f"{base.__module__}.{base.__qualname__}")
        return tuple(dict.fromkeys(names))


def raw_variable(value: Any) -> Any:
    """The tf.Variable behind a variable of either Keras; None for anything else."""
    if isinstance(value, tf.Variable):
        return value
    inner = getattr(value, "_value", None) if hasattr(value, "assign") else None
    return inner if isinstance(inner, tf.Variable) else None


def is_seed_state(variable: Any) -> bool:
    """Random generator state, which has no counterpart on the other side."""
    raw = raw_variable(variable)
    name = str(getattr(variable, "path", None) or variable.name)
    return not raw.dtype.is_floating and ("seed_generator" in name or "StateVar" in name)


def _variable_record(index: int, variable: Any, path: str, *, frozen: bool) -> VariableRecord:
    raw = raw_variable(variable)
    name = str(getattr(variable, "path", None) or variable.name).split(":")[0]
    if is_seed_state(variable):
        role = "seed"
    elif raw.dtype.is_floating:
        role = "param" if variable.trainable else "stat"
    else:
        role = "other"
    return VariableRecord(index, path, name, tuple(raw.shape), raw.dtype.name, role, frozen)


def _join(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _is_plain_object(value: Any) -> bool:
    if not hasattr(value, "__dict__") or isinstance(value, (type, np.ndarray, tf.Tensor)):
        return False
    if hasattr(value, "__code__"):  # functions
        return False
    return type(value).__module__.split(".")[0] not in _OPAQUE_ROOTS and not hasattr(
        value, "__spec__"
    )


def _tracked_layers(module: Any) -> list[Any]:
    """Layers that Keras tracks although no attribute holds them (functional models, Sequential)."""
    flatten = getattr(module, "_flatten_layers", None)
    if flatten is None:
        return []
    try:
        return [x for x in flatten(include_self=False, recursive=False) if hasattr(x, "name")]
    except (TypeError, ValueError):
        return []


def _direct_variables(module: Any) -> list[Any]:
    names = ("_trainable_weights", "_non_trainable_weights")
    names += ("_trainable_variables", "_non_trainable_variables")
    lists = [vars(module).get(n) or [] for n in names]
    return [v for group in lists for v in list(group) if raw_variable(v) is not None]


def _public_names(keras_modules: tuple[Any, ...]) -> dict[type, list[str]]:
    """Class -> its public names: keras.layers.X for both Keras flavours, sonnet.X."""
    spaces = [("keras.layers", k.layers) for k in keras_modules]
    spaces += [("sonnet", sys.modules["sonnet"])] if "sonnet" in sys.modules else []
    table: dict[type, list[str]] = {}
    for prefix, space in spaces:
        for name in sorted(dir(space), key=lambda n: (len(n), n)):
            try:
                value = getattr(space, name, None)
            except Exception:  # lazy attributes of optional parts
                continue
            if isinstance(value, type):
                table.setdefault(value, []).append(f"{prefix}.{name}")
    return table
