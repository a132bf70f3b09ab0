"""One case of an optimizer: the same steps on the same gradients, from the same weights.

Gradients of three sizes are tried, each over several steps with zeros among them: what an epsilon
adds shows with the tiny ones, what a clip takes with the large ones.
"""
# pyright: basic

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from .case import Case
from .compare import MOVES, compare
from .outcome import CaseResult, Failure
from .source import packages
from .target import namespace
from .translator import RefusedError, Translator

SCALES = (1.0, 1e-6, 30.0)
STEPS = 8
SHAPES = {"kernel": (3, 4), "bias": (4,), "stack": (2, 3, 2), "scale": ()}
ROUNDING = 2e-4
"""Of the way gone: `1 - b2**step` is a difference of nearly equal numbers in both."""


def prove_optimizer(
    case: Case, translator: Translator, deep: bool = True, explain: bool = True
) -> CaseResult:
    """Never raises. `deep`: also without `jax.jit`."""
    code = ""
    try:
        expected = [_source(case, scale) for scale in SCALES]
    except Exception as error:
        return CaseResult("rejected", reason=f"{type(error).__name__}: {str(error)[:200]}")
    try:
        code = translator.expression(case.text, case.keras, "", {})
        target = _Target(code)
        for jit in (True, False) if deep else (True,):
            for scale, wanted in zip(SCALES, expected, strict=True):
                found = _differs(case, target, scale, wanted, jit)
                if found is not None:
                    message, a, b = found
                    failure = Failure("L2", message, case.shown(), {}, code, a, b)
                    return CaseResult("failed", code, failure=failure)
    except RefusedError as error:
        return CaseResult("refused", code, str(error))
    except Exception as error:
        message = f"{type(error).__name__}: {str(error)[:300]}"
        return CaseResult("failed", code, failure=Failure("L2", message, case.shown(), {}, code))
    return CaseResult("ran", code)


def weights() -> dict[str, np.ndarray]:
    """Where all start: small weights, and a bias of zeros."""
    rng = np.random.default_rng(3)
    found = {name: rng.normal(size=shape) * 0.2 for name, shape in SHAPES.items()}
    found["bias"] = np.zeros(SHAPES["bias"])
    return {name: np.asarray(value, np.float32) for name, value in found.items()}


def gradients(scale: float) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(5)
    steps: list[dict[str, np.ndarray]] = []
    for step in range(STEPS):
        found = {name: rng.normal(size=shape) * scale for name, shape in SHAPES.items()}
        found["kernel"][0] = 0.0
        if step == 2:
            found["bias"] = found["bias"] * 0.0
        steps.append({name: np.asarray(value, np.float32) for name, value in found.items()})
    return steps


def _source(case: Case, scale: float) -> list[dict[str, np.ndarray]]:
    import tensorflow as tf

    optimizer = eval(case.text, packages(case.keras))
    variables = {name: tf.Variable(tf.constant(value)) for name, value in weights().items()}
    path: list[dict[str, np.ndarray]] = []
    for step in gradients(scale):
        pairs = [(tf.constant(step[name]), variable) for name, variable in variables.items()]
        optimizer.apply_gradients(pairs)
        path.append({name: variable.numpy() for name, variable in variables.items()})
    return path


class _Target:
    """The emitted transformation; `jit` tells whether its update is compiled."""

    def __init__(self, code: str) -> None:
        self.transformation = eval(code, namespace())
        self.compiled = jax.jit(self.transformation.update)

    def path(self, scale: float, jit: bool) -> list[dict[str, np.ndarray]]:
        update = self.compiled if jit else self.transformation.update
        found: Any = {name: jnp.asarray(value) for name, value in weights().items()}
        state = self.transformation.init(found)
        path: list[dict[str, np.ndarray]] = []
        for step in gradients(scale)[: STEPS if jit else 2]:
            updates, state = update({n: jnp.asarray(g) for n, g in step.items()}, state, found)
            found = optax.apply_updates(found, updates)
            path.append({name: np.asarray(value) for name, value in found.items()})
        return path


def _differs(
    case: Case, target: _Target, scale: float, wanted: list[dict[str, np.ndarray]], jit: bool
) -> tuple[str, str, str] | None:
    """What differs first, and the way that the weight has gone on both sides."""
    starts = weights()
    path = target.path(scale, jit)
    for number, (expected, actual) in enumerate(zip(wanted, path, strict=False), 1):
        for name, start in starts.items():
            a, b = expected[name], actual[name]
            gone = float(np.max(np.abs(a.astype(np.float64) - start)))
            room = np.full(a.shape, gone * ROUNDING / MOVES)
            difference = compare(a, b, room)
            if difference is not None:
                where = f"{name} after step {number}, gradients of about {scale:g}"
                message = f"{where}{', under jit' * jit}: {difference.message}"
                return message, str(a - start), str(b - start)
    return None
