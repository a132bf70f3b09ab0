"""Right translations pass, wrong ones are caught, and the reason is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jax
import pytest
from tfjax.transpiler.verify import Limits, VerifyCase, VerifyResult, verify_cases
from tfjax.transpiler.verify.pool import WorkerPool
from tfjax.transpiler.verify.shown import shown

from .cases import cnn, encoder, mlp, pair, volume
from .weight_table import RULES

pytestmark = pytest.mark.verify
Verify = Callable[[VerifyCase], VerifyResult]


@pytest.mark.parametrize("case", [mlp("keras2"), mlp("keras3"), cnn("keras2"), cnn("keras3")])
def test_right_translation_passes(verify: Verify, case: VerifyCase) -> None:
    result = verify(case)
    assert (result.verdict, result.message, result.traceback) == ("pass", "", "")
    assert result.parameters.complete
    assert result.outputs.verdict == result.gradients.verdict == "pass"


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("flavour", ["keras2", "keras3"])
def test_custom_layers_and_state(verify: Verify, flavour: str, training: bool) -> None:
    result = verify(encoder(flavour, training))
    assert (result.verdict, result.message) == ("pass", "")
    assert result.state.verdict == "pass"
    moves = {e.target: e.source for e in result.parameters.key_map}
    assert moves["scales.1.gain"] == ("scales.1.gain",)


def test_parts_of_a_module_have_their_own_paths(verify: Verify) -> None:
    inputs = {"x": "float32[B, 4]"}
    builds = ("m.Stack()", "m.Stack(rngs=nnx.Rngs(0))")
    result = verify(pair("stack", "keras2", *builds, "model(x)", "model(x)", inputs))
    assert result.verdict == "pass", result.message
    assert {name for move in result.parameters.key_map for name in move.source} == {
        f"{part}.{name}" for part in ("_layers.0", "_layers.1", "outputs") for name in "wb"
    }


def test_sizes_of_named_dims_vary_and_the_oracle_is_reused(verify: Verify) -> None:
    verify(mlp())
    result = verify(mlp())
    assert result.oracle_cached
    assert result.runs == 4  # three sizes, and edge values
    assert result.seconds.oracle == 0.0


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("epsilon=1e-6", "value"),
        ("approximate=True", "value"),
        ("last=lambda x: x", "value"),
        ("transposed=True", "value"),
        ("detached=True", "gradient"),
        ("spare=True", "pairing"),
        ("classes=5", "shape"),
        ("last=m.twice", "structure"),
        ("last=lambda x: x.astype(jnp.float16)", "dtype"),
        ("last=lambda x: jnp.log(x - x)", "value"),
    ],
)
def test_wrong_translation_is_caught(verify: Verify, wrong: str, reason: str) -> None:
    result = verify(mlp(wrong=wrong))
    assert (result.verdict, result.reason) == ("fail", reason)
    assert result.message


def test_wrong_state_update_is_caught(verify: Verify) -> None:
    result = verify(encoder(wrong="momentum=0.9"))
    assert (result.verdict, result.reason) == ("fail", "state")


@pytest.mark.parametrize("flavour", ["keras2", "keras3"])
def test_moving_variances_are_compared_without_their_correction(
    verify: Verify, flavour: str
) -> None:
    case = replace(cnn(flavour), modes=("outputs", "state"))
    source = replace(case.source, call="model(x, training=True)")
    result = verify(replace(case, source=source, target=replace(case.target, eval_mode=False)))
    assert (result.verdict, result.mode("state").verdict) == ("pass", "pass"), result.message
    assert any("n / (n - 1)" in text for text in result.messages) == (flavour == "keras2")


@pytest.mark.parametrize("flavour", ["keras2", "keras3"])
def test_volumes_whose_largest_values_are_equal(verify: Verify, flavour: str) -> None:
    result = verify(volume(flavour))
    assert (result.verdict, result.mode("gradients").verdict) == ("pass", "pass"), result.message
    assert any("first of equal values" in text for text in result.messages)


def test_wrong_batch_norm_epsilon_is_caught(verify: Verify) -> None:
    result = verify(cnn(wrong="bn_epsilon=1e-5"))
    assert (result.verdict, result.reason) == ("fail", "value")


@pytest.mark.parametrize(
    ("build", "reason", "limits"),
    [
        ("m.exits()", "crash", Limits()),
        ("m.crashes()", "crash", Limits()),
        ("m.quits()", "target-error", Limits()),
        ("m.raises()", "target-error", Limits()),
        ("m.hogs()", "memory", Limits(memory_gib=6)),
        ("m.spins()", "timeout", Limits(cpu_s=25)),
        ("m.allocates()", "memory", Limits()),
        ("m.bombs()", "target-error", Limits()),
        ("m.writes()", "target-error", Limits()),
        ("m.calls_out()", "target-error", Limits()),
        ("m.kills()", "target-error", Limits()),
    ],
)
def test_faulty_target(verify: Verify, build: str, reason: str, limits: Limits) -> None:
    case = mlp()
    target = replace(case.target, module="faulty_jax", build=build)
    result = verify(replace(case, target=target, limits=limits))
    assert (result.verdict, result.reason) == ("error", reason)
    assert result.message


def test_the_others_go_on(workers: WorkerPool, tmp_path: Path) -> None:
    """A hang in an import costs its own time; the cases around it have their verdicts."""
    good = mlp(modes=("outputs",))
    verify_cases([good], RULES, oracle_cache=tmp_path, pool=workers)  # the source's side is kept
    hangs = replace(
        good, target=replace(good.target, module="hanging_jax"), limits=Limits(wall_s=20)
    )
    dies = replace(good, target=replace(good.target, module="faulty_jax", build="m.exits()"))
    results = verify_cases([hangs, dies, good], RULES, oracle_cache=tmp_path, pool=workers)
    assert [(r.verdict, r.reason) for r in results] == [
        ("error", "timeout"),
        ("error", "crash"),
        ("pass", ""),
    ]
    assert "in target-import" in results[0].message


@pytest.mark.parametrize("module", ["no_such_module", "mlp_tf"])
def test_target_must_import_and_stand_alone(verify: Verify, module: str) -> None:
    case = mlp()
    result = verify(replace(case, target=replace(case.target, module=module)))
    assert (result.verdict, result.reason) == ("error", "target-import")


@pytest.mark.parametrize(
    ("module", "build", "reason"),
    [
        ("broken_tf", "m.mlp()", "source-import"),
        ("mlp_tf", "m.mlp(1, 2)", "source-error"),
        ("mlp_tf", "os._exit(0)", "crash"),
        ("random_tf", "m.noisy()", "nondeterministic"),
    ],
)
def test_faulty_source(verify: Verify, module: str, build: str, reason: str) -> None:
    case = mlp()
    call = "model(x)" if module == "random_tf" else case.source.call
    source = replace(case.source, module=module, build=build, call=call)
    result = verify(replace(case, source=source))
    assert (result.verdict, result.reason) == ("error", reason)


@pytest.mark.parametrize(
    ("build", "reason", "limits"),
    [
        ("m.exits()", "crash", Limits()),
        ("m.crashes()", "crash", Limits()),
        ("m.quits()", "source-error", Limits()),
        ("m.raises()", "source-error", Limits()),
        ("m.spins()", "timeout", Limits(wall_s=5)),
        ("m.sleeps()", "timeout", Limits(wall_s=5)),
        ("m.bombs()", "source-error", Limits()),
        ("m.starts_programs()", "source-error", Limits()),
        ("m.starts_threads()", "source-error", Limits(memory_gib=6)),
        ("m.allocates()", "memory", Limits()),
        ("m.allocates_a_tensor()", "memory", Limits()),
        ("m.hoards()", "memory", Limits(memory_gib=6)),
        ("m.writes('/dev/shm/tfjax_faulty_wrote_this')", "source-error", Limits()),
        ("m.removes(m.__file__)", "source-error", Limits()),
        ("m.fills_the_disk()", "disk", Limits(file_gib=0.25)),
        ("m.prints()", "disk", Limits(file_gib=0.25)),
        ("m.calls_out()", "source-error", Limits()),
    ],
)
def test_a_source_that_misbehaves(verify: Verify, build: str, reason: str, limits: Limits) -> None:
    case = mlp()
    source = replace(case.source, module="faulty_tf", build=build)
    result = verify(replace(case, source=source, limits=limits))
    assert (result.verdict, result.reason) == ("error", reason), result.message
    assert result.message


def test_files_of_a_source_go_into_a_folder_of_its_own(verify: Verify) -> None:
    case = mlp(modes=("outputs",))
    source = replace(case.source, module="faulty_tf", build="m.writes_in_its_folder()")
    assert verify(replace(case, source=source)).verdict == "pass"
    assert not Path("notes.txt").exists()


@pytest.mark.parametrize("platform", ["gpu", "tpu"])
def test_a_platform_that_is_not_there(verify: Verify, platform: str) -> None:
    if any(d.platform == platform for d in jax.devices()):
        pytest.skip(f"this machine has a {platform}")
    result = verify(replace(mlp(), platform=platform))
    assert (result.verdict, result.reason) == ("error", "platform"), result.message
    assert f"JAX finds no {platform.upper()} on this machine" in result.message
    (said,) = shown(result, "net.py", ()).diagnostics
    assert (said.code, "--platform" in (said.hint or "")) == ("TJ7021", True)


def test_wall_time_is_limited(verify: Verify) -> None:
    case = mlp()
    target = replace(case.target, module="faulty_jax", build="m.spins()")
    result = verify(replace(case, target=target, limits=Limits(wall_s=5)))
    assert (result.verdict, result.reason) == ("error", "timeout")
