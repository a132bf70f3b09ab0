"""Gradients that differ in one draw alone: at a kink, or wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tfjax.transpiler.verify import VerifyCase, VerifyResult
from tfjax.transpiler.verify.compare import compare_leaf
from tfjax.transpiler.verify.kinks import jumping
from tfjax.transpiler.verify.result import LeafReport

from .cases import mlp

Verify = Callable[[VerifyCase], VerifyResult]


def difference(source: list[float], target: list[float]) -> LeafReport:
    return compare_leaf("w", np.float32(source), np.float32(target), lambda *_: 1e-5)


def test_a_gradient_that_jumps_is_at_a_kink() -> None:
    def near(seed: int, units: float) -> dict[str, np.ndarray]:
        opened = 0.5 if seed == 2 and units > 4 else 0.0
        return {"w": np.float32([1.0, opened]), "v": np.float32([1.0 + 1e-6 * units])}

    suspects = {"w": difference([1.0, 0.5], [1.0, 0.0]), "v": difference([1.3], [1.0])}
    assert jumping(near, suspects) == {"w"}


def test_what_jumps_elsewhere_explains_nothing() -> None:
    def near(seed: int, units: float) -> dict[str, np.ndarray]:
        return {"w": np.float32([float(seed), 0.0])}

    assert jumping(near, {"w": difference([0.0, 0.5], [0.0, 0.0])}) == set()


def test_a_little_more_than_rounding_in_one_draw_is_rounding() -> None:
    def near(seed: int, units: float) -> dict[str, np.ndarray]:
        raise AssertionError

    assert jumping(near, {"w": difference([1.0], [1.00005])}) == {"w"}


@pytest.mark.verify
def test_a_branch_of_one_draw_is_no_kink(verify: Verify) -> None:
    case = mlp(modes=("outputs", "gradients"))
    target = replace(case.target, module="modes_jax", build="m.gated(rngs=nnx.Rngs(0))")
    result = verify(replace(case, target=target))
    assert result.outputs.verdict == "pass"
    assert (result.verdict, result.reason) == ("fail", "gradient"), result.message
