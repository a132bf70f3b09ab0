"""Cases of the oracle as files, so that both sides of a comparison can be processes."""
# pyright: basic

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import ml_dtypes
import numpy as np


@dataclass(slots=True)
class OracleCase:
    """Inputs of a region and what TensorFlow gives: outputs by leaf, gradients by operand; the
    `changes` are how far each moves when the inputs move by one unit in the last place."""

    style: str
    arrays: dict[str, np.ndarray]
    statics: dict[str, Any]
    outputs: list[np.ndarray]
    change: list[np.ndarray | None]
    gradients: dict[str, np.ndarray] = field(default_factory=dict)
    gradient_change: dict[str, np.ndarray | None] = field(default_factory=dict)


def save_cases(path: Path, cases: list[OracleCase]) -> None:
    """Writes one file; it appears whole or not at all."""
    arrays: dict[str, np.ndarray] = {}
    described: list[dict[str, Any]] = []
    for number, case in enumerate(cases):
        groups = {
            "in": case.arrays,
            "out": {str(i): a for i, a in enumerate(case.outputs)},
            "change": {str(i): a for i, a in enumerate(case.change) if a is not None},
            "grad": case.gradients,
            "slope": {n: a for n, a in case.gradient_change.items() if a is not None},
        }
        dtypes: dict[str, str] = {}
        for group, found in groups.items():
            for name, value in found.items():
                key = f"{number}/{group}/{name}"
                dtypes[f"{group}/{name}"] = str(value.dtype)
                # NumPy's own format does not know bfloat16.
                arrays[key] = value.view(np.uint16) if value.dtype == ml_dtypes.bfloat16 else value
        described.append({"style": case.style, "statics": case.statics, "dtypes": dtypes})
    arrays["described"] = np.array(json.dumps(described))
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, **cast("dict[str, Any]", arrays))
    part.replace(path)


def load_cases(path: Path) -> list[OracleCase]:
    """Raises OSError or ValueError for a file that is missing or none of ours."""
    with np.load(path, allow_pickle=False) as data:
        cases: list[OracleCase] = []
        for number, one in enumerate(json.loads(str(data["described"]))):
            groups: dict[str, dict[str, np.ndarray]] = {}
            for key, dtype in one["dtypes"].items():
                group, _, name = key.partition("/")
                value = data[f"{number}/{key}"]
                value = value.view(ml_dtypes.bfloat16) if dtype == "bfloat16" else value
                groups.setdefault(group, {})[name] = value
            outputs = [groups["out"][str(i)] for i in range(len(groups["out"]))]
            change = groups.get("change", {})
            gradients, slope = groups.get("grad", {}), groups.get("slope", {})
            cases.append(
                OracleCase(
                    one["style"],
                    groups.get("in", {}),
                    one["statics"],
                    outputs,
                    [change.get(str(i)) for i in range(len(outputs))],
                    gradients,
                    {name: slope.get(name) for name in gradients},
                )
            )
        return cases
