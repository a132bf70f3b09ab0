"""`weights convert` over hand-made files: what fits is converted bit by bit; what does not is
listed, and nothing is written then."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tfjax.transpiler.cli.main import run
from tfjax.transpiler.weights.weight_map import Dataset, SourceVariable, write_map

from .example import SHAPES, expected, values, weight_map, write_h5, write_legacy

Convert = Callable[..., int]


@pytest.fixture
def convert(tmp_path: Path) -> Convert:
    write_map(tmp_path / "map.json", [weight_map(tmp_path)])

    def call(source: str, target: str, *options: str) -> int:
        paths = [str(tmp_path / source), "-o", str(tmp_path / target)]
        return run(["weights", "convert", *paths, "--map", str(tmp_path / "map.json"), *options])

    return call


def same(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return set(found) == set(wanted) and all(
        found[k].shape == v.shape and found[k].tobytes() == np.ascontiguousarray(v).tobytes()
        for k, v in wanted.items()
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64])
def test_every_array_is_moved_bit_by_bit(convert: Convert, tmp_path: Path, dtype: Any) -> None:
    given = values(dtype)
    write_h5(tmp_path / "a.weights.h5", given)
    assert convert("a.weights.h5", "a.safetensors") == 0
    assert same(load_file(tmp_path / "a.safetensors"), expected(given))
    names = json.loads((tmp_path / "a.safetensors.keys.json").read_text())
    by_name = {one["parameter"]: one for one in names["parameters"]}
    assert by_name["joined"]["keys"] == ["layers/part/vars/1", "layers/part/vars/2"]
    assert by_name["table"]["steps"] == [{"op": "transpose", "axes": [1, 0]}]


@pytest.mark.parametrize("form", ["weights.h5", "keras"])
def test_the_way_back(convert: Convert, tmp_path: Path, form: str) -> None:
    given = values()
    save_file(
        {k: np.ascontiguousarray(v) for k, v in expected(given).items()},
        tmp_path / "a.safetensors",
    )
    assert convert("a.safetensors", f"back.{form}") == 0
    assert convert(f"back.{form}", "again.safetensors") == 0
    assert same(load_file(tmp_path / "again.safetensors"), expected(given))
    if form == "weights.h5":
        with h5py.File(tmp_path / "back.weights.h5") as file:
            assert file["layers/dense/vars"].attrs["name"] == "dense"
            assert file["layers/part/vars/0"][()].tobytes() == given["b.table"].tobytes()


def test_older_files_go_by_order_where_names_differ(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_legacy(tmp_path / "a.h5", values(), layer="dense_12")
    assert convert("a.h5", "a.safetensors") == 0
    assert same(load_file(tmp_path / "a.safetensors"), expected(values()))
    assert "order of the file" in capsys.readouterr().err


def test_what_does_not_fit_is_listed_and_nothing_is_written(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = values()
    write_h5(tmp_path / "a.weights.h5", given | {"a.kernel": np.zeros((3, 5), np.float32)})
    with h5py.File(tmp_path / "a.weights.h5", "a") as file:
        del file["layers/part/vars/0"]
        file["layers/head/vars/0"] = np.zeros(9, np.float32)
    assert convert("a.weights.h5", "a.safetensors") == 1
    said = capsys.readouterr().err
    assert "error[TJ7018]: 1 missing in the checkpoint:" in said
    assert "b.table [5, 2], expected as `layers/part/vars/0`" in said
    assert "layers/head/vars/0 [9]" in said
    assert "a.kernel [3, 4]: `layers/dense/vars/0` is [3, 5]" in said
    assert [p.name for p in tmp_path.iterdir() if "safetensors" in p.name] == []
    assert convert("a.weights.h5", "a.safetensors", "--partial") == 0
    found = load_file(tmp_path / "a.safetensors")
    assert set(found) == {"a.first", "a.rest", "joined"}


def test_the_way_back_needs_every_parameter(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {k: np.ascontiguousarray(v) for k, v in expected(values()).items()}
    del given["a.rest"]
    save_file(given | {"new": np.zeros(2)}, tmp_path / "a.safetensors")
    assert convert("a.safetensors", "back.weights.h5") == 1
    said = capsys.readouterr().err
    assert "a.rest [3]" in said
    assert "new [2]" in said
    assert not (tmp_path / "back.weights.h5").exists()


def test_a_file_that_would_round_is_refused(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {k: np.ascontiguousarray(v) for k, v in expected(values(np.float64)).items()}
    save_file(given, tmp_path / "a.safetensors")
    assert convert("a.safetensors", "back.weights.h5") == 2
    assert "would round it" in capsys.readouterr().err
    assert not (tmp_path / "back.weights.h5").exists()


def slots(order: str) -> list[Any]:
    """Counter, rate, and two arrays of each variable: m is 1 + its number, v is -1 - that."""
    m = [np.full(s, n + 1, np.float32) for n, s in enumerate(SHAPES.values())]
    v = [-one for one in m]
    pairs = [one for pair in zip(m, v, strict=True) for one in pair]
    return [np.int64(5), np.float32(0.1), *(pairs if order == "paired" else [*m, *v])]


@pytest.mark.parametrize("order", ["paired", "listed"])
def test_the_optimizer_follows_its_parameters(convert: Convert, tmp_path: Path, order: str) -> None:
    write_h5(tmp_path / "a.weights.h5", values(), slots(order))
    assert convert("a.weights.h5", "a.safetensors") == 0
    found = load_file(tmp_path / "a.safetensors")
    assert found["optimizer/iteration"] == 5
    assert found["optimizer/slot0/table"].shape == (2, 5)
    assert set(found["optimizer/slot0/joined"].reshape(-1).tolist()) == {4.0, 5.0}
    assert set(found["optimizer/slot1/a.rest"].tolist()) == {-2.0}
    assert convert("a.weights.h5", "b.safetensors", "--no-optimizer") == 0
    assert same(load_file(tmp_path / "b.safetensors"), expected(values()))


@pytest.mark.parametrize("form", ["weights.h5", "keras"])
@pytest.mark.parametrize("order", ["paired", "listed"])
def test_the_optimizer_goes_back(convert: Convert, tmp_path: Path, order: str, form: str) -> None:
    write_h5(tmp_path / "a.weights.h5", values(), slots(order))
    assert convert("a.weights.h5", "a.safetensors") == 0
    assert convert("a.safetensors", f"back.{form}") == 0
    path = tmp_path / f"back.{form}"
    if form == "keras":
        with zipfile.ZipFile(path) as archive:
            path = Path(archive.extract("model.weights.h5", tmp_path))
    with h5py.File(path) as file:
        found = [file[f"optimizer/vars/{n}"][()] for n in range(len(slots(order)))]
        assert len(file["optimizer/vars"]) == len(found)
    for value, wanted in zip(found, slots(order), strict=True):
        assert (value.dtype, value.shape) == (wanted.dtype, wanted.shape)
        assert value.tobytes() == wanted.tobytes()
    assert convert("a.safetensors", "plain.weights.h5", "--no-optimizer") == 0
    with h5py.File(tmp_path / "plain.weights.h5") as file:
        assert "optimizer" not in file


def test_a_class_tells_the_order_of_an_optimizer(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The state of a training in JAX: no file of Keras has told what it is."""
    given = {k: np.ascontiguousarray(v) for k, v in expected(values()).items()}
    state = {f"optimizer/{s}/{k}": v + 1 for s in ("slot0", "slot1") for k, v in given.items()}
    save_file(given | state, tmp_path / "a.safetensors")
    assert convert("a.safetensors", "a.weights.h5") == 1
    assert "--optimizer CLASS tells it" in capsys.readouterr().err
    assert convert("a.safetensors", "a.weights.h5", "--optimizer", "Adam") == 1
    assert "optimizer/iteration" in capsys.readouterr().err
    state |= {"optimizer/iteration": np.int64(3), "optimizer/learning_rate": np.float32(0.1)}
    state = {
        k.replace("slot0", "momentum").replace("slot1", "velocity"): v for k, v in state.items()
    }
    save_file({k: np.asarray(v) for k, v in (given | state).items()}, tmp_path / "a.safetensors")
    assert convert("a.safetensors", "a.weights.h5", "--optimizer", "Adam") == 0
    with h5py.File(tmp_path / "a.weights.h5") as file:
        assert file["optimizer/vars"].attrs["name"] == "adam"
        assert file["optimizer/vars/2"][()].tobytes() == (values()["a.kernel"] + 1).tobytes()
    del state["optimizer/velocity/joined"]
    save_file({k: np.asarray(v) for k, v in (given | state).items()}, tmp_path / "b.safetensors")
    assert convert("b.safetensors", "b.weights.h5") == 1
    assert "optimizer/velocity/joined" in capsys.readouterr().err
    assert not (tmp_path / "b.weights.h5").exists()


