"""The TensorFlow side."""
# pyright: basic

from __future__ import annotations

import hashlib
import importlib
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from .case import VerifyCase
from .codec import encode
from .places import Files
from .sampling import EDGES
from .specs import array_specs, runs_of
from .worker_base import Job, main

DRAWS = 2
"""Input draws for each run: the second one tells gradient kinks from errors."""
PLAIN_RUNS = 2
"""Choices of sizes with gradients."""
SLOW_S = 60.0
"""A source whose first runs take longer is run with nothing that was not asked for."""


def run(job: Job) -> dict[str, Any]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = _run(job)
    texts = {(one.category.__name__, str(one.message)) for one in said}
    return found | {"warnings": sorted(texts)}


def _run(job: Job) -> dict[str, Any]:
    case = job.case
    job.stage("source-import")
    from . import oracle_hooks, source_env
    from .oracle_batch_norm import leave_out_correction
    from .oracle_max_pool import pass_to_the_first

    scope = source_env.source_namespace(case.source, case.flavour)
    keras_modules = _keras_modules(scope)
    recorder = oracle_hooks.CallRecorder(Files.of(case.source.paths, case.source.module))
    for keras in keras_modules:
        oracle_hooks.hook_class(keras.layers.Layer, recorder)
    changed = (leave_out_correction(keras_modules), pass_to_the_first())
    if not case.randomness:
        from . import oracle_randomness

        oracle_randomness.disable(keras_modules)
    exec(case.source.pre, scope)
    scope["m"] = importlib.import_module(case.source.module)
    exec(case.source.setup, scope)
    layers = tuple(k.layers.Layer for k in keras_modules)
    oracle_hooks.hook_modules(scope["tf"].Module, recorder, layers)
    job.stage("source-build")
    scope["model"] = eval(case.source.build, scope)
    job.stage("source-call")
    if job.data.get("checkpoints"):
        return _checkpoints(job, scope, recorder, keras_modules)
    found = _measure(job, scope, recorder, keras_modules)
    if "notes" not in found:
        return found
    return found | {"notes": [*found["notes"], *(note for one in changed for note in one.notes)]}


def _keras_modules(scope: dict[str, Any]) -> tuple[Any, ...]:
    found = [scope["keras"], scope["tf"].keras]
    return tuple({id(k.layers.Layer): k for k in found}.values())


def _checkpoints(job: Job, scope: dict[str, Any], recorder: Any, kerases: Any) -> dict[str, Any]:
    """The names of the variables in saved files, instead of a measurement."""
    from .oracle_checkpoints import record
    from .oracle_inputs import make_inputs

    first = make_inputs(job.case, scope, runs_of(job.case.inputs, job.case.sizes)[0], 0)
    tree, structure = _tree(_caller(job.case, scope), first, scope, recorder, kerases)
    job.stage("source-save")
    keep = job.data["checkpoints"] == "keep"
    found = record(scope["model"], tree, structure, job.folder, keep=keep)
    return found | {"structure": encode(structure)}


def _caller(case: VerifyCase, scope: dict[str, Any]) -> Any:
    return lambda inputs: eval(case.source.call, scope | inputs)


def _tree(call: Any, inputs: Any, scope: dict[str, Any], recorder: Any, kerases: Any) -> Any:
    """The variables of the model, after a first call."""
    from .oracle_tree import SourceTree

    recorder.start()
    call(inputs)  # lazily built layers get their variables here
    tree = SourceTree(kerases)
    tree.add_root(scope["model"])
    # What was only called while the model was built is not a part of it.
    tree.add_stray(recorder.called())
    return tree, tree.structure(recorder.first_call)


