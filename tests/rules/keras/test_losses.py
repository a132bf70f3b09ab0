"""Loss objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tfjax.rules.language import RuleSet
from tfjax.rules.prove.target import namespace
from tfjax.transpiler.rewrite.snippets import translate


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load()


def test_loss_objects_take_weights(rules: RuleSet) -> None:
    assert translate("keras.losses.MeanSquaredError()", rules) == (
        "compat.LossOf(lambda y, p: jnp.mean(jnp.square(p - y), axis=-1))"
    )
    assert translate(
        "keras.losses.SparseCategoricalCrossentropy(True, reduction='sum')", rules
    ) == (
        "compat.SparseLossOf(lambda y, p: optax.softmax_cross_entropy_with_integer_labels(p, y), "
        'reduction="sum")'
    )


def test_a_column_is_no_matrix() -> None:
    """A column against a row would broadcast to a matrix."""
    loss = namespace()["compat"].LossOf(lambda y, p: abs(y - p).mean(-1))
    column = np.array([[1.0], [2.0]], np.float32)
    assert loss(column[:, 0], column) == loss(column, column[:, 0]) == 0


def test_losses_of_tf1_are_means(rules: RuleSet) -> None:
    loss = "tf.compat.v1.losses.mean_squared_error(y, x)"
    assert translate(loss, rules) == "jnp.mean(jnp.square(x - y))"
    weighted = "tf.compat.v1.losses.mean_squared_error(y, x, weights=w)"
    assert translate(weighted, rules).startswith("TJ2013")


def test_an_initializer_around_a_mean(rules: RuleSet) -> None:
    made = "keras.initializers.RandomNormal(1.0, 0.02)"
    normal = "nnx.initializers.normal(stddev=0.02)"
    assert translate(made, rules) == f"compat.shifted_initializer({normal}, 1.0)"
    assert translate("keras.initializers.RandomNormal(0.0, 0.02)", rules) == normal


@pytest.mark.verify
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none"])
@pytest.mark.parametrize("weights", [None, [0.5, 2.0, 0.0]])
def test_a_loss_of_ones_own_reduces_as_in_keras(
    reduction: str, weights: list[float] | None
) -> None:
    import tensorflow as tf

    def call(self: Any, y_true: Any, y_pred: Any) -> Any:
        return abs(y_true - y_pred)[:, 1] * 2

    y_true = np.arange(12, dtype=np.float32).reshape(3, 4)
    y_pred = y_true[::-1].copy()
    bases = [tf.keras.losses.Loss, namespace()["compat"].Loss]
    made = [type("Own", (base,), {"call": call})(reduction=reduction) for base in bases]
    weight = None if weights is None else np.array(weights, np.float32)
    expected, found = (np.asarray(loss(y_true, y_pred, sample_weight=weight)) for loss in made)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
