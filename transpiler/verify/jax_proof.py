"""What a test needs to prove a case again: inputs, the target's weights, what TensorFlow gave for
them, and the tolerances. Nothing of the compiler is needed to read it."""
# pyright: basic

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from .jax_modes import Measured
from .sampling import cotangent, eps_of, is_float
from .steps import apply_steps
from .tensors import save_tensors

_PERMUTING = ("transpose", "reshape", "squeeze", "expand", "flip", "permute_blocks")
"""Steps that only move values: a gradient goes the same way as its weight."""


def write_proof(measured: Measured, folder: Path) -> None:
    """Writes `proof.json` and `proof.safetensors`: the first draw of each run."""
    comparer, case = measured.comparer, measured.case
    arrays: dict[str, Any] = {}
    moves = measured.candidate.moves
    weights: dict[str, list[Any]] = {}
    for move in moves:
        key = f"weight/{move.target}"
        arrays[key] = apply_steps(
            np, [comparer.tensors[f"param/{i}"] for i in move.sources], move.steps
        )
        weights[key] = list(measured.paths[move.target])
    runs: list[dict[str, Any]] = []
    for number in range(len(comparer.oracle["runs"])):
        runs.append(_run(measured, number, arrays))
    document = {
        "name": case.name,
        "module": case.target.module,
        "eval_mode": case.target.eval_mode,
        "x64": case.x64,
        "inputs": list(case.inputs),
        "weights": weights,
        "runs": runs,
    }
    save_tensors(folder / "proof.safetensors", arrays)
    (folder / "proof.json").write_text(json.dumps(document, indent=1) + "\n")


def _run(measured: Measured, number: int, arrays: dict[str, Any]) -> dict[str, Any]:
    comparer = measured.comparer
    prefix = f"run{number}"
    for path, value in comparer.arrays(number, 0).items():
        arrays[f"{prefix}/in/{path}"] = np.asarray(value)
    changes = comparer.changes(number, "out")
    outputs: dict[str, float] = {}
    for i, (path, change) in enumerate(changes.items()):
        expected = comparer.tensors[f"run{number}/draw0/out/{path}"]
        arrays[f"{prefix}/out/{path}"] = expected
        outputs[path] = _limit(comparer.tolerance(change), expected)
        if is_float(expected.dtype):
            arrays[f"{prefix}/cotangent/{path}"] = cotangent(expected.shape, expected.dtype, i)
    found = {"inputs": comparer.skeletons(number), "outputs": outputs}
    if number == 0:
        found["gradients"] = _gradients(measured, arrays)
    return found


def _gradients(measured: Measured, arrays: dict[str, Any]) -> dict[str, float]:
    """Expected gradients of the target's weights that are a source weight in another layout; not
    of those that differ at a kink there."""
    comparer = measured.comparer
    changes = comparer.changes(0, "grad")
    paths = {f"p{v.id}": v.path for v in measured.source.variables}
    used = [i for m in measured.candidate.moves for i in m.sources]
    values = {n: comparer.tensors[f"run0/draw0/grad/{n}"] for n in changes}
    largest = max((float(np.abs(v).max()) for v in values.values() if v.size), default=0.0)
    found: dict[str, float] = {}
    for move in measured.candidate.moves:
        name = f"p{move.sources[0]}"
        tied = used.count(move.sources[0]) > 1
        moved = all(step["op"] in _PERMUTING for step in move.steps)
        kinked = (0, paths.get(name, "")) in comparer.kinks
        if name not in values or tied or kinked or len(move.sources) > 1 or not moved:
            continue
        expected = apply_steps(np, [values[name]], move.steps)
        arrays[f"gradient/{move.target}"] = expected
        limit = comparer.gradient_tolerance(changes[name], largest)
        found[f"weight/{move.target}"] = _limit(limit, expected)
    return found


def _limit(tolerance: Any, expected: Any) -> float:
    if not is_float(expected.dtype) or not expected.size:
        return 0.0
    values = np.abs(expected.astype(np.float64))
    finite = values[np.isfinite(values)]
    scale = float(finite.max()) if finite.size else 0.0
    narrow = min(expected.dtype.itemsize, 4)
    eps = eps_of(np.float32) if narrow == 4 else eps_of(expected.dtype)
    return tolerance(eps, scale, expected.size)
