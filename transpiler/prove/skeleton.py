"""A record for a symbol, from its signature: what `rules new` prints."""

from __future__ import annotations

from ...rules.api import Flavour, SourceApi, TargetApi
from ...rules.api.signature import Parameter

NAMES = {
    "name": "Ignored",
    "seed": "Ignored",
    "axis": "Axes",
    "axes": "Axes",
    "dtype": "DType",
    "shape": "Shape",
    "activation": "Activation",
    "trainable": "Noted",
}
ENDINGS = {
    "_initializer": "Init",
    "_regularizer": "Regularizer",
    "_constraint": "Regularizer",
    "_activation": "Activation",
}
TENSORS = (
    *("x", "y", "a", "b", "x1", "x2", "input", "inputs", "tensor", "images", "image", "features"),
    *("value", "values", "logits", "labels", "signal", "params", "y_true", "y_pred"),
)
MODULES = ("jnp", "jax.nn", "lax", "jax.scipy.special", "jnp.linalg", "jnp.fft", "nnx", "jax.image")


def skeleton(symbol: str, keras: Flavour | str) -> str | None:
    """None for a symbol that the API does not have, or that cannot be called."""
    api = SourceApi.load()
    canonical = api.canonical(symbol) or symbol
    flavour: Flavour = "keras2" if keras == "keras2" else "keras3"
    signature = api.signature(canonical, flavour)
    if signature is None:
        return None
    name = canonical.rpartition(".")[2]
    is_layer = canonical.startswith("keras.layers.") and name[:1].isupper()
    parameters = [p for p in signature if not p.is_variadic]
    types = [_type(p, is_layer) for p in parameters]
    head = f"  from     {symbol}("
    listed = [_parameter(p, kind) for p, kind in zip(parameters, types, strict=True)]
    lines = [f"{'layer' if is_layer else 'rule'} {name}", *_wrapped(head, listed)]
    used = [p for p, kind in zip(parameters, types, strict=True) if kind not in DROPPED]
    arguments = [_argument(p, kind) for p, kind in zip(parameters, types, strict=True) if p in used]
    if is_layer:
        lines += ["  on       x: Tensor[T, (*B, D)]"]
    lines += _target(name, ["D", *arguments, "rngs=rngs"] if is_layer else arguments)
    return "\n".join(lines) + "\n"


DROPPED = ("Ignored", "Noted", "Regularizer")


def _type(parameter: Parameter, is_layer: bool) -> str:
    name, default = parameter.name, parameter.default
    for ending, kind in ENDINGS.items():
        if name.endswith(ending):
            return kind
    if name in NAMES:
        return "Noted" if is_layer and name == "dtype" else NAMES[name]
    if name in TENSORS and (default is None or not parameter.has_literal_default):
        return "Tensor[T, S]"
    if default is None or not parameter.has_literal_default:
        return "int" if is_layer and default is None else "Any"
    value = parameter.literal_default()
    name = type(value).__name__
    return name if name in ("bool", "int", "float", "str") else "Any"


def _parameter(parameter: Parameter, kind: str) -> str:
    if parameter.default is None:
        return f"{parameter.name}: {kind}"
    default = parameter.default if parameter.has_literal_default else "None"
    return f"{parameter.name}: {kind} = {default}"


def _argument(parameter: Parameter, kind: str) -> str:
    if parameter.default is None:
        return parameter.name
    value = f"init({parameter.name})" if kind == "Init" else parameter.name
    return f"{parameter.name}={value}"


def _wrapped(head: str, items: list[str]) -> list[str]:
    """`head` and the items, by commas, in lines of at most 100 columns."""
    lines: list[str] = []
    line = head
    for i, item in enumerate(items):
        piece = item + (", " if i < len(items) - 1 else ")")
        if len(line) + len(piece) > 100 and line.strip():
            lines.append(line.rstrip())
            line = " " * len(head)
        line += piece
    return [*lines, line if items else line + ")"]


def _target(name: str, arguments: list[str]) -> list[str]:
    """The function of that name in JAX or Flax; a comment where there is none."""
    api = TargetApi.load()
    spelled = {"jnp": "jax.numpy", "lax": "jax.lax", "nnx": "flax.nnx"}
    for module in MODULES:
        first, _, rest = module.partition(".")
        full = spelled.get(first, first) + (f".{rest}" if rest else "")
        if api.has(f"{full}.{name}"):
            return _wrapped(f"  to       {module}.{name}(", arguments)
    return [f"  # JAX and Flax have no `{name}`: write the expression after `to`", "  to"]
