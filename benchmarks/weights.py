"""Checkpoint round trips of public models: bit by bit, in every format that Keras can write.

    python -m benchmarks.weights --cases FILE --cache DIR --only ID [--only ID ...] [--timeout S]

Each case is compiled and verified, which gives its weight map. Keras and TensorFlow then save the
source with random weights in every format. Counted for each: whether the conversion to safetensors
gives the same bytes from every format, and whether the way back gives the arrays, groups and
attributes of the file that Keras had written.
"""

from __future__ import annotations

import argparse
import filecmp
import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
from tfjax.transpiler.verify.api import Runner, run_case
from tfjax.transpiler.verify.modes import parse_modes
from tfjax.transpiler.verify.pool import WorkerPool
from tfjax.transpiler.verify.weight_maps import map_of, patient
from tfjax.transpiler.weights.back import BackReader, match_back
from tfjax.transpiler.weights.convert import plan
from tfjax.transpiler.weights.files import open_checkpoint
from tfjax.transpiler.weights.hdf5 import WEIGHTS
from tfjax.transpiler.weights.layout import layout_of
from tfjax.transpiler.weights.match import match
from tfjax.transpiler.weights.weight_map import WeightMap
from tfjax.transpiler.weights.writing import write_keras, write_parameters

from .cases.case import Case, load_cases, select
from .cases.compile import compile_case
from .cases.fetch import fetch_all
from .cases.options import RunOptions
from .cases.result import CaseResult
from .cases.verify import build_case, weight_rules


def round_trips(case: Case, options: RunOptions) -> list[str]:
    """A line for each format, after one with the number of arrays and bytes."""
    work = options.work / "weights" / case.id
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    result = CaseResult(case.id, case.tier)
    if not compile_case(case, options.cache, work, result, 120.0, options.memory_gib):
        return [f"does not compile: {result.top}"]
    verify = replace(build_case(case, options, work), modes=parse_modes("outputs"))
    with WorkerPool() as pool:
        found = run_case(verify, Runner(pool, weight_rules(), options.work / "oracle"))
        if found.outputs.verdict != "pass":
            return [f"does not verify: {found.reason} {found.message}"]
        saved = work / "saved"
        made = pool.run("oracle_worker", patient(verify), saved, {"checkpoints": "keep"})
    if made["status"] != "ok":
        return [f"cannot be saved: {made['message']}"]
    weight_map = map_of(verify, found, made)
    lines = [f"{name}: cannot be saved: {why}" for name, why in weight_map.unsaved.items()]
    staged: dict[str, Path] = {}
    for form in made["others"]:
        lines.append(f"{form} -> safetensors: {_forward(weight_map, form, saved, staged)}")
    for form in weight_map.layouts:
        lines.append(f"safetensors -> {form}: {_back(weight_map, form, saved, staged)}")
    first = next(iter(staged.values()))
    return [f"{len(weight_map.targets)} arrays, {first.stat().st_size:,} bytes", *lines]


def _saved(form: str, saved: Path) -> Path:
    folder = saved / form
    return folder if form == "saved_model" else next(p for p in _checkpoints(folder))


def _checkpoints(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.suffix in (".h5", ".keras", ".index"):
            yield path


def _forward(weight_map: WeightMap, form: str, saved: Path, staged: dict[str, Path]) -> str:
    reader = open_checkpoint(_saved(form, saved))
    try:
        matched = match(reader, weight_map)
        if not matched.complete:
            return f"does not fit: {matched}"
        path = saved / f"{form}.safetensors"
        write_parameters(path, "safetensors", plan(reader, weight_map, matched), "")
    finally:
        reader.close()
    staged[form] = path
    first = next(iter(staged.values()))
    return "the same bytes" if filecmp.cmp(first, path, shallow=False) else "OTHER BYTES"


def _back(weight_map: WeightMap, form: str, saved: Path, staged: dict[str, Path]) -> str:
    layout = weight_map.layouts[form]
    reader = open_checkpoint(next(iter(staged.values())))
    path = saved / f"back.{form}"
    try:
        matched = match_back(reader, weight_map, layout)
        if not matched.complete:
            return f"does not fit: {matched.missing}"
        write_keras(path, form, layout, BackReader(reader, weight_map).read)
    finally:
        reader.close()
    same = _content(path, saved) == _content(_saved(form, saved), saved)
    return "the same content" if same else "OTHER CONTENT"


def _content(path: Path, folder: Path) -> tuple[Any, dict[str, Any]]:
    """Groups and attributes of an HDF5 file, and hashes of its arrays."""
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            path = Path(archive.extract(WEIGHTS, folder / "unpacked"))
    with h5py.File(path) as file:
        arrays: dict[str, Any] = {}

        def visit(name: str, item: Any) -> None:
            if not hasattr(item, "keys"):
                value = item[()]
                data = hashlib.sha256(value.tobytes()).hexdigest()
                arrays[name] = (value.dtype.name, value.shape, data)

        file.visititems(visit)
        layout = layout_of(file, {name: name for name in arrays}, {})
    return layout, arrays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds a verification has")
    given = parser.parse_args()
    cases = select(load_cases(given.cases), "all", given.only)
    packages = json.loads((given.cases.parent / "packages.json").read_text("utf-8"))
    cache = given.cache.resolve()
    fetch_all((path for case in cases for path in case.paths), packages, cache)
    work = cache / ".tfjax-cases"
    options = RunOptions(cache=cache, work=work, verify_timeout_s=given.timeout)
    for case in cases:
        for line in round_trips(case, options):
            print(f"{case.id}: {line}", flush=True)


if __name__ == "__main__":
    main()
