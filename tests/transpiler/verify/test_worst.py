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
from tfjax.transpiler.verify import VerifyCase, VerifyResult
from tfjax.transpiler.verify.jax_worst import Exchange, _Search, compare_worst
from tfjax.transpiler.verify.tolerance import tolerance

from .cases import mlp

Function = Callable[[Any], Any]


class Played(Exchange):
    """Answers with a function of JAX in TensorFlow's stead."""

    def __init__(self, source: Function) -> None:
        super().__init__(Path(), Path())
        self.source = source

    def ask(self, arrays: dict[str, Any]) -> dict[str, Any]:
        x = jnp.asarray(arrays["in/x"])
        found = {"out/out": np.asarray(self.source(x)), "change/out": np.zeros(())}
        if "weight/out" in arrays:
            weight = arrays["weight/out"]
            found["grad/x"] = np.asarray(jax.grad(lambda x: jnp.sum(self.source(x) * weight))(x))
        return found


class Target(nnx.Module):
    def __init__(self, function: Function) -> None:
        self.function = function

    def __call__(self, x: Any) -> Any:
        return self.function(x)


def search(source: Function, target: Function) -> Any:
    x = np.random.default_rng(3).standard_normal((2, 6)).astype(np.float32)
    comparer = SimpleNamespace(
        model=Target(target),
        call=lambda model, inputs: model(inputs["x"]),
        oracle={"runs": [{}], "double": {}},
        tensors={"run0/draw0/out/out": np.asarray(source(x))},
        arrays=lambda run, draw: {"x": jnp.asarray(x)},
        skeletons=lambda run: {"x": {"array": "x"}},
        tolerance=lambda change: lambda eps, scale, size: tolerance(change, eps, scale, 1, size),
    )
    case = SimpleNamespace(inputs={"x": "float32[2, 6]"}, x64=False)
    return SimpleNamespace(case=case, comparer=comparer, exchange=Played(source))


def plain(x: Any) -> Any:
    return jnp.tanh(jnp.mean(x, -1))


def far_off(x: Any) -> Any:
    """Another function where the mean is large, by less than rounding where it is not."""
    return plain(x) + 1e-4 * jax.nn.sigmoid(6 * (jnp.mean(x, -1) - 1.1))


@pytest.fixture
def no_other_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Search, "_starts", lambda self: [self.comparer.arrays(0, 0)])


@pytest.mark.usefixtures("no_other_starts")
def test_ascent_finds_what_the_drawn_values_do_not_show():
    measured = search(plain, far_off)
    seeker = _Search(measured, measured.exchange)
    start = seeker.look(measured.comparer.arrays(0, 0))
    assert seeker._reports(start)[0].verdict == "pass"
    found = compare_worst(measured)
    assert (found.verdict, found.worst and found.worst.reason) == ("fail", "value")


@pytest.mark.parametrize("function", [plain, far_off])
def test_equal_functions_pass(function: Function):
    found = compare_worst(search(function, function))
    assert (found.verdict, found.leaves) == ("pass", 1)
    assert "points" in found.message


def test_a_jump_is_no_error():
    def steps(x: Any) -> Any:
        return plain(x) + jnp.floor(x[:, 0] * 64) / 64

    def steps_beside(x: Any) -> Any:
        return plain(x) + jnp.floor(x[:, 0] * jnp.float32(64 * (1 + 1e-6))) / 64

    found = compare_worst(search(steps, steps_beside))
    assert found.verdict == "pass"


def test_nothing_to_search_with():
    measured = search(plain, plain)
    measured.exchange = None
    assert compare_worst(measured).verdict == "skipped"


@pytest.mark.verify
def test_with_tensorflow(verify: Callable[[VerifyCase], VerifyResult]):
    result = verify(mlp(modes=("outputs", "worst")))
    assert (result.verdict, result.mode("worst").verdict) == ("pass", "pass"), result.modes
    assert "points" in result.mode("worst").message
