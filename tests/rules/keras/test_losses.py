"""Loss objects."""

from __future__ import annotations

import pytest
from tfjax.rules.language import RuleSet
from tfjax.transpiler.rewrite.snippets import translate


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load()


def test_labels_take_the_shape_of_predictions(rules: RuleSet) -> None:
    """A column against a row would broadcast to a matrix."""
    assert translate("keras.losses.MeanSquaredError()", rules) == (
        "lambda y_true, y_pred: jnp.mean(jnp.square(y_pred - jnp.reshape(y_true, y_pred.shape)))"
    )


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
