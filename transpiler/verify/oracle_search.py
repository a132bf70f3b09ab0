"""Answers the JAX side's questions for values at points of its choice, see `jax_worst.py`.

Questions are files `N.safetensors` in a folder of the JAX side's: inputs `in/PATH`, parameters
`param/ID` where they are others than the recorded ones, `free/KEY` for each of these by which
gradients are taken; `grad`, which asks for gradients of the weighted sum of all outputs in the
outputs' stead; `weight/NAME`, the weights of a sum of the values; `measure`, which asks for what
rounding does there. Answers have the values `value/NAME`, the gradients `slope/KEY` of the weighted
sum of values, and `change/NAME`. A file `end` ends it.
"""
# pyright: basic

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from .oracle_double import double_evaluator, in_double, wide
from .oracle_inputs import with_noise
from .oracle_run import Evaluator, largest_change, to_numpy_leaves, weighted_sum
from .tensors import load_tensors, save_tensors
from .trees import flatten, map_tree, rebuild

POLL_S = 0.01
PROBES = (1, 2, 3, 4, 5)
ZERO = tf.UnconnectedGradients.ZERO


@dataclass
class Source:
    """The model in single precision, and in double precision as soon as it is asked for."""

    case: Any
    scope: dict[str, Any]
    kerases: Any
    structure: Any
    call: Any
    variables: Any
    doubled: Evaluator | None = None

    def distances(self, given: dict[str, Any], skeletons: Any, values: Any) -> dict[str, float]:
        """How far values are from those in double precision. Raises what the source raises."""
        recorded = self.variables.values
        with in_double(self.kerases):
            if self.doubled is None:
                facts = (self.case, self.scope, self.kerases, self.structure, self.variables)
                self.doubled = double_evaluator(*facts)
            self.doubled.variables.values = [wide(value) for value in recorded]
            point = {n: v if n.startswith("weight/") else wide(v) for n, v in given.items()}
            found = _Question(point, self.doubled.call, self.doubled.variables, skeletons).values()
        pairs = {name: (value, found[name]) for name, value in values.items()}
        return {name: largest_change(value, [other]) for name, (value, other) in pairs.items()}


def answer_all(job: Any, source: Source) -> dict[str, Any]:
    """Serves until the end, around the values of the recorded run."""
    recorded = json.loads((Path(job.data["oracle"]) / "result.json").read_text())
    skeletons = recorded["runs"][0]["draws"][0]["inputs"]
    doubles = "errors" in recorded["double"]
    asks, answers = Path(job.data["asks"]), job.folder / "answers"
    answers.mkdir()
    variables, number = source.variables, 0
    values = list(variables.values)
    while not (asks / "end").exists():
        ask = asks / f"{number}.safetensors"
        if not ask.exists():
            time.sleep(POLL_S)
            continue
        given = load_tensors(ask)
        variables.values = [given.get(f"param/{i}", value) for i, value in enumerate(values)]
        try:
            found = _Question(given, source.call, variables, skeletons).answer()
            if doubles and "measure" in given:
                own = {n[6:]: v for n, v in found.items() if n.startswith("value/")}
                for name, distance in source.distances(given, skeletons, own).items():
                    change = max(distance, float(found[f"change/{name}"]))
                    found[f"change/{name}"] = np.asarray(change)
        except Exception as error:  # a point outside of what the source takes
            found = {"error": np.frombuffer(str(error)[:300].encode() or b"?", np.uint8)}
        part = answers / f"{number}.part"
        save_tensors(part, found)
        part.rename(answers / f"{number}.safetensors")
        number += 1
    return {"answers": number}


class _Question:
    def __init__(self, given: dict[str, Any], call: Any, variables: Any, skeletons: Any) -> None:
        self.call, self.variables, self.skeletons = call, variables, skeletons
        self.arrays = {n[3:]: tf.constant(v) for n, v in given.items() if n.startswith("in/")}
        self.free = [n[5:] for n in given if n.startswith("free/")]
        self.weights = {n[7:]: v for n, v in given.items() if n.startswith("weight/")}
        self.gradients, self.measure = "grad" in given, "measure" in given

    def _start(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Inputs, and the tensors by which gradients are taken."""
        self.variables.restore()
        inputs = {name: rebuild(data, self.arrays) for name, data in self.skeletons.items()}
        return inputs, {key: self._of(key) for key in self.free}

    def values(self) -> dict[str, Any]:
        return to_numpy_leaves(self._values(*self._start()))

    def answer(self) -> dict[str, Any]:
        inputs, by = self._start()
        with tf.GradientTape() as tape:
            tape.watch(list(by.values()))
            leaves = self._values(inputs, by)
            terms = [
                tf.reduce_sum(leaf * self.weights[name])
                for name, leaf in leaves
                if name in self.weights
            ]
            total = tf.add_n(terms) if terms else None
        values = to_numpy_leaves(leaves)
        found = {f"value/{name}": value for name, value in values.items()}
        if total is not None:
            slopes = _dense(tape.gradient(total, by, unconnected_gradients=ZERO))
            found |= {f"slope/{key}": np.asarray(s, np.float32) for key, s in slopes.items()}
        if self.measure:
            probes = [self._probe(inputs, seed) for seed in PROBES]
            for name, value in values.items():
                change = largest_change(value, [probe[name] for probe in probes])
                found[f"change/{name}"] = np.asarray(change)
        return found

    def _of(self, key: str) -> Any:
        kind, _, name = key.partition("/")
        return self.arrays[name] if kind == "in" else self.variables.raw[int(name)]

    def _values(self, inputs: dict[str, Any], by: dict[str, Any]) -> list[tuple[str, Any]]:
        """The outputs, or the gradients of their weighted sum by `by`."""
        if not self.gradients:
            return flatten(self.call(inputs))
        with tf.GradientTape() as tape:
            tape.watch(list(by.values()))
            total = weighted_sum(flatten(self.call(inputs)))
        return list(_dense(tape.gradient(total, by, unconnected_gradients=ZERO)).items())

    def _probe(self, inputs: dict[str, Any], seed: int) -> dict[str, Any]:
        self.variables.restore()
        self.variables.perturb(seed)
        noisy = with_noise(inputs, seed)
        named: dict[str, Any] = {}
        for name, tree in noisy.items():
            map_tree(tree, named.__setitem__, name)
        by = {key: named[key[3:]] if key[:3] == "in/" else self._of(key) for key in self.free}
        return to_numpy_leaves(self._values(noisy, by))


def _dense(gradients: dict[str, Any]) -> dict[str, Any]:
    return {key: tf.convert_to_tensor(value) for key, value in gradients.items()}
