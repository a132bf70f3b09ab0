"""Double precision of programs that name single precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tfjax.transpiler.verify import VerifyCase, VerifyResult
from tfjax.transpiler.verify.jax_compare import Comparer
from tfjax.transpiler.verify.jax_widen import widened_dtypes

from .cases import mlp, pair

Verify = Callable[[VerifyCase], VerifyResult]


def narrow(name: str, flavour: Any, wrong: str = "") -> VerifyCase:
    build = f"m.{name}(rngs=nnx.Rngs(0), {wrong})"
    inputs, modes = {"x": "float32[B, 4]"}, ("outputs", "gradients", "double")
    return pair(
        "narrow", flavour, f"m.{name}()", build, "model(x)", "model(x)", inputs, modes=modes
    )


@pytest.mark.verify
@pytest.mark.parametrize("flavour", ["keras2", "keras3"])
def test_what_names_single_precision_runs_in_double(verify: Verify, flavour: str) -> None:
    result = verify(narrow("Casts", flavour))
    assert (result.verdict, result.message) == ("pass", "")
    double = result.mode("double")
    assert (double.verdict, double.message) == ("pass", "")
    assert double.worst is not None
    assert double.worst.tolerance < 1e-9


@pytest.mark.verify
def test_only_double_precision_shows_a_small_difference(verify: Verify) -> None:
    result = verify(narrow("Casts", "keras2", "small=2e-8"))
    assert (result.verdict, result.reason) == ("fail", "double")
    assert result.outputs.verdict == result.gradients.verdict == "pass"


@pytest.mark.verify
def test_half_precision_stays_and_is_named(verify: Verify) -> None:
    result = verify(narrow("Half", "keras2"))
    assert result.verdict == "pass", result.message
    assert result.mode("double").verdict == "skipped"
    assert "single precision in Cast" in result.mode("double").message


@pytest.mark.verify
def test_rounding_at_large_values_is_no_difference(verify: Verify) -> None:
    result = verify(narrow("Gelu", "keras2"))
    assert (result.verdict, result.message) == ("pass", "")


def test_what_rounding_does_at_edge_values_counts_there_alone() -> None:
    runs = [{"out": {"out": 1e-7}, "edges": edges} for edges in (False, True)]
    double = {"errors": {"out": {"out": 2e-7}}, "edges": {"out": {"out": 3e-6}}}
    oracle = {"depth": 1, "runs": runs, "double": double}
    comparer = Comparer(mlp(), None, lambda model, inputs: None, oracle, {})
    assert comparer.changes(0, "out") == {"out": 2e-7}
    assert comparer.changes(1, "out") == {"out": 3e-6}


def test_names_of_single_precision_are_wide_for_a_time() -> None:
    with jax.enable_x64(True):
        with widened_dtypes():
            made = [jnp.zeros(2, jnp.float32), jnp.arange(3, dtype="float32")]
            cast = jnp.ones(2).astype(np.float32)
            assert {a.dtype.name for a in [*made, cast]} == {"float64"}
            assert jnp.ones(2).astype(jnp.float16).dtype == "float16"
            assert jnp.zeros(2, jnp.int32).dtype == "int32"
        assert jnp.zeros(2, jnp.float32).dtype == "float32"
