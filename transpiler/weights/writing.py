"""Writes converted weights: a file appears whole or not at all."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .convert import Planned
from .hdf5 import WEIGHTS
from .layout import write_layout
from .safetensors_file import write_safetensors
from .tensor import CheckpointError
from .weight_map import Layout, WeightMap


def form_of(path: Path) -> str | None:
    """The form that the name of a file tells."""
    name = path.name.lower()
    endings = ("safetensors", "weights.h5", "keras", "h5")
    return next((form for form in endings if name.endswith(f".{form}")), None)


def write_parameters(
    path: Path,
    form: str,
    planned: Sequence[Planned],
    program: str,
    more: Mapping[str, str] | None = None,
) -> None:
    """Writes the parameters of a translation as safetensors or Orbax; `more` goes into the metadata
    of the former. Raises CheckpointError and OSError; then nothing is written."""
    by_name = {one.entry.key: one for one in planned}
    metadata = {"format": "tfjax", "program": program, **(more or {})}

    def write(staged: Path) -> None:
        entries = [one.entry for one in planned]
        write_safetensors(staged, entries, lambda e: by_name[e.key].make(), metadata)

    if form == "safetensors":
        with _staged(path) as staged:
            write(staged)
        return
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise CheckpointError(f"{path}: exists already")
    with _staged(path) as staged, tempfile.TemporaryDirectory(dir=path.parent) as folder:
        one = Path(folder, "staged.safetensors")
        write(one)
        _orbax(one, staged)


def _orbax(staged: Path, out: Path) -> None:
    command = [sys.executable, "-m", f"{__package__}.to_orbax", str(staged), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise CheckpointError(f"Orbax could not write it: {lines[-1]}")


def write_keras(path: Path, form: str, layout: Layout, read: Callable[[str], Any]) -> None:
    """Writes the variables of the source as Keras does; `read` gives the array of one. Raises
    CheckpointError and OSError; then nothing is written."""
    h5py: Any = importlib.import_module("h5py")
    with _staged(path) as staged, tempfile.TemporaryDirectory(dir=path.parent) as folder:
        inner = staged if form != "keras" else Path(folder, WEIGHTS)
        with h5py.File(inner, "w") as file:
            write_layout(file, layout, read)
        if form == "keras":
            with zipfile.ZipFile(staged, "w") as archive:
                for name, text in layout.texts.items():
                    archive.writestr(name, text)
                archive.write(inner, WEIGHTS)


@contextmanager
def _staged(path: Path) -> Generator[Path]:
    """A place beside the file, renamed into it when all is well, and removed when not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.part")
    _remove(staged)
    try:
        yield staged
        if path.is_dir():
            path.rmdir()
        staged.replace(path)
    finally:
        _remove(staged)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_key_map(path: Path, weight_map: WeightMap, planned: Sequence[Planned]) -> None:
    """Which parameter was made of which keys, by which steps."""
    document: dict[str, Any] = {
        "program": weight_map.program,
        "parameters": [
            {
                "parameter": one.entry.key,
                "shape": list(one.entry.shape),
                "dtype": one.entry.dtype,
                "keys": list(one.keys),
                "steps": list(one.steps),
            }
            for one in planned
        ],
    }
    with _staged(path) as staged:
        staged.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
