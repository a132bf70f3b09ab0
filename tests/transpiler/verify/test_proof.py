"""What a deliverable test is given to prove."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tfjax.transpiler.verify.case import VerifyCase
from tfjax.transpiler.verify.jax_compare import Comparer
from tfjax.transpiler.verify.jax_modes import Measured
from tfjax.transpiler.verify.jax_proof import _gradients
from tfjax.transpiler.verify.structure import VariableRecord
from tfjax.transpiler.verify.unit_pairing import Move

from .cases import mlp

NAMES = ("first.kernel", "second.kernel")


def measured() -> Measured:
    """Two weights with gradients of ones, of which rounding moves nothing."""
    oracle: dict[str, Any] = {
        "depth": 2,
        "double": {},
        "runs": [{"grad": {"p0": 0.0, "p1": 0.0}, "draws": [{"inputs": {}}]}],
    }
    tensors = {f"run0/draw0/grad/p{i}": np.ones((2, 3), np.float32) for i in (0, 1)}
    case: VerifyCase = mlp()
    comparer = Comparer(case, None, lambda model, inputs: None, oracle, tensors)
    variables = tuple(
        VariableRecord(i, path, path, (2, 3), "float32", "param") for i, path in enumerate(NAMES)
    )
    moves = (Move((0,), 0), Move((1,), 1, ({"op": "transpose", "axes": [1, 0]},)))
    candidate = SimpleNamespace(moves=moves)
    source = SimpleNamespace(variables=variables)
    return Measured(case, comparer, candidate, source, {0: ("a",), 1: ("b",)}, [], lambda: None)  # type: ignore[arg-type]


def test_gradients_go_the_way_of_their_weights() -> None:
    arrays: dict[str, Any] = {}
    assert set(_gradients(measured(), arrays)) == {"weight/0", "weight/1"}
    assert arrays["gradient/1"].shape == (3, 2)


def test_a_gradient_at_a_kink_is_left_out() -> None:
    given = measured()
    given.comparer.kinks.add((0, "second.kernel"))
    assert set(_gradients(given, {})) == {"weight/0"}


@pytest.mark.parametrize("run", [1, 2])
def test_a_kink_of_another_run_counts_there_alone(run: int) -> None:
    given = measured()
    given.comparer.kinks.add((run, "second.kernel"))
    assert set(_gradients(given, {})) == {"weight/0", "weight/1"}
