"""What the oracle measures: outputs, gradients, state changes, TensorFlow's own rounding."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from .oracle_tree import raw_variable
from .sampling import cotangent, is_float, noisy_start, ulp_noise
from .structure import STATE
from .trees import Leaf, flatten


class SourceError(Exception):
    """The source program cannot serve as an oracle: `reason` is one of result.REASONS."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass
class Evaluation:
    """One forward pass: outputs, gradients where they exist, untrained variables after the call."""

    outputs: dict[str, Any]
    parameter_gradients: dict[int, Any]
    input_gradients: dict[str, Any]
    state: dict[int, Any]
    gradient_error: str = ""


class Variables:
    """All variables of the model, with their start values to go back to.

    Layers that compute with a copy of a variable (`Normalization` of what it has adapted to) are
    told when it changes, by their `finalize_state`.
    """

    def __init__(self, variables: list[Any], roles: list[str], modules: list[Any]) -> None:
        self.raw = [raw_variable(v) for v in variables]
        self.roles = roles
        self.values: list[Any] = []
        found = [getattr(module, "finalize_state", None) for module in modules]
        self._copies = [finalize for finalize in found if callable(finalize)]

    def randomise(self) -> None:
        for i, (variable, role) in enumerate(zip(self.raw, self.roles, strict=True)):
            if variable.dtype.is_floating:
                variable.assign(noisy_start(variable.numpy(), i, role == "param"))
        self.values = [v.numpy() for v in self.raw]
        self._copy()

    def restore(self) -> None:
        for variable, value in zip(self.raw, self.values, strict=True):
            variable.assign(value)
        self._copy()

    def perturb(self, seed: int) -> None:
        for i, (variable, value) in enumerate(zip(self.raw, self.values, strict=True)):
            if is_float(value.dtype):
                variable.assign(ulp_noise(value, 1000 * seed + i))
        self._copy()

    def _copy(self) -> None:
        for finalize in self._copies:
            finalize()

    def stats(self) -> dict[int, Any]:
        """Present values of the variables that are not trained, integers among them."""
        return {i: v.numpy() for i, v in enumerate(self.raw) if self.roles[i] in STATE}


def to_numpy_leaves(flat: list[Leaf]) -> dict[str, Any]:
    """Output leaves as arrays. Raises SourceError for values that no array can hold."""
    leaves: dict[str, Any] = {}
    for path, leaf in flat:
        if isinstance(leaf, (tf.SparseTensor, tf.RaggedTensor, tf.IndexedSlices)):
            raise SourceError("source-error", f"output {path} is a {type(leaf).__name__}")
        array = np.asarray(raw_variable(leaf) if raw_variable(leaf) is not None else leaf)
        if array.dtype.kind in "OSU":
            kind = type(leaf).__name__ if array.dtype.kind == "O" else "string"
            raise SourceError("source-error", f"output {path} is not numeric ({kind})")
        leaves[path] = array
    return leaves


class Evaluator:
    """Runs `call(inputs)` from the same start state each time."""

    def __init__(self, call: Callable[[dict[str, Any]], Any], variables: Variables) -> None:
        self.call = call
        self.variables = variables

    def forward(self, inputs: dict[str, Any], *, perturbed: int = 0) -> Evaluation:
        """Outputs and state alone."""
        self.variables.restore()
        if perturbed:
            self.variables.perturb(perturbed)
        outputs = to_numpy_leaves(flatten(self.call(inputs)))
        return Evaluation(outputs, {}, {}, self.variables.stats(), "not asked for")

    def gradients(
        self, inputs: dict[str, Any], watched: dict[str, Any], *, perturbed: int = 0
    ) -> Evaluation:
        """Gradients of sum(output * cotangent) for trained variables and the `watched` inputs."""
        self.variables.restore()
        if perturbed:
            self.variables.perturb(perturbed)
        trained = [i for i, role in enumerate(self.variables.roles) if role == "param"]
        raw = [self.variables.raw[i] for i in trained]
        keys = list(watched)
        with tf.GradientTape() as tape:
            tape.watch([watched[k] for k in keys])
            tape.watch(raw)
            leaves = flatten(self.call(inputs))
            total = weighted_sum(leaves)
        outputs = to_numpy_leaves(leaves)
        state = self.variables.stats()
        if total is None:
            return Evaluation(outputs, {}, {}, state, "no output is a float")
        try:
            found = tape.gradient(total, [*raw, *[watched[k] for k in keys]])
        except Exception as e:  # ops without a gradient: the outputs still count
            return Evaluation(outputs, {}, {}, state, f"{type(e).__name__}: {str(e)[:300]}")
        dense = [None if g is None else tf.convert_to_tensor(g).numpy() for g in found]
        zeros = [np.zeros(tuple(v.shape), v.dtype.as_numpy_dtype) for v in raw]
        zeros += [np.zeros(tuple(watched[k].shape), watched[k].dtype.as_numpy_dtype) for k in keys]
        full = [z if g is None else g for g, z in zip(dense, zeros, strict=True)]
        by_variable = dict(zip(trained, full[: len(raw)], strict=True))
        by_input = dict(zip(keys, full[len(raw) :], strict=True))
        return Evaluation(outputs, by_variable, by_input, state)


def weighted_sum(leaves: list[Leaf]) -> Any:
    """The scalar whose gradients are compared; None where no output is a float."""
    terms = [
        tf.reduce_sum(leaf * cotangent(tuple(leaf.shape), leaf.dtype.as_numpy_dtype, i))
        for i, (_, leaf) in enumerate(leaves)
        if tf.is_tensor(leaf) and leaf.dtype.is_floating
    ]
    return tf.add_n([tf.cast(t, terms[0].dtype) for t in terms]) if terms else None


def largest_change(base: Any, probes: list[Any]) -> float:
    """The largest absolute change of a leaf over the probes, 0.0 for exact dtypes."""
    if not is_float(base.dtype) and base.dtype.kind != "c":
        return 0.0
    changes = [0.0]
    for probe in probes:
        if probe.shape == base.shape and base.size:
            wide = np.complex128 if base.dtype.kind == "c" else np.float64
            with np.errstate(invalid="ignore", over="ignore"):
                d = np.abs(probe.astype(wide) - base.astype(wide))
            finite = d[np.isfinite(d)]
            changes.append(float(finite.max()) if finite.size else 0.0)
    return max(changes)
