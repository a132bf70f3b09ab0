"""Run every program under TensorFlow alone: forward pass, gradients, the same result twice.

usage: python -m tests.programs.tensorflow_check [NAME ...]      exit code 1 if a program fails
A program that TensorFlow itself cannot run proves nothing about the compiler.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tests.programs import EXAMPLES, HERE, Program, examples, programs

SPEC = re.compile(r"(\w+)\[([^\]]*)\](?:\s*<\s*(\d+))?")


def check(program: Program) -> str:
    """One line about the program; raises if it does not run or is not deterministic."""
    import numpy as np
    import tensorflow as tf

    def value(spec: str) -> Any:
        match = SPEC.fullmatch(spec)
        assert match, f"{program.name}: bad input spec {spec!r}"
        dims = [d.strip() for d in match[2].split(",") if d.strip()]
        shape = [int(d) if d.isdigit() else 3 for d in dims]
        random = np.random.RandomState(len(spec))
        if match[3]:
            return tf.constant(random.randint(0, int(match[3]), shape), match[1])
        return tf.constant(random.standard_normal(shape), match[1])

    def floats(tree: Any) -> list[Any]:
        return [t for t in tf.nest.flatten(tree) if t.dtype.is_floating]

    tf.random.set_seed(1)
    module = importlib.import_module(program.path.stem)
    scope: dict[str, Any] = {"tf": tf, **{k: value(s) for k, s in program.inputs.items()}}
    scope["model"] = getattr(module, program.object_name)(**program.kwargs)
    expression = compile(program.call, program.name, "eval")
    eval(expression, scope)  # builds
    state = [(v, v.numpy()) for v in getattr(scope["model"], "variables", ())]

    def restore() -> None:
        for variable, start in state:
            variable.assign(start)
        for layer in getattr(scope["model"], "_flatten_layers", list)():
            # Keras 3 cannot reset the states of cells on top of each other.
            for held in tf.nest.flatten(getattr(layer, "states", None) or []):
                if held is not None:
                    held.assign(tf.zeros_like(held))

    restore()
    first = floats(eval(expression, scope))
    restore()
    with tf.GradientTape() as tape:
        second = floats(eval(expression, scope))
        loss = tf.add_n([tf.reduce_sum(t * tf.cos(t)) for t in second])
    for a, b in zip(first, second, strict=True):
        assert bool(tf.reduce_all(tf.math.is_finite(a))), f"{program.name}: output not finite"
        assert bool(tf.reduce_all(tf.equal(a, b))), f"{program.name}: not deterministic"
    weights = scope["model"].trainable_variables
    gradients = tape.gradient(loss, weights)
    missing = [w.name for w, g in zip(weights, gradients, strict=True) if g is None]
    note = f", no gradient for {', '.join(missing)}" if missing else ""
    shapes = " ".join(str(tuple(t.shape)) for t in first)
    return f"{program.name}: {len(weights)} weights, outputs {shapes}{note}"


def run(names: list[str], keras: str) -> int:
    """Check the programs of one Keras flavour in this process; returns the number of failures."""
    failures = 0
    sys.path[:0] = [str(HERE), str(EXAMPLES)]
    for program in selected(names, keras):
        try:
            print(check(program), flush=True)
        except Exception as error:
            failures += 1
            print(f"FAILED {program.name}: {type(error).__name__}: {error}", flush=True)
    return failures


def selected(names: list[str], keras: str) -> Iterator[Program]:
    for program in (*programs(), *examples()):
        if program.keras == keras and (not names or program.name in names):
            yield program


def main(names: list[str]) -> int:
    """The flavour is fixed when TensorFlow is imported, hence one process for each."""
    if flavour := os.environ.get("PROGRAMS_KERAS"):
        return min(run(names, flavour), 1)
    codes = []
    for keras in ("2", "3"):
        if not any(selected(names, keras)):
            continue
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        legacy = {"TF_USE_LEGACY_KERAS": "1"} if keras == "2" else {"KERAS_BACKEND": "tensorflow"}
        env = {**os.environ, **quiet, **legacy, "PROGRAMS_KERAS": keras}
        command = [sys.executable, "-m", "tests.programs.tensorflow_check", *names]
        codes.append(subprocess.run(command, env=env).returncode)
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
