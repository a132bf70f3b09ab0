"""The measured part of the JAX side: one compiled pure function of weights and inputs."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from .jax_structure import CallOrder, Path, nnx_nodes
from .sampling import cotangent, is_float
from .trees import flatten, rebuild

Call = Callable[[Any, dict[str, Any]], Any]


@dataclass
class TargetEvaluation:
    """Outputs, gradients by variable path and by input path, and state after the call."""

    outputs: dict[str, Any]
    parameter_gradients: dict[Path, Any]
    input_gradients: dict[str, Any]
    state: dict[Path, Any]
    gradient_error: str = ""


def array_leaves(value: Any) -> list[tuple[str, Any]]:
    return [(path, jnp.asarray(leaf)) for path, leaf in flatten(value)]


def trace(
    model: Any,
    call: Call,
    skeletons: dict[str, Any],
    arrays: dict[str, Any],
    first: dict[Path, int],
) -> dict[str, Any]:
    """An abstract forward pass: output path -> shape and dtype. `first` gets the order of first
    calls, as far as it comes."""
    graph, state = nnx.split(model)
    order = CallOrder(model)
    order.first = first

    def forward(state: Any, arrays: Any) -> Any:
        copy = nnx.merge(graph, state, copy=True)
        order.begin(copy)
        return dict(array_leaves(call(copy, call_inputs(skeletons, arrays))))

    with order:
        shapes = jax.eval_shape(forward, state, arrays)
    return shapes


def call_inputs(skeletons: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: rebuild(data, arrays) for name, data in skeletons.items()}


class Evaluator:
    """Compiles once for each choice of sizes; weights are arguments of the compiled function."""

    def __init__(
        self,
        model: Any,
        call: Call,
        skeletons: dict[str, Any],
        differentiated: frozenset[Path],
        watched: frozenset[str],
        stats: frozenset[Path],
    ) -> None:
        self.model = model
        self.watched = watched
        self.differentiated = differentiated
        self.stats = sorted(stats)
        graph, _, _ = self._split()

        def pure(diff: Any, rest: Any, floats: Any, others: Any) -> Any:
            copy = nnx.merge(graph, diff, rest, copy=True)
            leaves = array_leaves(call(copy, call_inputs(skeletons, floats | others)))
            terms = [
                jnp.sum(leaf * cotangent(leaf.shape, leaf.dtype, i))
                for i, (_, leaf) in enumerate(leaves)
                if is_float(leaf.dtype)
            ]
            total = sum((t.astype(terms[0].dtype) for t in terms), start=jnp.zeros(()))
            variables = nnx_nodes(copy)[1]
            return total, (dict(leaves), [variables[p].get_value() for p in self.stats])

        self.pure = pure
        self.forward = jax.jit(lambda *args: pure(*args)[1])
        self.both = jax.jit(jax.grad(pure, argnums=(0, 2), has_aux=True))

    def _split(self) -> tuple[Any, Any, Any]:
        graph, diff, rest = nnx.split(self.model, lambda p, v: tuple(p) in self.differentiated, ...)
        return graph, diff, rest

    def _arguments(self, arrays: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
        _, diff, rest = self._split()
        floats = {k: v for k, v in arrays.items() if k in self.watched}
        others = {k: v for k, v in arrays.items() if k not in self.watched}
        return diff, rest, floats, others

    def jaxpr(self, arrays: dict[str, Any]) -> Any:
        """The forward pass as a closed jaxpr."""
        return jax.make_jaxpr(lambda *a: self.pure(*a)[1][0])(*self._arguments(arrays))

    def evaluate(self, arrays: dict[str, Any], *, gradients: bool) -> TargetEvaluation:
        """Outputs even where the gradients fail. Raises what the model's call raises."""
        diff, rest, floats, others = self._arguments(arrays)
        error = "not asked for"
        if gradients:
            try:
                (by_weight, by_input), (leaves, state) = self.both(diff, rest, floats, others)
                found = {
                    tuple(p): np.asarray(v.get_value()) for p, v in nnx.to_flat_state(by_weight)
                }
                inputs = {k: np.asarray(v) for k, v in by_input.items()}
                return TargetEvaluation(
                    _numpy(leaves), found, inputs, dict(zip(self.stats, state, strict=True))
                )
            except Exception as e:  # e.g. no reverse mode: the outputs still count
                error = f"{type(e).__name__}: {str(e)[:300]}"
        leaves, state = self.forward(diff, rest, floats, others)
        after = dict(zip(self.stats, state, strict=True))
        return TargetEvaluation(_numpy(leaves), {}, {}, after, error)


def _numpy(leaves: dict[str, Any]) -> dict[str, Any]:
    return {path: np.asarray(leaf) for path, leaf in leaves.items()}