def _measure(job: Job, scope: dict[str, Any], recorder: Any, kerases: Any) -> dict[str, Any]:
    from .oracle_inputs import make_inputs
    from .oracle_run import Evaluator, SourceError, Variables

    case, call = job.case, _caller(job.case, scope)
    runs = runs_of(case.inputs, case.sizes)
    first = make_inputs(case, scope, runs[0], 0)
    tree, structure = _tree(call, first, scope, recorder, kerases)
    variables = Variables(tree.variables, [v.role for v in structure.variables], tree.modules)
    variables.randomise()
    if not case.randomness:
        from .oracle_randomness import replace_draws

        replace_draws()
    if "asks" in job.data:
        from .oracle_search import Source, answer_all

        return answer_all(job, Source(case, scope, kerases, structure, call, variables))
    evaluator = Evaluator(call, variables)
    tensors = {f"param/{i}": v for i, v in enumerate(variables.values)}

    before = recorder.count
    outputs = evaluator.forward(first).outputs
    depth = max(1, recorder.count - before)
    _check_deterministic(outputs, evaluator.forward(first).outputs)
    if not outputs:
        raise SourceError("source-error", "the call gave no array")
    started = time.monotonic()
    records, left_out = _records(job, scope, evaluator, runs, tensors)
    slow = time.monotonic() - started > SLOW_S
    found = {
        "notes": [*_notes(scope["model"]), *left_out],
        "trajectory": _trajectory(case, scope, evaluator, runs[0], tensors),
        "traces": _traces(case, scope, call, evaluator, records, recorder),
        "double": _double(case, scope, kerases, structure, variables, records, tensors)
        if "double" in case.modes or not slow
        else {},
    }
    if case.layers:
        from .oracle_layers import record_layers

        variables.restore()
        tensors |= record_layers(call, first, tree, recorder)
    job.save("oracle", tensors)
    return found | {
        "structure": encode(structure),
        "runs": records,
        "depth": depth,
        "files": _source_files(case),
        "randomness": case.randomness,
    }


