"""Both sides as functions of what a search may move: float inputs and trained parameters.

Keys of arrays are `in/PATH` for inputs and `param/ID` for parameters, in the source's layout: the
weight map is a part of the JAX side's function, so that derivatives are by the same numbers.
Values are of one of two kinds: outputs, or the gradients of the weighted sum of all outputs that
the mode `gradients` compares.
"""
# pyright: basic

from __future__ import annotations

from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from .jax_exchange import Exchange
from .jax_modes import Measured
from .jax_run import array_leaves, call_inputs
from .jax_structure import set_variables
from .sampling import cotangent, is_float
from .specs import parse_spec
from .steps import apply_steps
from .trees import map_tree

Kind = Literal["out", "grad"]
Arrays = dict[str, Any]
BOUND = 1000.0
MOVED = 5_000_000
"""Parameters of more numbers than this stay: they travel with every question."""


class Both:
    """`free`: key -> the least and the largest value that it may take."""

    def __init__(self, measured: Measured, exchange: Exchange) -> None:
        self.measured, self.exchange = measured, exchange
        self.comparer = measured.comparer
        parameters = self._parameters()
        total = sum(np.size(self.comparer.tensors[key]) for key in parameters)
        self.moves_parameters = total <= MOVED
        self.free = self._inputs()
        if self.moves_parameters:
            self.free |= dict.fromkeys(parameters, (-BOUND, BOUND))
        kinds: dict[Kind, Any] = {"out": self._outputs, "grad": jax.grad(self._sum)}
        self.values = {kind: jax.jit(function) for kind, function in kinds.items()}
        self.slopes = {
            kind: jax.jit(jax.grad(lambda *a, f=f: _weighted(f, *a))) for kind, f in kinds.items()
        }
        self.graph, self.state = nnx.split(self.comparer.model)

    def _inputs(self) -> dict[str, tuple[float, float]]:
        fills: dict[str, str] = {}

        def leaf(path: str, text: Any) -> None:
            spec = parse_spec(text) if isinstance(text, str) else None
            if spec is not None:
                fills[path] = spec.fill

        for name, tree in self.measured.case.inputs.items():
            map_tree(tree, leaf, name)
        bounds = {"normal": (-BOUND, BOUND), "uniform": (0.0, 1.0)}
        there = self.comparer.arrays(0, 0)
        return {f"in/{n}": bounds[fills[n]] for n in there if fills.get(n) in bounds}

    def _parameters(self) -> list[str]:
        """Trained float parameters that the translation has, too."""
        trained = {v.id for v in self.measured.source.variables if v.role == "param"}
        used = {i for move in self.measured.candidate.moves for i in move.sources}
        keys = [f"param/{i}" for i in sorted(trained & used)]
        return [key for key in keys if is_float(self.comparer.tensors[key].dtype)]

    def start(self, run: int) -> Arrays:
        """The point of a recorded run."""
        inputs = {f"in/{n}": a for n, a in self.comparer.arrays(run, 0).items()}
        own = {key: self.comparer.tensors[key] for key in self.free if key.startswith("param/")}
        return inputs | own

    def mine(self, kind: Kind, point: Arrays) -> Arrays:
        found = self.values[kind](*self._split(point))
        return {name: np.asarray(value) for name, value in found.items()}

    def my_slopes(self, kind: Kind, point: Arrays, weights: Arrays) -> Arrays:
        """The gradient of the weighted sum of the values. Raises what JAX raises."""
        found = self.slopes[kind](*self._split(point), weights)
        return {name: np.asarray(value) for name, value in found.items()}

    def theirs(
        self, kind: Kind, point: Arrays, weights: Arrays | None = None, *, measure: bool = False
    ) -> Arrays | None:
        """`value/NAME`; with `weights` of the values, `slope/KEY`; with `measure`, `change/NAME`.
        None where the source does not take the point."""
        asked = {key: np.asarray(value) for key, value in point.items()}
        asked |= {f"weight/{name}": weight for name, weight in (weights or {}).items()}
        said = [f"free/{key}" for key in self.free]
        said += ["grad"] if kind == "grad" else []
        said += ["measure"] if measure else []
        return self.exchange.ask(asked | dict.fromkeys(said, np.ones(1, np.float32)))

    def _split(self, point: Arrays) -> tuple[Arrays, Arrays]:
        free = {key: jnp.asarray(point[key]) for key in self.free}
        return free, {key: value for key, value in point.items() if key not in self.free}

    def _call(self, free: Arrays, others: Arrays) -> list[tuple[str, Any]]:
        copy = nnx.merge(self.graph, self.state, copy=True)
        moved = {key: value for key, value in free.items() if key.startswith("param/")}
        values = {}
        for move in self.measured.candidate.moves if moved else ():
            keys = [f"param/{i}" for i in move.sources]
            if moved.keys() & keys:
                sources = [
                    moved[key] if key in moved else self.comparer.tensors[key] for key in keys
                ]
                values[self.measured.paths[move.target]] = apply_steps(jnp, sources, move.steps)
        set_variables(copy, values)
        inputs = {k.removeprefix("in/"): v for k, v in (free | others).items() if k not in moved}
        return array_leaves(
            self.comparer.call(copy, call_inputs(self.comparer.skeletons(0), inputs))
        )

    def _outputs(self, free: Arrays, others: Arrays) -> Arrays:
        return dict(self._call(free, others))

    def _sum(self, free: Arrays, others: Arrays) -> Any:
        terms = [
            jnp.sum(leaf * cotangent(leaf.shape, leaf.dtype, i))
            for i, (_, leaf) in enumerate(self._call(free, others))
            if is_float(leaf.dtype)
        ]
        return sum((t.astype(terms[0].dtype) for t in terms), start=jnp.zeros(()))


def _weighted(function: Any, free: Arrays, others: Arrays, weights: Arrays) -> Any:
    found = function(free, others)
    return sum(jnp.sum(found[name] * weight) for name, weight in weights.items())
