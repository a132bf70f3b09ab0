"""JAX transformations: the same values eagerly, under `jit` and under `vmap`; forward mode and
reverse mode give the same derivative."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .compare import compare_leaf, summarise
from .jax_modes import Measured
from .jax_pure import pure_call
from .result import Comparison, LeafReport
from .sampling import is_float
from .specs import array_specs

DERIVATIVE_FACTOR = 1000.0
"""How many units of rounding forward and reverse mode may be apart: both are one number, a sum over
all inputs of terms of either sign."""


def compare_transforms(measured: Measured) -> Comparison:
    """Every check is a leaf named after the transformation."""
    function, state, arrays = pure_call(measured)
    jitted = jax.jit(function)
    expected = jitted(state, arrays)
    reports = _same(measured, "eager", expected, function(state, arrays))
    reports += _same(measured, "jit, called again", expected, jitted(state, arrays))
    if _is_batched(measured, arrays, expected):
        single = jax.jit(lambda arrays: _one(function, state, arrays))
        parts = [single(_row(arrays, i)) for i in range(_batch(arrays))]
        one_by_one = {n: jnp.stack([p[n] for p in parts]) for n in expected}
        mapped = jax.jit(jax.vmap(lambda arrays: _one(function, state, arrays)))(arrays)
        reports += _same(measured, "vmap", one_by_one, mapped)
    reports += _derivatives(measured, function, state, arrays)
    return summarise(reports)


def _same(measured: Measured, label: str, expected: Any, found: Any) -> list[LeafReport]:
    changes = measured.comparer.changes(0, "out")
    return [
        compare_leaf(
            f"{label}: {path}",
            value,
            found[path],
            measured.comparer.tolerance(changes.get(path, 0.0)),
            x64=measured.case.x64,
        )
        for path, value in expected.items()
    ]


def _is_batched(measured: Measured, arrays: Any, outputs: Any) -> bool:
    """Whether all inputs and outputs have one leading dim, of one name in the specs."""
    specs = array_specs(dict(measured.case.inputs))
    names = {s.dims[0] if s.dims else None for s in specs}
    if len(names) != 1 or not isinstance(next(iter(names)), str) or len(arrays) != len(specs):
        return False
    sizes = {v.shape[0] if v.ndim else None for v in (*arrays.values(), *outputs.values())}
    return len(sizes) == 1 and None not in sizes


def _batch(arrays: Any) -> int:
    return next(iter(arrays.values())).shape[0]


def _row(arrays: Any, i: int) -> Any:
    return {n: a[i] for n, a in arrays.items()}


def _one(function: Callable[[Any, Any], Any], state: Any, arrays: Any) -> Any:
    """The outputs of one example, in a batch of one."""
    found = function(state, {n: a[None] for n, a in arrays.items()})
    return {n: v[0] for n, v in found.items()}


def _derivatives(measured: Measured, function: Any, state: Any, arrays: Any) -> list[LeafReport]:
    """<J v, u> from forward mode against <v, J' u> from reverse mode, over the float inputs."""
    floats = {n: a for n, a in arrays.items() if is_float(a.dtype)}
    if not floats or "gradients" not in measured.case.modes:
        return []

    def outputs(values: Any) -> Any:
        found = function(state, arrays | values)
        return [v for v in found.values() if is_float(v.dtype)]

    r = np.random.default_rng(5)
    v = {n: jnp.asarray(r.standard_normal(a.shape), a.dtype) for n, a in floats.items()}
    try:
        values, reverse = jax.vjp(outputs, floats)
    except Exception:  # without reverse mode the gradients are inconclusive already
        return []
    u = [jnp.asarray(r.standard_normal(a.shape), a.dtype) for a in values]
    try:
        _, forward = jax.jvp(outputs, (floats,), (v,))
    except Exception:  # a custom reverse rule has no forward mode: nothing to compare
        return []
    (back,) = reverse(u)
    ahead = np.asarray([np.vdot(_wide(a), _wide(b)) for a, b in zip(forward, u, strict=True)])
    behind = np.asarray([np.vdot(_wide(back[n]), _wide(v[n])) for n in floats])
    norm = sum(float(np.linalg.norm(_wide(a)) * np.linalg.norm(_wide(b)))
               for a, b in zip(forward, u, strict=True))  # fmt: skip
    error = abs(float(ahead.sum()) - float(behind.sum()))
    limit = DERIVATIVE_FACTOR * float(np.finfo(np.float32).eps) * norm
    verdict = "pass" if error <= limit else "fail"
    name = "forward and reverse mode"
    return [LeafReport(name, verdict, "" if verdict == "pass" else "transforms",
                       max_error=error, tolerance=limit)]  # fmt: skip


def _wide(array: Any) -> Any:
    return np.asarray(array, np.float64)
