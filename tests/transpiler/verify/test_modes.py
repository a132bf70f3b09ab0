"""All modes on one small program, right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tfjax.transpiler.verify import TrainSides, VerifyCase, VerifyResult
from tfjax.transpiler.verify.frozen import FrozenError, Recorded, load, save
from tfjax.transpiler.verify.modes import ALL
from tfjax.transpiler.verify.phases import phases_of

from .cases import encoder, mlp, pair

Verify = Callable[[VerifyCase], VerifyResult]


def in_both_modes(wrong: str = "") -> VerifyCase:
    """The encoder as it is called, and in training mode."""
    plain, trained = encoder(training=False, wrong=wrong), encoder(training=True, wrong=wrong)
    sides = TrainSides(trained.source, trained.target)
    return replace(plain, train=sides, modes=ALL)


@pytest.mark.verify
def test_every_mode_passes(verify: Verify) -> None:
    result = verify(in_both_modes())
    assert (result.verdict, result.message) == ("pass", "")
    passed = {name for name, mode in result.modes.items() if mode.verdict == "pass"}
    wanted = {"outputs", "gradients", "train", "trajectory", "transforms", "export", "nnx"}
    assert passed >= wanted | {"warnings"}


@pytest.mark.verify
def test_what_only_training_shows(verify: Verify) -> None:
    result = verify(in_both_modes("momentum=0.9"))
    assert (result.verdict, result.reason) == ("fail", "train")
    assert result.outputs.verdict == result.gradients.verdict == "pass"


@pytest.mark.verify
@pytest.mark.parametrize(
    ("module", "mode"),
    [
        ("m.counting", "transforms"),
        ("m.shared", "nnx"),
        ("m.deprecated", "warnings"),
        ("m.untrained", "trajectory"),
    ],
)
def test_wrong_in_one_mode(verify: Verify, module: str, mode: str) -> None:
    case = mlp(modes=("outputs", mode))
    target = replace(case.target, module="modes_jax", build=f"{module}(rngs=nnx.Rngs(0))")
    result = verify(replace(case, target=target))
    assert (result.verdict, result.reason) == ("fail", mode), result.message
    assert result.outputs.verdict == "pass"


@pytest.mark.verify
def test_a_layer_that_the_source_ties_is_a_graph(verify: Verify) -> None:
    inputs, call = {"x": "float32[B, 4]"}, "model(x)"
    builds = ("m.Tied()", "m.Tied(rngs=nnx.Rngs(0))")
    result = verify(pair("tied", "keras2", *builds, call, call, inputs, modes=("outputs", "nnx")))
    assert (result.verdict, result.message) == ("pass", "")
    said = result.mode("nnx").message
    assert said.startswith("graph mode alone: the source, too, keeps")
    assert "shared.kernel" in said or "dense.kernel" in said


@pytest.mark.verify
def test_a_mode_that_ends_its_process_costs_no_other(verify: Verify) -> None:
    case = mlp(modes=("outputs", "trajectory", "transforms", "export"))
    target = replace(case.target, module="modes_jax", build="m.exiting(rngs=nnx.Rngs(0))")
    result = verify(replace(case, target=target))
    assert (result.verdict, result.reason) == ("inconclusive", "transforms")
    verdicts = {name: mode.verdict for name, mode in result.modes.items()}
    assert verdicts["outputs"] == verdicts["trajectory"] == "pass"
    assert "exited with status 3 in target-mode transforms" in result.message
    assert result.mode("export").message.startswith("not reached")


@pytest.mark.verify
def test_what_does_not_apply_is_skipped_with_a_reason(verify: Verify) -> None:
    inputs = {"x": "float32[B, 4]"}
    modes = ("outputs", "gradients", "state", "trajectory")
    case = pair(
        "bare", "keras3", "m.bare()", "m.Bare()", "model(x)", "model(x)", inputs, modes=modes
    )
    result = verify(case)
    assert (result.verdict, result.message) == ("pass", "")
    said = {name: (mode.verdict, mode.message) for name, mode in result.modes.items()}
    assert said["gradients"] == ("pass", "")  # by the input
    assert said["state"] == ("skipped", "the program keeps no state")
    assert said["trajectory"] == ("skipped", "there is no parameter to train")


def test_training_is_a_phase_of_its_own() -> None:
    first, second = phases_of(in_both_modes())
    assert not first.training
    assert second.training
    assert not second.case.randomness
    assert "trajectory" not in first.case.modes
    (only,) = phases_of(replace(in_both_modes(), train=None))
    assert "trajectory" in only.case.modes
    assert "train" not in only.case.modes


def test_a_frozen_oracle_is_checked_by_its_content(tmp_path: Path) -> None:
    recorded = tmp_path / "recorded"
    recorded.mkdir()
    (recorded / "result.json").write_text('{"runs": [], "seconds": 3}')
    (recorded / "oracle.safetensors").write_bytes(b"tensors")
    case = mlp()
    frozen = tmp_path / "frozen"
    for _ in range(2):  # a second time replaces the first
        save(frozen, [Recorded(case, recorded, None)], {"mlp_jax": "driver"}, ())
    (one,), rules = load(frozen)
    assert rules == ()
    assert one.case.target.paths == one.case.source.paths == ()
    assert (one.folder / "mlp_jax.py").read_text() == "driver"
    assert [p.name for p in frozen.iterdir() if p.is_dir()] == [one.folder.name]
    (one.folder / "call/result.json").write_text("{}")
    with pytest.raises(FrozenError, match="content hash"):
        load(frozen)
