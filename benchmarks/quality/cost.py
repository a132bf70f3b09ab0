"""What XLA says that a model costs: `python -m benchmarks.quality.cost REQUEST.json`.

A process of its own for each model, since the translation hides TensorFlow from its imports and a
port needs the original package. Writes to standard output as JSON, for the forward pass and for the
gradient of the sum of squares of the outputs by all that is trained: floating-point operations as
written (`asked`), and operations and bytes accessed of the compiled code, where fusion may compute
small things several times.
"""
# pyright: basic

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from tfjax.transpiler.verify.drivers import TARGET_SETUP
from tfjax.transpiler.verify.sampling import sample
from tfjax.transpiler.verify.specs import parse_spec
from tfjax.transpiler.verify.trees import flatten


def main(request: Path) -> None:
    data = json.loads(request.read_text(encoding="utf-8"))
    sys.path[:0] = data["paths"]
    inputs = {name: jnp.asarray(_sample(text)) for name, text in data["inputs"].items()}
    function, parameters = (_translation if data["side"] == "translation" else _port)(data, inputs)
    print(
        json.dumps(
            {"forward": _cost(function, parameters, inputs)}
            | _gradient(function, parameters, inputs)
        )
    )


def _sample(text: str) -> Any:
    spec = parse_spec(text)
    if spec is None:
        raise ValueError(f"not an input specification: {text}")
    return sample(spec, text, {}, 0)


def _translation(data: dict[str, Any], inputs: dict[str, Any]) -> tuple[Callable[..., Any], Any]:
    """The translated model as a pure function of its parameters."""
    from flax import nnx

    from ..cases import overlay

    overlay.install(data["output"], data["roots"], data["stubs"])
    scope: dict[str, Any] = {"nnx": nnx, "m": __import__(data["driver"])}
    exec(TARGET_SETUP, scope)
    model = scope["build_model"]()
    if isinstance(model, nnx.Module):
        model.eval()
    graph, parameters, rest = nnx.split(model, nnx.Param, ...)

    def function(parameters: Any, inputs: dict[str, Any]) -> Any:
        return scope["m"].call(nnx.merge(graph, parameters, rest, copy=True), **inputs)

    return function, parameters


def _port(data: dict[str, Any], inputs: dict[str, Any]) -> tuple[Callable[..., Any], Any]:
    import importlib

    scope: dict[str, Any] = {"m": importlib.import_module(data["module"])}
    exec(data["setup"], scope)
    scope["port"] = eval(data["build"], scope)
    parameters = eval(data["parameters"], scope | inputs)

    def function(parameters: Any, inputs: dict[str, Any]) -> Any:
        return eval(data["call"], scope | {"parameters": parameters} | inputs)

    return function, parameters


def _arrays(value: Any) -> list[Any]:
    return [jnp.asarray(leaf) for _, leaf in flatten(value)]


def _cost(
    function: Callable[..., Any], parameters: Any, inputs: dict[str, Any]
) -> dict[str, float]:
    return _measure(lambda p, i: _arrays(function(p, i)), parameters, inputs)


def _gradient(
    function: Callable[..., Any], parameters: Any, inputs: dict[str, Any]
) -> dict[str, Any]:
    def loss(parameters: Any, inputs: dict[str, Any]) -> Any:
        leaves = [
            a
            for a in _arrays(function(parameters, inputs))
            if jnp.issubdtype(a.dtype, jnp.floating)
        ]
        return sum(jnp.sum(a.astype(jnp.float32) ** 2) for a in leaves)

    trained, other = _by_kind(parameters)

    def by_trained(trained: Any, rest: tuple[Any, dict[str, Any]]) -> Any:
        return loss(_joined(trained, rest[0]), rest[1])

    return {"gradient": _measure(jax.grad(by_trained), trained, (other, inputs))}


def _by_kind(parameters: Any) -> tuple[Any, Any]:
    """Trained parameters and statistics, which Linen keeps in one dictionary by kind."""
    if isinstance(parameters, dict) and "params" in parameters:
        return {"params": parameters["params"]}, {
            k: v for k, v in parameters.items() if k != "params"
        }
    return parameters, None


def _joined(trained: Any, other: Any) -> Any:
    return trained if other is None else {**trained, **other}


def _measure(function: Callable[..., Any], *arguments: Any) -> dict[str, float]:
    lowered = jax.jit(function).lower(*arguments)
    asked, compiled = lowered.cost_analysis(), lowered.compile().cost_analysis()
    return {
        "asked": asked["flops"],
        "flops": compiled["flops"],
        "bytes": compiled["bytes accessed"],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
