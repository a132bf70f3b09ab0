"""Optimizers and schedules: what a constructor becomes."""

from __future__ import annotations

import pytest
from tfjax.rules.language import RuleSet
from tfjax.transpiler.rewrite.snippets import translate

from tests.harness import check_compile

CASES = [
    ("SGD(0.1)", "optax.sgd(0.1)"),
    ("SGD(0.1, 0.9, True)", "optax.sgd(0.1, momentum=0.9, nesterov=True)"),
    # Of a schedule, Keras sums up steps and Optax gradients.
    ("SGD(s, 0.9)", "optax.chain(optax.scale_by_learning_rate(s), optax.trace(0.9))"),
    ("Adam()", "compat.adam(0.001)"),
    ("Adam(lr=0.01)", "compat.adam(0.01)"),
    ("Adam(epsilon=1e-8, amsgrad=True)", "compat.adam(0.001, eps=1e-08, amsgrad=True)"),
    ("Adam(weight_decay=0.01)", "compat.adamw(0.001, weight_decay=0.01)"),
    ("Adam(clipvalue=0.5)", "optax.chain(optax.clip(0.5), compat.adam(0.001))"),
    (
        "RMSprop(s, clipnorm=1.0, weight_decay=0.1)",
        "optax.chain(compat.clip_each_by_norm(1.0), optax.rmsprop(s, eps=1e-07), "
        "compat.decay_weights(s, 0.1))",
    ),
    ("legacy.SGD(0.1, decay=0.5)", "optax.sgd(compat.decayed_rate(0.1, 0.5))"),
    ("legacy.SGD(0.1, decay=0.0)", "optax.sgd(0.1)"),
    (
        "SGD(0.1, use_ema=True)",
        "TJ2013: `use_ema` of `keras.optimizers.SGD` is True; only False is supported",
    ),
    (
        "Lamb(weight_decay=0.1)",
        "TJ2013: `weight_decay` of `keras.optimizers.Lamb` is 0.1; only None is supported",
    ),
]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load()


@pytest.mark.parametrize(("before", "after"), CASES)
def test_constructor(rules: RuleSet, before: str, after: str) -> None:
    assert translate(f"keras.optimizers.{before}", rules) == after


def test_a_default_differs_between_the_versions(rules: RuleSet) -> None:
    lion = "keras.optimizers.Lion()"
    assert translate(lion, rules.for_flavour("keras2")) == "optax.lion(0.0001, weight_decay=0.0)"
    assert translate(lion, rules.for_flavour("keras3")) == "optax.lion(0.001, weight_decay=0.0)"


def test_members_of_an_optimizer_are_reported() -> None:
    file = check_compile(
        """
        import tensorflow as tf

        optimizer = tf.keras.optimizers.Adam(1e-3)
        print(optimizer.learning_rate)
        """,
        left=["TJ2010"],
    )
    assert "optimizer = adam(1e-3)" in (file.text or "")
