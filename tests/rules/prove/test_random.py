"""Random results are compared by their distributions."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="the proofs run the real TensorFlow")

import numpy as np
from tfjax.rules.language import RuleSet
from tfjax.rules.language.records import Rule
from tfjax.rules.prove.fixed import read_case
from tfjax.rules.prove.ladder import Effort, Ladder
from tfjax.rules.prove.outcome import UnitResult
from tfjax.rules.prove.random import LEVEL, distance
from tfjax.transpiler.prove.translation import Compiler

HEAD = """rule r
  from tf.random.normal(shape: Shape, mean: Any = 0.0, stddev: Any = 1.0, name: Ignored = None)
"""


def proved(text: str, line: str) -> UnitResult:
    rules = RuleSet.parse(HEAD + text)
    rule = rules.for_symbol("tf.random.normal")
    assert isinstance(rule, Rule)
    ladder = Ladder(Compiler(rules), Effort(cases=0))
    return ladder.prove(rule, "tf.random.normal", "keras3", [read_case(line, "keras3")], False)


def test_the_distance_of_samples() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=800), rng.normal(size=800)
    assert distance(a, b) < LEVEL < distance(a, 1.3 * b + 0.2)
    assert distance(a, b[:0]) == 0.0


@pytest.mark.verify
def test_the_right_distribution() -> None:
    text = "  to mean + stddev * jax.random.normal(rngs(), shape)\n"
    found = proved(text, "tf.random.normal([2, 3], 1.0, 0.5)")
    assert (found.status, found.failures, found.random) == ("proved", [], True)


@pytest.mark.verify
@pytest.mark.parametrize(
    "target",
    [
        "stddev + mean * jax.random.normal(rngs(), shape)",
        "mean + stddev * jax.random.uniform(rngs(), shape)",
        "mean + stddev * jax.random.normal(jax.random.key(0), shape) + 0 * rngs.default.count[...]",
    ],
)
def test_another_distribution(target: str) -> None:
    found = proved(f"  to {target}\n", "tf.random.normal([2, 3], 1.0, 0.5)")
    assert found.status == "failed"
    message = found.failures[0].message
    assert "the distribution" in message or "each run gives the same for JAX only" in message