def _records(
    job: Job, scope: Any, evaluator: Any, runs: list[dict[str, int]], tensors: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """A record for each choice of sizes, and one of edge values; what the source does not take is
    left out, and said. The first two choices must work."""
    started = time.monotonic()
    records = [
        _record_run(job, scope, evaluator, sizes, i, tensors)
        for i, sizes in enumerate(runs[:PLAIN_RUNS])
    ]
    if not job.case.wide:
        return records, []
    if time.monotonic() - started > SLOW_S:
        return records, ["not run with further sizes and edge values: the source is too slow"]
    left_out: list[str] = []
    further = [(sizes, 0) for sizes in runs[PLAIN_RUNS:]]
    if any(s.fill not in ("ones", "zeros") for s in array_specs(dict(job.case.inputs))):
        further.append((runs[0], EDGES))
    for sizes, values in further:
        number = len(records)
        try:
            record = _record_run(job, scope, evaluator, sizes, number, tensors, values)
        except Exception as error:  # sizes or values that the source is not made for
            for name in [n for n in tensors if n.startswith(f"run{number}/")]:
                del tensors[name]
            what = "edge values" if values else ", ".join(f"{d} = {n}" for d, n in sizes.items())
            said = str(error).strip().splitlines()[:1]
            left_out.append(f"not run with {what}: {type(error).__name__} {''.join(said)[:160]}")
            continue
        records.append(record)
    return records, left_out


def _double(
    case: VerifyCase,
    scope: dict[str, Any],
    kerases: Any,
    structure: Any,
    variables: Any,
    records: list[dict[str, Any]],
    tensors: dict[str, Any],
) -> dict[str, Any]:
    from .oracle_double import double_run

    return double_run(case, scope, kerases, structure, variables, records, tensors)


def _trajectory(
    case: VerifyCase, scope: Any, evaluator: Any, sizes: dict[str, int], tensors: dict[str, Any]
) -> dict[str, Any]:
    from .oracle_inputs import make_inputs, with_noise
    from .oracle_trajectory import record_trajectory

    if "trajectory" not in case.modes:
        return {}
    inputs = make_inputs(case, scope, sizes, 0)
    noisy = [with_noise(inputs, seed) for seed in (1, 2)]
    return record_trajectory(evaluator, inputs, noisy, tensors)


def _traces(
    case: VerifyCase,
    scope: dict[str, Any],
    call: Any,
    evaluator: Any,
    records: list[dict[str, Any]],
    recorder: Any,
) -> dict[str, list[dict[str, Any]]]:
    """By run, what is computed on the way to the outputs of its first draw: of the first run, and
    of that of edge values. Empty where the call does not run eagerly."""
    from .oracle_inputs import make_inputs
    from .oracle_trace import record_trace

    traces: dict[str, list[dict[str, Any]]] = {}
    for number, record in enumerate(records):
        if number and not record["edges"]:
            continue
        evaluator.variables.restore()
        try:
            inputs = make_inputs(case, scope, record["sizes"], EDGES if record["edges"] else 0)
            traces[str(number)] = record_trace(call, inputs, recorder)
        except Exception:  # the trace serves a report; the outputs are recorded without it
            traceback.print_exc()  # into the log
            traces[str(number)] = []
    return traces


def _notes(model: Any) -> list[str]:
    """What belongs to training and is no part of the call: said, as it is not compared."""
    losses = getattr(model, "losses", None)
    if not isinstance(losses, (list, tuple)) or not losses:
        return []
    return [f"the source adds {len(losses)} losses of its own (regularizers), not compared here"]


def _record_run(
    job: Job,
    scope: Any,
    evaluator: Any,
    sizes: dict[str, int],
    run: int,
    tensors: dict[str, Any],
    values: int = 0,
) -> dict[str, Any]:
    """One choice of sizes: every draw stored in `tensors`; names and measured changes returned.
    Gradients belong to the first two choices, and to edge values (`values`: their first draw)."""
    from .oracle_inputs import make_inputs, store_inputs, with_noise
    from .oracle_run import largest_change
    from .sampling import thin

    case = job.case
    varied = any(s.fill not in ("ones", "zeros") for s in array_specs(dict(case.inputs)))
    record: dict[str, Any] = {"sizes": sizes, "draws": [], "out": {}, "grad": {}, "state": {}}
    record["edges"] = values >= EDGES
    wanted = "gradients" in case.modes and (run < PLAIN_RUNS or values >= EDGES)
    for draw in range(DRAWS if varied and wanted else 1):
        inputs = make_inputs(case, scope, sizes, values + draw)
        key = f"run{run}/draw{draw}"
        evaluation = _evaluate(case, evaluator, inputs, 0, gradients=wanted)
        base = _leaves(evaluation)
        probes: list[Any] = []
        for seed in (1, 2) if draw == 0 else (3,):
            noisy = with_noise(inputs, seed)
            probes.append(_leaves(_evaluate(case, evaluator, noisy, seed, gradients=wanted)))
        for kind, leaves in base.items():
            whole = kind != "grad" or run == draw == 0
            tensors |= {f"{key}/{kind}/{n}": v if whole else thin(v) for n, v in leaves.items()}
            changes: dict[str, float] = record[kind]
            for n, v in leaves.items():
                change = largest_change(v, [p[kind][n] for p in probes if n in p[kind]])
                changes[n] = max(change, changes.get(n, 0.0))
        stored = store_inputs(inputs, key, tensors)
        record["draws"].append({"inputs": stored, "gradient_error": evaluation.gradient_error})
    return record


def _evaluate(
    case: VerifyCase, evaluator: Any, inputs: dict[str, Any], seed: int, *, gradients: bool
) -> Any:
    """Seed 0 runs from the start values, others with one-ulp noise on the variables."""
    from .oracle_inputs import watched

    if gradients:
        return evaluator.gradients(inputs, watched(case, inputs), perturbed=seed)
    return evaluator.forward(inputs, perturbed=seed)


def _leaves(evaluation: Any) -> dict[str, dict[str, Any]]:
    gradients = {f"p{i}": g for i, g in evaluation.parameter_gradients.items()}
    gradients |= {f"x{path}": g for path, g in evaluation.input_gradients.items()}
    state = {str(i): v for i, v in evaluation.state.items()}
    return {"out": evaluation.outputs, "grad": gradients, "state": state}


def _check_deterministic(first: dict[str, Any], second: dict[str, Any]) -> None:
    import numpy as np

    from .oracle_run import SourceError
    from .sampling import is_float

    for path, a in first.items():
        b = second.get(path)
        if b is None or a.shape != b.shape:
            raise SourceError("nondeterministic", f"output {path} differs between two runs")
        tolerance = 1e-4 if is_float(a.dtype) else 0.0
        scale = float(np.nanmax(np.abs(a.astype(np.float64)))) if a.size and tolerance else 0.0
        if not np.allclose(a, b, rtol=0.0, atol=tolerance * scale, equal_nan=True):
            text = f"output {path} differs between two runs of the source on the same input"
            raise SourceError("nondeterministic", text)


def _source_files(case: VerifyCase) -> list[list[str]]:
    """The case's own modules that the run imported, with the hash of each file."""
    package = case.source.module.split(".")[0]
    roots = [str(Path(p).resolve()) + "/" for p in case.source.paths]
    files: dict[str, str] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not Path(file).is_file():
            continue
        path = str(Path(file).resolve())
        if name.split(".")[0] == package or any(path.startswith(r) for r in roots):
            files[path] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return sorted([k, v] for k, v in files.items())


def preload() -> None:
    """What the zygote does before it forks: imports, nothing that runs a computation."""
    import tensorflow as tf

    _ = tf.keras.layers.Dense  # resolves the lazy loader of either Keras


def start(path: Path) -> None:
    """Runs the job of a file in this process, and ends it."""
    main(run, path)