def test_an_optimizer_of_another_model_is_refused(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_h5(tmp_path / "a.weights.h5", values(), slots("paired")[:-1])
    assert convert("a.weights.h5", "a.safetensors") == 1
    assert "9 arrays for 5 trained variables" in capsys.readouterr().err


def test_cut_off_files_leave_no_output(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_h5(tmp_path / "a.weights.h5", values())
    data = (tmp_path / "a.weights.h5").read_bytes()
    before = {p.name for p in tmp_path.iterdir()}
    for length in (0, 7, 100, len(data) // 2, len(data) - 1):
        (tmp_path / "a.weights.h5").write_bytes(data[:length])
        assert convert("a.weights.h5", "a.safetensors") == 2
        assert "TJ7017" in capsys.readouterr().err
    assert {p.name for p in tmp_path.iterdir()} == before


def test_maps_that_cannot_be_used(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_h5(tmp_path / "a.weights.h5", values())
    assert convert("a.weights.h5", "a.safetensors", "--program", "other") == 2
    assert "it holds: example" in capsys.readouterr().err
    (tmp_path / "map.json").write_text('{"format": 1, "programs": [{}]}')
    assert convert("a.weights.h5", "a.safetensors") == 2
    assert "TJ7019" in capsys.readouterr().err
    assert convert("a.weights.h5", "a.parameters") == 2
    assert "use --to" in capsys.readouterr().err


def test_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_h5(tmp_path / "a.weights.h5", values())
    assert run(["weights", "list", str(tmp_path / "a.weights.h5")]) == 0
    assert "layers/part/vars/0  [5, 2]  float32" in capsys.readouterr().out
    assert run(["weights", "list", str(tmp_path / "none.h5")]) == 2


def with_a_counter(folder: Path) -> None:
    """The map of a program that counts something in a variable: no parameter is made of it."""
    plain = weight_map(folder)
    place = "layers/count/vars/0"
    layout = plain.layouts["weights.h5"]
    counted = replace(layout, datasets=(*layout.datasets, Dataset(place, (), "int64", "c.count")))
    made = replace(
        plain,
        sources=(*plain.sources, SourceVariable("c.count", (), "int64", "other")),
        keys={"weights.h5": plain.keys["weights.h5"] | {"c.count": place}},
        layouts={"weights.h5": counted},
        initial={"c.count": 7},
    )
    write_map(folder / "map.json", [made])


def test_what_is_no_parameter_is_carried_along(convert: Convert, tmp_path: Path) -> None:
    with_a_counter(tmp_path)
    write_h5(tmp_path / "a.weights.h5", values())
    with h5py.File(tmp_path / "a.weights.h5", "a") as file:
        file["layers/count/vars/0"] = np.int64(41)
    assert convert("a.weights.h5", "a.safetensors") == 0
    assert load_file(tmp_path / "a.safetensors")["source/c.count"] == 41
    assert convert("a.safetensors", "back.weights.h5") == 0
    with h5py.File(tmp_path / "back.weights.h5") as file:
        assert file["layers/count/vars/0"][()] == 41


def test_what_is_no_parameter_is_as_in_a_new_model(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_a_counter(tmp_path)
    given = {k: np.ascontiguousarray(v) for k, v in expected(values()).items()}
    save_file(given, tmp_path / "a.safetensors")
    assert convert("a.safetensors", "back.weights.h5") == 0
    assert "written as a new model has them: c.count" in capsys.readouterr().err
    with h5py.File(tmp_path / "back.weights.h5") as file:
        assert file["layers/count/vars/0"][()] == 7
        assert file["layers/count/vars/0"].dtype == np.int64


def test_a_damaged_name_is_refused(
    convert: Convert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_h5(tmp_path / "a.weights.h5", values())
    with h5py.File(tmp_path / "a.weights.h5", "a") as file:
        file[b"layers/\xff"] = np.zeros(2, np.float32)
    assert convert("a.weights.h5", "a.safetensors") == 2
    assert "TJ7017" in capsys.readouterr().err
