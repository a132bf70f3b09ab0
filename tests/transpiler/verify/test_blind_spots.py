"""What outputs do not show: state of integers, what is trained, noise, the warnings of a source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tfjax.transpiler.verify import VerifyCase, VerifyResult
from tfjax.transpiler.verify.modes import parse_modes

from .cases import pair

pytestmark = pytest.mark.verify
Verify = Callable[[VerifyCase], VerifyResult]


def counting(arguments: str = "", flavour: str = "keras2") -> VerifyCase:
    inputs = {"x": "f32[B,4]"}
    build = f"m.Counting({arguments})"
    case = pair("counting", flavour, "m.Counting()", build, "model(x)", "model(x)", inputs)
    return replace(case, modes=parse_modes("basic,trajectory,warnings"))


@pytest.mark.parametrize("flavour", ["keras2", "keras3"])
def test_right_with_the_warnings_of_the_source(verify: Verify, flavour: str) -> None:
    result = verify(counting(flavour=flavour))
    assert result.verdict == "pass", result.message
    assert (result.state.leaves, result.mode("warnings").verdict) == (2, "pass")
    assert "the source's own warning at counting_jax.py" in result.mode("warnings").message


def test_a_warning_of_its_own_fails(verify: Verify) -> None:
    found = verify(counting("says='new'")).mode("warnings")
    assert (found.verdict, found.message) == ("fail", "")


@pytest.mark.parametrize(
    ("arguments", "mode", "said"),
    [
        ("counts=False", "state", ""),
        ("dtype=None", "state", "has no such variable"),
        ("dtype=jnp.float32", "state", "source gives int64, target float32"),
        ("w=nnx.Variable", "trajectory", "and no nnx.Param"),
        ("table=nnx.Param", "trajectory", "and not trained in the source"),
    ],
)
def test_wrong_beside_the_outputs(verify: Verify, arguments: str, mode: str, said: str) -> None:
    result = verify(counting(arguments))
    assert (result.verdict, result.outputs.verdict) == ("fail", "pass")
    assert result.mode(mode).verdict == "fail"
    assert said in result.message


def test_a_line_within_a_loop_is_named(verify: Verify) -> None:
    found = verify(counting("factor=0.9")).divergence
    assert found is not None
    assert found.target == ("counting_jax.py", 26)
