"""Mutations of translations: what they change, and that the verifier sees a sample of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.mutations.kinds import mutations
from benchmarks.mutations.outcome import Outcome, Results
from benchmarks.mutations.run import Sampling, run

SOURCE = """\
import jax
from flax import nnx


class Net(nnx.Module):
    def __call__(self, x):
        x = nnx.relu(
            self.dense(x)
        )
        x = self.norm(x)
        x = self.norm(x)
        return jax.numpy.matmul(x, self.w[...], precision=None)[:, 1:] + x
"""
KINDS = {
    "dropped activation",
    "other activation",
    "dropped statement",
    "swapped argument",
    "transposed weight",
    "off by one",
    "operator",
    "skipped layer",
    "other scale",
    "detached",
}
COMPUTING = """\
class Net(nnx.Module):
    def __init__(self, x):
        self.count = nnx.Variable(jnp.zeros(3))

    def __call__(self, x, mask):
        self.count.set_value(self.count + 1)
        x = jnp.where(~mask, x * 0.5, jnp.sum(x, axis=-1))
        x = lax.cond(x > 1, lambda: x, lambda: -x)
        return nnx.avg_pool(x, padding="SAME"), x
"""
COMPUTED = {
    "operator": ["x / 0.5"],
    "other axis": ["0"],
    "other comparison": ["x <= 1"],
    "other function": ["jnp.mean"],
    "other number": ["0.75"],
    "other padding": ["'VALID'"],
    "other polarity": ["mask"],
    "missing update": ["pass"],
    "swapped branches": ["jnp.where(~mask, jnp.sum(x, axis=-1), x * 0.5)", "lambda: -x"],
    "swapped outputs": ['(x, nnx.avg_pool(x, padding="SAME"))'],
}
NET = """\
from tensorflow import keras


def build(units=5):
    inputs = keras.Input((4,))
    x = keras.layers.Dense(8, activation="relu")(inputs)
    x = keras.layers.LayerNormalization(epsilon=1e-3)(x)
    return keras.Model(inputs, keras.layers.Dense(units, activation="tanh")(x))
"""


def test_each_kind_is_found_and_lines_stay():
    found = list(mutations(SOURCE))
    assert {one.kind for one in found} == KINDS
    for one in found:
        text = one.apply(SOURCE)
        assert text != SOURCE
        assert text.count("\n") == SOURCE.count("\n")
        compile(text, "mutant", "exec")


def test_what_a_call_computes_and_updates():
    found: dict[str, list[str]] = {}
    for one in mutations(COMPUTING):
        if one.kind not in ("skipped layer", "dropped summand", "swapped argument"):
            found.setdefault(one.kind, []).append(one.text)
    found["operator"].remove("self.count - 1")
    assert found == COMPUTED


def test_a_dropped_activation():
    (one,) = (m for m in mutations(SOURCE) if m.kind == "dropped activation")
    assert "x = self.dense(x)" in one.apply(SOURCE)


def test_misses_are_run_again(tmp_path: Path):
    hit = Outcome("a", "net", "net.py", "operator", 3, "x - y", True, True, False, "value", "")
    misses = [replace(hit, key="b", named=False), replace(hit, key="c", caught=False)]
    path = tmp_path / "kept.jsonl"
    results = Results(path)
    for one in (hit, *misses):
        results.add(one)
    assert set(Results(path).kept) == {"a", "b", "c"}
    assert set(Results(path, again=True).kept) == {"a"}


@pytest.mark.verify
def test_a_sample_is_caught_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(NET)
    settings = '[[tool.tfjax.verify]]\nentry = "net:build"\ninputs = { x = "float32[B, 4]" }\n'
    (tmp_path / "pyproject.toml").write_text(settings + 'keras = "3"\n')
    kept = tmp_path / "kept.jsonl"
    outcomes = run(tmp_path, Sampling(5, modes="outputs"), Results(kept))
    assert len(outcomes) == 5
    assert [one.describe() for one in outcomes if not one.caught] == []
    assert [one.describe() for one in outcomes if not (one.named or one.bracketed)] == []
    assert list(Results(kept).kept.values()) == outcomes
