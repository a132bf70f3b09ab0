"""The search for the largest difference, against a source's side that a test plays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from tfjax.transpiler.verify import Limits, VerifyCase, VerifyResult, jax_both
from tfjax.transpiler.verify.jax_both import Both
from tfjax.transpiler.verify.jax_exchange import Exchange
from tfjax.transpiler.verify.jax_worst import Search, compare_worst
from tfjax.transpiler.verify.sampling import cotangent
from tfjax.transpiler.verify.tolerance import gradient_tolerance, tolerance

from .cases import mlp

Function = Callable[[Any, Any], Any]
W = np.asarray([0.5, -1.0, 2.0, 0.25, 1.5, -0.75], np.float32)


class Played(Exchange):
    """Answers with a function of JAX in TensorFlow's stead."""

    def __init__(self, source: Function) -> None:
        super().__init__(Path(), Path())
        self.source = source

    def ask(self, arrays: dict[str, Any]) -> dict[str, Any]:
        given = {"param/0": W, **arrays}
        free = {key: jnp.asarray(given[key]) for key in ("in/x", "param/0")}

        def outputs(free: Any) -> Any:
            return {"out": self.source(free["in/x"], free["param/0"])}

        def total(free: Any) -> Any:
            value = outputs(free)["out"]
            return jnp.sum(value * cotangent(value.shape, value.dtype, 0))

        values = jax.grad(total) if "grad" in arrays else outputs
        found = {f"value/{n}": np.asarray(v) for n, v in values(free).items()}
        found |= {f"change/{n[6:]}": np.zeros(()) for n in list(found)}
        weights = {n[7:]: v for n, v in arrays.items() if n.startswith("weight/")}
        if weights:
            slopes = jax.grad(lambda f: sum(jnp.sum(values(f)[n] * w) for n, w in weights.items()))
            found |= {f"slope/{n}": np.asarray(v) for n, v in slopes(free).items()}
        return found


class Target(nnx.Module):
    def __init__(self, function: Function) -> None:
        self.function = function
        self.w = nnx.Param(jnp.asarray(W))

    def __call__(self, x: Any) -> Any:
        return self.function(x, self.w[...])


def search(source: Function, target: Function, modes: tuple[str, ...] = ("outputs",)) -> Any:
    x = np.random.default_rng(3).standard_normal((2, 6)).astype(np.float32)
    comparer = SimpleNamespace(
        model=Target(target),
        call=lambda model, inputs: model(inputs["x"]),
        oracle={"runs": [{"draws": [{"gradient_error": ""}]}], "double": {"errors": {}}},
        tensors={"param/0": W},
        arrays=lambda run, draw: {"x": jnp.asarray(x)},
        skeletons=lambda run: {"x": {"array": "x"}},
        tolerance=lambda change: lambda eps, scale, size: tolerance(change, eps, scale, 1, size),
        gradient_tolerance=lambda change, largest: (
            lambda eps, scale, size: gradient_tolerance(change, eps, scale, largest, 1, size)
        ),
    )
    case = SimpleNamespace(inputs={"x": "float32[2, 6]"}, x64=False, modes=modes, limits=Limits())
    return SimpleNamespace(
        case=case,
        comparer=comparer,
        exchange=Played(source),
        candidate=SimpleNamespace(moves=(SimpleNamespace(sources=(0,), target=7, steps=()),)),
        paths={7: ("w",)},
        source=SimpleNamespace(variables=[SimpleNamespace(id=0, role="param", path="w")]),
    )


def plain(x: Any, w: Any) -> Any:
    return jnp.tanh(jnp.mean(x, -1)) + jnp.mean(w)


def far_off(x: Any, w: Any) -> Any:
    """Another function where the mean is large, by less than rounding where it is not."""
    return plain(x, w) + 1e-4 * jax.nn.sigmoid(6 * (jnp.mean(x, -1) - 1.1))


def far_weights(x: Any, w: Any) -> Any:
    """Another function where the weights are large."""
    return plain(x, w) + 1e-4 * jax.nn.sigmoid(6 * (jnp.mean(w) - 1.5))


def steep(x: Any, w: Any) -> Any:
    """The same outputs within rounding, and other gradients where the inputs are large."""
    return plain(x, w) + 4e-8 * jnp.sin(1e3 * x[:, 0]) * jax.nn.sigmoid(6 * (x[:, 0] - 1.8))


@pytest.fixture
def no_other_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Search, "_starts", lambda self: [self.both.start(0)])


@pytest.mark.usefixtures("no_other_starts")
@pytest.mark.parametrize("wrong", [far_off, far_weights])
def test_ascent_finds_what_the_drawn_values_do_not_show(wrong: Function):
    measured = search(plain, wrong)
    seeker = Search(Both(measured, measured.exchange), "out")
    start = seeker.look(seeker.both.start(0))
    assert seeker.reports(start)[0].verdict == "pass"
    found = compare_worst(measured)
    assert (found.verdict, found.worst and found.worst.reason) == ("fail", "value")


def test_gradients_are_searched_too():
    assert compare_worst(search(plain, steep)).verdict == "pass"
    found = compare_worst(search(plain, steep, ("outputs", "gradients")))
    assert found.verdict == "fail"
    assert found.worst is not None and found.worst.path == "gradient of input x"


@pytest.mark.parametrize("function", [plain, far_off, far_weights, steep])
def test_equal_functions_pass(function: Function):
    found = compare_worst(search(function, function, ("outputs", "gradients")))
    assert (found.verdict, found.leaves) == ("pass", 3)
    assert "points" in found.message


def test_a_search_ends_in_time():
    measured = search(plain, far_off)
    measured.case.limits = Limits(wall_s=0)
    assert "outputs: the worst of 1 points, cut short" in compare_worst(measured).message


def test_too_many_parameters_stay(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jax_both, "MOVED", 5)
    measured = search(plain, plain)
    assert list(Both(measured, measured.exchange).free) == ["in/x"]
    assert "parameters stay" in compare_worst(measured).message


def test_a_jump_is_no_error():
    def steps(x: Any, w: Any) -> Any:
        return plain(x, w) + jnp.floor(x[:, 0] * 64) / 64

    def steps_beside(x: Any, w: Any) -> Any:
        return plain(x, w) + jnp.floor(x[:, 0] * jnp.float32(64 * (1 + 1e-6))) / 64

    found = compare_worst(search(steps, steps_beside))
    assert found.verdict == "pass"


def test_nothing_to_search_with():
    measured = search(plain, plain)
    measured.exchange = None
    assert compare_worst(measured).verdict == "skipped"


@pytest.mark.verify
def test_with_tensorflow(verify: Callable[[VerifyCase], VerifyResult]):
    result = verify(mlp(modes=("outputs", "gradients", "worst")))
    assert (result.verdict, result.mode("worst").verdict) == ("pass", "pass"), result.modes
    assert "gradients: the worst of" in result.mode("worst").message
