"""Cases, results, specs, steps and trees: no framework needed."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from tfjax.transpiler.verify import (
    VerifyResult,
    case_from_json,
    case_to_json,
    render_results,
    result_from_json,
    result_to_json,
    rules_from_data,
)
from tfjax.transpiler.verify.api import Seconds
from tfjax.transpiler.verify.result import Comparison, KeyMapEntry, LeafReport, Parameters
from tfjax.transpiler.verify.specs import ArraySpec, parse_spec, runs_of
from tfjax.transpiler.verify.steps import apply_steps, result_shape
from tfjax.transpiler.verify.tolerance import gradient_tolerance, tolerance
from tfjax.transpiler.verify.trees import flatten, rebuild, skeleton

from .cases import encoder
from .weight_table import RULES


def test_case_round_trip() -> None:
    case = encoder()
    assert case_from_json(case_to_json(case)) == case


def test_unknown_field_is_an_error() -> None:
    with pytest.raises(ValueError, match="no field colour"):
        rules_from_data([{"source": "a", "target": "b", "weights": [], "colour": 1}])


def result() -> VerifyResult:
    worst = LeafReport("out", "fail", "value", 0, 1, (2, 3), "float32", 2e-3, 1e-2, 1e-6, (1, 2))
    moves = (KeyMapEntry(("a.kernel",), "b.kernel", ({"op": "transpose", "axes": [1, 0]},)),)
    return VerifyResult(
        "a [case]",
        "fail",
        "value",
        "out[1, 2] differs",
        Parameters(3, 4, 3, 3, 12, "call order", ("c",), (), (), moves),
        {"outputs": Comparison("fail", 1, 0, worst, (worst,))},
        seconds=Seconds(1.0, 2.0),
    )


def test_result_round_trip() -> None:
    assert result_from_json(result_to_json(result())) == result()


def test_table() -> None:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(render_results([result()]))
    text = console.export_text()
    for part in ("a [case]", "3/3 (source 3/4)", "2.0e-03", "1.0e-06", "fail value: out[1, 2]"):
        assert part in text


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("f32[2,8]", ArraySpec("normal", "float32", (2, 8))),
        ("float32[B, 224, 224, 3]", ArraySpec("normal", "float32", ("B", 224, 224, 3))),
        ("i32[2,12]<100", ArraySpec("integer", "int32", (2, 12), 100)),
        ("u[]", ArraySpec("uniform", "float32", ())),
        ("bool[3]", ArraySpec("bool", "bool", (3,))),
        ("ones_i32[2]", ArraySpec("ones", "int32", (2,))),
        ("int64[B]<5", ArraySpec("integer", "int64", ("B",), 5)),
        ("tf.ones([2])", None),
        ("np.eye(6)[0]", None),
    ],
)
def test_specs(text: str, spec: ArraySpec | None) -> None:
    assert parse_spec(text) == spec


def test_runs_vary_named_dims() -> None:
    inputs = {"x": "f32[B, 8]", "y": ["i32[B, T]<3"]}
    assert runs_of(inputs, {}) == [{"B": 2, "T": 8}, {"B": 3, "T": 12}, {"B": 1, "T": 7}]
    assert runs_of(inputs, {"B": (2, 3), "T": (5,)}) == [{"B": 2, "T": 5}, {"B": 3, "T": 5}]
    assert runs_of({"x": "f32[2]"}, {}) == [{}]


@pytest.mark.parametrize(
    ("steps", "shape"),
    [
        ([{"op": "transpose", "axes": [1, 0]}], (8, 3)),
        ([{"op": "reshape", "shape": [2, -1]}], (2, 12)),
        ([{"op": "split", "axis": -1, "parts": 4, "index": 1}], (3, 2)),
        ([{"op": "slice", "axis": 0, "start": 1}, {"op": "flip", "axis": 0}], (2, 8)),
        ([{"op": "expand", "axis": 0}, {"op": "squeeze", "axis": 0}], (3, 8)),
        ([{"op": "permute_blocks", "axis": 1, "order": [1, 0]}], (3, 8)),
        ([{"op": "add", "value": 1.0}, {"op": "scale", "value": 2.0}], (3, 8)),
    ],
)
def test_steps(steps: list[dict[str, Any]], shape: tuple[int, ...]) -> None:
    array = np.arange(24.0).reshape(3, 8)
    assert result_shape([(3, 8)], steps) == shape == apply_steps(np, [array], steps).shape


def test_steps_join_several_weights() -> None:
    assert result_shape([(3, 8), (3, 2)], [{"op": "concat", "axis": 1}]) == (3, 10)
    with pytest.raises(ValueError, match="join them first"):
        result_shape([(3,), (3,)], [])


def test_flatten_names_fields() -> None:
    @dataclass
    class Output:
        logits: int
        extra: Any = None

    pair = namedtuple("pair", "a b")
    assert flatten(1) == [("out", 1)]
    assert flatten([Output(1), pair(2, {"k": (3,)})]) == [
        ("[0].logits", 1),
        ("[1].a", 2),
        ("[1].b.k[0]", 3),
    ]


def test_inputs_rebuild() -> None:
    tree = {"a": [np.ones(2), (True, None)]}
    arrays: dict[str, Any] = {}

    def key(path: str, value: Any) -> str | None:
        if isinstance(value, np.ndarray):
            arrays[path] = value
            return path
        return None

    data = skeleton(tree, key, "x")
    assert list(arrays) == ["x.a[0]"]
    assert rebuild(data, {"x.a[0]": 7}) == {"a": [7, (True, None)]}


def test_tolerance_follows_the_measured_condition() -> None:
    eps = 2.0**-23
    well = tolerance(0.0, eps, 1.0, 4, 100)
    assert well == pytest.approx(8.32 * eps)
    assert tolerance(50 * eps, eps, 1.0, 4, 100) == pytest.approx(50 * well)
    assert tolerance(0.0, eps, 1.0, 64, 100) == pytest.approx(2 * well)
    assert gradient_tolerance(0.0, eps, 0.0, 1.0, 4, 100) == pytest.approx(well / 16)


def test_weight_table_is_plain_data() -> None:
    assert {r.source for r in RULES} >= {"keras.layers.Dense", "keras.layers.DepthwiseConv2D"}
