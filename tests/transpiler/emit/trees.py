"""What the tests of the emitter share: lowering without API data, and ways to change a tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tfjax.ir.nodes as ir
from tfjax.rules.api import Flavour, Signature, parse_signature
from tfjax.transpiler.emit import EmitOptions, Emitted, TargetNames, emit_module
from tfjax.transpiler.frontend.lower import lower_module
from tfjax.transpiler.frontend.parse import parse_module
from tfjax.transpiler.frontend.project import ProjectTable

SIGNATURES = {
    "tf.reduce_sum": "(input_tensor, axis=None, keepdims=False, name=None)",
    "tf.nn.relu": "(features, name=None)",
    "keras.layers.Dense": "(units, activation=None, use_bias=True, name=None)",
}


class Api:
    """Has every path of TF and Keras; modules are those that the tests import from."""

    def canonical(self, dotted_path: str) -> str | None:
        path = dotted_path.replace("tensorflow.keras", "keras").replace("tf.keras", "keras")
        path = "tf" + path[len("tensorflow") :] if path.startswith("tensorflow") else path
        return path if path.partition(".")[0] in ("tf", "keras", "tf_keras") else None

    def is_module(self, dotted: str) -> bool:
        return dotted in {"tf", "tf.nn", "tf.math", "keras", "keras.layers", "keras.backend"}

    def signature(self, canonical: str, flavour: Flavour | None = None) -> Signature | None:
        text = SIGNATURES.get(canonical)
        return parse_signature(text) if text else None


def lower(text: str, name: str = "module", others: Mapping[str, str] | None = None) -> ir.Module:
    """A module lowered by the real front end; `others` are the project's other modules."""
    sources = {name: text, **(others or {})}
    modules = {n: parse_module(t, name=n) for n, t in sources.items()}
    return lower_module(modules[name], ProjectTable.build(modules, Api()), "keras3")


NAMES = TargetNames(
    is_source=lambda module: module.partition(".")[0] in ("tensorflow", "keras", "tf_keras")
)

Change = Callable[[ir.Node], Any]


def change(tree: ir.Module, function: Change) -> ir.Module:
    """Replaces the nodes for which `function` returns something but None, outermost first."""

    def visit(node: ir.Node) -> Any:
        new = function(node)
        return ir.map_children(node, visit) if new is None else new

    return ir.map_children(tree, visit)


def emit(
    text: str,
    function: Change,
    names: TargetNames = NAMES,
    options: EmitOptions | None = None,
    **lowering: Any,
) -> Emitted:
    """The text with its tree changed."""
    original = lower(text, **lowering)
    return emit_module(change(original, function), original, text, names, options)


def nothing(node: ir.Node) -> None:
    """Changes nothing."""


def positional(*values: ir.Expression) -> tuple[ir.Argument, ...]:
    """Plain arguments."""
    return tuple(ir.Argument(v) for v in values)


def to_jax(node: ir.Node) -> Any:
    """A toy rewrite: three operations, a base class, and one operation without a rule."""

    def inner(below: ir.Node) -> Any:
        new = to_jax(below)
        return ir.map_children(below, inner) if new is None else new

    def call(path: str, *more: ir.Argument) -> ir.Call:
        assert isinstance(node, ir.OpCall)
        values = [
            ir.Argument(inner(v), None if i == 0 else name, span=v.span)
            for i, (name, v) in enumerate(node.bound.items())
            if name != "name"
        ]
        rest = [inner(a) for a in node.extra]
        return ir.Call(ir.Symbol(path), (*values, *rest, *more), span=node.span)

    if isinstance(node, ir.Symbol) and node.path == "keras.Model":
        return ir.Symbol("flax.nnx.Module", span=node.span)
    if isinstance(node, ir.OpCall):
        match node.symbol:
            case "tf.reduce_sum":
                return call("jax.numpy.sum")
            case "tf.nn.relu":
                return call("jax.nn.relu")
            case "keras.layers.Dense":
                return call("flax.nnx.Linear", ir.Argument(ir.Name("rngs"), "rngs"))
            case "tf.helped":
                return call("tf_compat.helped")
            case "tf.unknown":
                return ir.Unhandled("TJ2001", "no rule for tf.unknown", node)
            case _:
                return None
    return None


def rebuild(node: Any) -> Any:
    """The same tree in new objects, spans kept."""
    if isinstance(node, ir.Node):
        return ir.replace_node(
            node, **{n: rebuild(getattr(node, n)) for n in ir.field_names(type(node))}
        )
    if isinstance(node, tuple):
        return tuple(rebuild(item) for item in node)
    if isinstance(node, dict):
        return {key: rebuild(value) for key, value in node.items()}
    return node


def strip(node: Any, source: Any) -> Any:
    """The same tree without spans; what was resolved is a name again, spelled as in the source."""
    if isinstance(node, ir.OpCall):
        values: list[Any] = [(v, ir.Argument(v, k)) for k, v in node.bound.items()]
        values += [(a.value, a) for a in node.extra]
        values.sort(key=lambda p: (p[0].span.start_line, p[0].span.start_column))
        arguments = tuple(strip(a, source) for _, a in values)
        return ir.Call(strip(node.function, source), arguments)
    if isinstance(node, ir.Symbol | ir.Reference):
        return ir.Name(source.slice(node.span)) if node.span else ir.Name("unknown")
    if isinstance(node, ir.Node):
        fields = {n: strip(getattr(node, n), source) for n in ir.field_names(type(node))}
        return ir.replace_node(node, span=None, **fields)
    if isinstance(node, tuple):
        return tuple(strip(item, source) for item in node)
    return node
