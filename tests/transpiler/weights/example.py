"""A weight map and its checkpoints, made by hand: weights are copied, cut, turned and joined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from tfjax.transpiler.weights.layout import layout_of
from tfjax.transpiler.weights.weight_map import SourceVariable, TargetVariable, WeightMap

SHAPES = {
    "a.kernel": (3, 4),
    "a.bias": (4,),
    "b.table": (5, 2),
    "b.left": (2, 3),
    "b.right": (2, 1),
}
PLACES = {
    "a.kernel": "layers/dense/vars/0",
    "a.bias": "layers/dense/vars/1",
    "b.table": "layers/part/vars/0",
    "b.left": "layers/part/vars/1",
    "b.right": "layers/part/vars/2",
}
LEGACY = {
    "a.kernel": "dense_7/dense_7/kernel:0",
    "a.bias": "dense_7/dense_7/bias:0",
    "b.table": "part/table:0",
    "b.left": "part/left:0",
    "b.right": "part/right:0",
}
TARGETS = (
    TargetVariable("a.kernel", ("a.kernel",)),
    TargetVariable("a.first", ("a.bias",), ({"op": "slice", "axis": 0, "start": 0, "stop": 1},)),
    TargetVariable("a.rest", ("a.bias",), ({"op": "slice", "axis": 0, "start": 1},)),
    TargetVariable("table", ("b.table",), ({"op": "transpose", "axes": [1, 0]},)),
    TargetVariable("joined", ("b.left", "b.right"), ({"op": "concat", "axis": 1},)),
)


def values(dtype: Any = np.float32) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in SHAPES.items()}


def expected(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "a.kernel": given["a.kernel"],
        "a.first": given["a.bias"][:1],
        "a.rest": given["a.bias"][1:],
        "table": given["b.table"].T,
        "joined": np.concatenate([given["b.left"], given["b.right"]], axis=1),
    }


def write_h5(path: Path, given: dict[str, Any], optimizer: list[Any] | None = None) -> None:
    with h5py.File(path, "w") as file:
        for name, value in given.items():
            file[PLACES[name]] = value
        file["layers/dense/vars"].attrs["name"] = "dense"
        for number, value in enumerate(optimizer or []):
            file[f"optimizer/vars/{number}"] = value


def write_legacy(path: Path, given: dict[str, Any], layer: str = "dense_7") -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.asarray([layer.encode(), b"part"])
        for name, names in (
            (layer, ("a.kernel", "a.bias")),
            ("part", ("b.table", "b.left", "b.right")),
        ):
            keys = [LEGACY[n].replace("dense_7", layer).partition("/")[2] for n in names]
            group = file.create_group(name)
            group.attrs["weight_names"] = np.asarray([k.encode() for k in keys])
            for key, variable in zip(keys, names, strict=True):
                group[key] = given[variable]


def weight_map(folder: Path) -> WeightMap:
    sample = folder / "layout.weights.h5"
    write_h5(sample, values())
    with h5py.File(sample) as file:
        layout = layout_of(file, {place: name for name, place in PLACES.items()}, {})
    archive = layout_texts(layout)
    return WeightMap(
        program="example",
        flavour="keras3",
        sources=tuple(SourceVariable(n, s, "float32", "param") for n, s in SHAPES.items()),
        targets=TARGETS,
        keys={"weights.h5": PLACES, "h5": LEGACY},
        trainable=tuple(SHAPES),
        layouts={"weights.h5": layout, "keras": archive},
    )


def layout_texts(layout: Any) -> Any:
    from dataclasses import replace

    return replace(layout, texts={"config.json": "{}", "metadata.json": "{}"})
