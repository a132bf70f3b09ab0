"""The TensorFlow side of `--observe`: runs the source once and notes what its functions are given.

Functions marked `tf.function` run eagerly, so that each call is seen.
"""
# pyright: basic

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from .places import Files
from .specs import runs_of
from .worker_base import Job, main

LONGEST = 32
MOST_SAMPLES = 3


def run(job: Job) -> dict[str, Any]:
    from . import source_env
    from .oracle_inputs import make_inputs

    case = job.case
    job.stage("source-import")
    scope = source_env.source_namespace(case.source, case.flavour)
    scope["tf"].config.run_functions_eagerly(True)
    exec(case.source.pre, scope)
    only = job.data.get("files")
    files = Files.of(case.source.paths, case.source.module)
    watch = Watch(files, None if only is None else frozenset(only))
    scope["m"] = importlib.import_module(case.source.module)
    exec(case.source.setup, scope)
    outputs: list[dict[str, Any]] = []
    sys.setprofile(watch)
    try:
        job.stage("source-build")
        scope["model"] = eval(case.source.build, scope)
        job.stage("source-call")
        for sizes in runs_of(case.inputs, case.sizes):
            sys.setprofile(None)
            inputs = make_inputs(case, scope, sizes, 0)
            sys.setprofile(watch)
            output = eval(case.source.call, scope | inputs)
            outputs.append({"sizes": sizes, "output": described(output)})
    finally:
        sys.setprofile(None)
    return {
        "functions": watch.functions,
        "calls": watch.calls,
        "samples": watch.samples,
        "outputs": outputs,
    }


class Watch:
    """`functions`: by "file:qualified name", the parameters by name, over all calls; `samples`: a
    few calls of each, with their results. `only`: files to look at, of all below the roots."""

    def __init__(self, files: Files, only: frozenset[str] | None = None) -> None:
        self.files, self.only = files, only
        self.functions: dict[str, dict[str, Any]] = {}
        self.samples: dict[str, list[dict[str, Any]]] = {}
        self.open: dict[int, dict[str, Any]] = {}
        self.calls = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "return":
            sample = self.open.pop(id(frame), None)
            if sample is not None:
                sample["result"] = described(argument)
            return
        if event != "call":
            return
        code = frame.f_code
        place = self.files.place(code.co_filename, code.co_firstlineno)
        if place is None or self.files.is_driver(place) or "<" in code.co_qualname:
            return
        if self.only is not None and place[0] not in self.only:
            return
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        given = {n: described(frame.f_locals.get(n)) for n in names if n != "self"}
        known = self.functions.get(key := f"{place[0]}:{code.co_qualname}")
        self.calls += 1
        samples = self.samples.setdefault(key, [])
        if len(samples) < MOST_SAMPLES and all(s["given"] != given for s in samples):
            samples.append({"given": given, "result": {}})
            self.open[id(frame)] = samples[-1]
        if known is None:
            self.functions[key] = given
        else:
            self.functions[key] = {n: joined(known[n], given[n]) for n in known if n in given}


def described(value: Any, depth: int = 0) -> dict[str, Any]:
    """A value as JSON; empty where there is nothing to say of it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"value": value}
    if isinstance(value, (list, tuple)) and len(value) <= LONGEST and depth < 3:
        items = [described(v, depth + 1) for v in value]
        return {"items": items, "tuple": isinstance(value, tuple)}
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return {}
    try:
        dims = [None if d is None else int(d) for d in tuple(shape)]
    except (TypeError, ValueError):  # an unknown rank
        return {}
    return {"dims": dims, "dtype": getattr(dtype, "name", str(dtype))}


def joined(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """What both say."""
    if left == right:
        return left
    if "dims" in left and "dims" in right and len(left["dims"]) == len(right["dims"]):
        dims = [a if a == b else None for a, b in zip(left["dims"], right["dims"], strict=True)]
        return {"dims": dims, "dtype": left["dtype"] if left["dtype"] == right["dtype"] else None}
    if "items" in left and "items" in right and len(left["items"]) == len(right["items"]):
        items = [joined(a, b) for a, b in zip(left["items"], right["items"], strict=True)]
        return {"items": items, "tuple": left["tuple"]}
    return {}


def preload() -> None:
    """What the zygote does before it forks: imports only."""
    import tensorflow as tf

    _ = tf.keras.layers.Dense  # resolves the lazy loader of either Keras


def start(path: Path) -> None:
    """Runs the job of a file in this process, and ends it."""
    main(run, path)
