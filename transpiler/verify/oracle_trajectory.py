"""The source's losses and parameters over several training steps, see `trajectory.py`."""
# pyright: basic

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tensorflow as tf

from .oracle_run import Evaluator, largest_change
from .sampling import cotangent
from .trajectory import MOMENTUM, RELATIVE_STEP, STEPS
from .trees import flatten


class NothingToTrain(Exception):
    """There is no loss or no parameter: steps of training have no meaning."""


def record_trajectory(
    evaluator: Evaluator, inputs: Any, noisy: list[Any], tensors: dict[str, Any]
) -> dict[str, Any]:
    """Stores the losses, the displacement of each parameter and the state at the end; returns the
    rate and the changes that one-ulp noise makes. `error` says why there is no trajectory, `none`
    why there can be none."""
    try:
        if not _trained(evaluator):
            raise NothingToTrain("there is no parameter to train")
        rate = _rate(evaluator, inputs)
        base = _run(evaluator, inputs, rate, 0)
        probes = [_run(evaluator, one, rate, seed) for seed, one in enumerate(noisy, start=1)]
    except NothingToTrain as error:
        return {"none": str(error)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    tensors |= {f"trajectory/{name}": value for name, value in base.items()}
    changes = {n: largest_change(v, [p[n] for p in probes]) for n, v in base.items()}
    return {"rate": rate, "steps": STEPS, "changes": changes}


def _loss_and_gradients(evaluator: Evaluator, inputs: Any) -> tuple[Any, list[Any]]:
    trained = _trained(evaluator)
    with tf.GradientTape() as tape:
        tape.watch(trained)
        leaves = flatten(evaluator.call(inputs))
        terms = [
            tf.reduce_mean((leaf - cotangent(tuple(leaf.shape), leaf.dtype.as_numpy_dtype, i)) ** 2)
            for i, (_, leaf) in enumerate(leaves)
            if tf.is_tensor(leaf) and leaf.dtype.is_floating
        ]
        if not terms:
            raise NothingToTrain("no output is a float")
        loss = 0.5 * tf.add_n([tf.cast(t, terms[0].dtype) for t in terms])
    found = tape.gradient(loss, trained)
    zeros = [tf.zeros(v.shape, v.dtype) for v in trained]
    dense = [z if g is None else tf.convert_to_tensor(g) for g, z in zip(found, zeros, strict=True)]
    return loss, dense


def _trained(evaluator: Evaluator) -> list[Any]:
    roles = evaluator.variables.roles
    return [v for v, role in zip(evaluator.variables.raw, roles, strict=True) if role == "param"]


def _rate(evaluator: Evaluator, inputs: Any) -> float:
    """A power of two near RELATIVE_STEP * |parameters| / |gradient|."""
    evaluator.variables.restore()
    _, gradients = _loss_and_gradients(evaluator, inputs)
    squares = [float(np.sum(np.square(g.numpy().astype(np.float64)))) for g in gradients]
    sizes = [float(np.sum(np.square(v.numpy().astype(np.float64)))) for v in _trained(evaluator)]
    if not math.isfinite(sum(squares)):
        raise ValueError("the gradient of the loss is not finite")
    if not sum(squares) > 0.0:
        raise NothingToTrain("the loss depends on no parameter")
    return 2.0 ** round(math.log2(RELATIVE_STEP * math.sqrt(sum(sizes) / sum(squares))))


def _run(evaluator: Evaluator, inputs: Any, rate: float, seed: int) -> dict[str, Any]:
    variables = evaluator.variables
    variables.restore()
    if seed:
        variables.perturb(seed)
    trained = _trained(evaluator)
    start = [v.numpy() for v in trained]
    velocity = [tf.zeros(v.shape, v.dtype) for v in trained]
    leaves: dict[str, Any] = {}
    for step in range(STEPS):
        loss, gradients = _loss_and_gradients(evaluator, inputs)
        leaves[f"loss/{step}"] = loss.numpy()
        for i, (variable, gradient) in enumerate(zip(trained, gradients, strict=True)):
            velocity[i] = MOMENTUM * velocity[i] - rate * gradient
            variable.assign_add(velocity[i])
    ids = [i for i, role in enumerate(variables.roles) if role == "param"]
    for i, variable, first in zip(ids, trained, start, strict=True):
        leaves[f"moved/{i}"] = variable.numpy() - first
    leaves |= {f"state/{i}": value for i, value in variables.stats().items()}
    return leaves
