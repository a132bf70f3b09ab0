"""Answers the JAX side's questions for values at points of its choice, see `jax_worst.py`.

Questions are files `N.safetensors` in a folder of the JAX side's: inputs `in/PATH`, the weights
`weight/PATH` of a sum of outputs, and `measure`, which asks for what rounding does there. Answers
have `out/PATH`, the gradients `grad/PATH` of that sum by the inputs, and `change/PATH`. A file
`end` ends it.
"""
# pyright: basic

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from .oracle_inputs import with_noise
from .oracle_run import largest_change, to_numpy_leaves
from .tensors import load_tensors, save_tensors
from .trees import flatten, rebuild

POLL_S = 0.01
PROBES = (1, 2, 3, 4, 5)


def answer_all(job: Any, call: Any, variables: Any) -> dict[str, Any]:
    """Serves until the end; `variables` hold the values of the recorded run."""
    recorded = json.loads((Path(job.data["oracle"]) / "result.json").read_text())
    skeletons = recorded["runs"][0]["draws"][0]["inputs"]
    asks, answers = Path(job.data["asks"]), job.folder / "answers"
    answers.mkdir()
    number = 0
    while not (asks / "end").exists():
        ask = asks / f"{number}.safetensors"
        if not ask.exists():
            time.sleep(POLL_S)
            continue
        given = load_tensors(ask)
        try:
            found = _answer(given, call, variables, skeletons)
        except Exception as error:  # a point outside of what the source takes
            found = {"error": np.frombuffer(str(error)[:300].encode() or b"?", np.uint8)}
        part = answers / f"{number}.part"
        save_tensors(part, found)
        part.rename(answers / f"{number}.safetensors")
        number += 1
    return {"answers": number}


def _answer(given: dict[str, Any], call: Any, variables: Any, skeletons: Any) -> dict[str, Any]:
    arrays = {n[3:]: tf.constant(v) for n, v in given.items() if n.startswith("in/")}
    weights = {n[7:]: v for n, v in given.items() if n.startswith("weight/")}
    inputs = {name: rebuild(data, arrays) for name, data in skeletons.items()}
    variables.restore()
    watched = {n: a for n, a in arrays.items() if a.dtype.is_floating}
    with tf.GradientTape() as tape:
        tape.watch(list(watched.values()))
        leaves = flatten(call(inputs))
        terms = [tf.reduce_sum(leaf * weights[p]) for p, leaf in leaves if p in weights]
        total = tf.add_n(terms) if terms else None
    outputs = to_numpy_leaves(leaves)
    found = {f"out/{path}": value for path, value in outputs.items()}
    if total is not None:
        none = tf.UnconnectedGradients.ZERO
        slopes = tape.gradient(total, list(watched.values()), unconnected_gradients=none)
        for name, slope in zip(watched, slopes, strict=True):
            found[f"grad/{name}"] = np.asarray(tf.convert_to_tensor(slope), np.float32)
    if "measure" in given:
        probes: list[dict[str, Any]] = []
        for seed in PROBES:
            variables.restore()
            variables.perturb(seed)
            probes.append(to_numpy_leaves(flatten(call(with_noise(inputs, seed)))))
        for path, value in outputs.items():
            found[f"change/{path}"] = np.asarray(largest_change(value, [p[path] for p in probes]))
    return found
