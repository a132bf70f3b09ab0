"""The pytest file that lies next to an output and proves it again with jax, flax and pytest alone.

OUT/test_equivalence.py
OUT/equivalence/NAME.json, NAME.safetensors     what `jax_proof.py` writes for each case
OUT/equivalence/MODULE.py                       the translated driver of each case
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from .frozen import safe

FOLDER = "equivalence"
TEMPLATE = Path(__file__).with_name("deliverable_test.txt")


def write_tests(
    target: Path, proofs: Mapping[str, Path], drivers: Mapping[str, str], modules: Mapping[str, str]
) -> None:
    """`proofs`: the folder of each case's proof by name; `drivers`: texts by module; `modules`: the
    driver of each case. Of an earlier file, cases of the same name are replaced."""
    data = target / FOLDER
    data.mkdir(parents=True, exist_ok=True)
    for name, folder in proofs.items():
        for kind in ("json", "safetensors"):
            shutil.copyfile(folder / f"proof.{kind}", data / f"{safe(name)}.{kind}")
        module = modules[name]
        (data / f"{module}.py").write_text(drivers[module], "utf-8")
    shutil.copyfile(TEMPLATE, target / "test_equivalence.py")
