"""Sources that are random in training: compared with randomness disabled on both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tfjax.transpiler.verify import VerifyCase, VerifyResult

from .cases import pair

pytestmark = pytest.mark.verify
Verify = Callable[[VerifyCase], VerifyResult]


def dropped(flavour: str, rate: float, stddev: float = 0.5) -> VerifyCase:
    build = f"m.Dropped({rate}, {stddev}, rngs=nnx.Rngs(0))"
    case = pair("random", flavour, "m.Dropped()", build, "model(x)", "model(x)", {"x": "f32[B,8]"})
    return replace(case, target=replace(case.target, eval_mode=False))


@pytest.mark.parametrize("flavour", ["keras2", "keras3"])
def test_dropout_keeps_everything(verify: Verify, flavour: str) -> None:
    result = verify(dropped(flavour, 0.5))
    assert (result.verdict, result.randomness_disabled) == ("pass", True), result.message
    assert result.outputs.verdict == result.gradients.verdict == "pass"
    again = verify(dropped(flavour, 0.5))
    assert again.oracle_cached
    assert again.randomness_disabled


def test_rate_is_still_compared(verify: Verify) -> None:
    result = verify(dropped("keras2", 0.4))
    assert (result.verdict, result.reason, result.randomness_disabled) == ("fail", "value", True)


@pytest.mark.parametrize("flavour", ["keras2", "keras3"])
def test_the_size_of_noise_is_compared(verify: Verify, flavour: str) -> None:
    result = verify(dropped(flavour, 0.5, stddev=0.25))
    assert (result.verdict, result.reason, result.randomness_disabled) == ("fail", "value", True)


def sampled(flavour: str, target: str) -> VerifyCase:
    inputs = {"x": "f32[B,8]"}
    return pair("random", flavour, "m.Sampled()", target, "model(x)", "model(x)", inputs)


@pytest.mark.parametrize("flavour", ["keras2", "keras3"])
def test_what_a_program_draws_is_the_same_on_both_sides(verify: Verify, flavour: str) -> None:
    case = sampled(flavour, "m.Sampled(rngs=nnx.Rngs(0))")
    target = replace(case.target, eval_mode=False)
    result = verify(replace(case, target=target, modes=("outputs", "gradients", "transforms")))
    assert (result.verdict, result.randomness_disabled) == ("pass", True), result.message


def test_what_is_made_of_a_draw_is_compared(verify: Verify) -> None:
    case = sampled("keras2", "m.Sampled(half=1.0, rngs=nnx.Rngs(0))")
    result = verify(replace(case, target=replace(case.target, eval_mode=False)))
    assert (result.verdict, result.reason) == ("fail", "value")
