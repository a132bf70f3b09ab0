"""Edge values: what is drawn, what is said of what the source does not take."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tfjax.transpiler.verify.result import Comparison, LeafReport, VerifyResult
from tfjax.transpiler.verify.sampling import EDGES, sample
from tfjax.transpiler.verify.shown import shown
from tfjax.transpiler.verify.specs import parse_spec


def edges(text: str, draw: int = EDGES):
    spec = parse_spec(text)
    assert spec is not None
    return sample(spec, "x", {}, draw)


def test_zeros_large_and_small_ones_of_both_signs():
    x = edges("float32[16, 32]")
    assert (x == 0).any()
    assert x.max() > 20
    assert x.min() < -20
    assert (np.abs(x[x != 0]) < 1e-2).any()
    beside = edges("float32[16, 32]", EDGES + 1)
    assert not (beside == 0).any()
    assert np.abs(beside - x).max() < 0.01


def test_integers_have_both_ends_and_padding():
    x = edges("int32[16, 32]<9")
    assert (x.min(), x.max()) == (0, 8)
    assert (x[:, -1] == 0).sum() > 4
    assert x[0].any()


def test_no_row_of_a_mask_is_empty():
    spec = parse_spec("bool[64, 1]")
    assert spec is not None
    assert sample(spec, "x", {}, 0).all()


def test_masks_are_prefixes_and_never_empty():
    mask = edges("bool[16, 32]")
    assert mask.any(axis=1).all()
    assert (~mask[:, -4:]).all(axis=1).any()


@pytest.mark.parametrize("text", ["ones[3]", "zeros[3]"])
def test_constants_stay(text: str):
    assert len(set(edges(text))) == 1


def test_inputs_of_one_spec_differ():
    spec = parse_spec("float32[4]")
    assert spec is not None
    assert (sample(spec, "x", {}, 0) != sample(spec, "y", {}, 0)).all()


def test_a_report_names_what_json_has_no_number_for():
    nan = Comparison("pass", 1, 1, LeafReport("out", "pass", source_value=float("nan")))
    entry = shown(VerifyResult("net", "pass", modes={"outputs": nan}), "net.py", ())
    text = json.dumps(dict(entry.data), allow_nan=False)
    assert json.loads(text)["modes"]["outputs"]["worst"]["source_value"] == "nan"
