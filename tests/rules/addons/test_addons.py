"""Rules for tensorflow_addons against what its source says, written with TensorFlow: the package
itself does not run with this version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tfjax.rules.language import RuleSet
from tfjax.rules.prove.target import namespace
from tfjax.transpiler.prove.translation import Compiler
from tfjax.transpiler.rewrite.snippets import translate

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
LABELS = (X > 0.3).astype(np.float32)
PROBABILITIES = (1 / (1 + np.exp(-X[::-1]))).astype(np.float32)
FUNCTIONS: list[tuple[str, Callable[[Any], Any]]] = [
    ("activations.gelu(x)", lambda tf: tf.nn.gelu(X, approximate=True)),
    ("activations.mish(x)", lambda tf: X * tf.tanh(tf.math.softplus(X))),
    ("activations.lisht(x)", lambda tf: X * tf.tanh(X)),
    ("activations.tanhshrink(x)", lambda tf: X - tf.tanh(X)),
    (
        "activations.hardshrink(x)",
        lambda tf: tf.where(tf.logical_or(X < -0.5, X > 0.5), X, tf.zeros_like(X)),
    ),
    ("losses.sigmoid_focal_crossentropy(y, p)", lambda tf: focal(tf, PROBABILITIES, False)),
    ("losses.SigmoidFocalCrossEntropy()(y, p)", lambda tf: focal(tf, PROBABILITIES, False)),
    (
        "losses.SigmoidFocalCrossEntropy(True, reduction='sum')(y, x)",
        lambda tf: tf.reduce_sum(focal(tf, X, True)),
    ),
]
OPTIMIZERS = [
    (
        "AdamW(0.1, learning_rate=0.01)",
        "optax.chain(compat.adam(0.01), optax.add_decayed_weights(-0.1))",
    ),
    (
        "SGDW(0.1, 0.01, momentum=0.9)",
        "optax.chain(optax.sgd(0.01, momentum=0.9), optax.add_decayed_weights(-0.1))",
    ),
    ("LAMB(0.01, weight_decay=0.1)", "optax.lamb(0.01, weight_decay=0.1)"),
]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load()


def focal(tf: Any, y_pred: np.ndarray, from_logits: bool) -> Any:
    losses = tf.keras.backend.binary_crossentropy(LABELS, y_pred, from_logits=from_logits)
    probability = tf.sigmoid(y_pred) if from_logits else y_pred
    p_t = LABELS * probability + (1 - LABELS) * (1 - probability)
    factor = LABELS * 0.25 + (1 - LABELS) * 0.75
    return tf.reduce_sum(factor * (1 - p_t) ** 2.0 * losses, axis=-1)


@pytest.mark.verify
@pytest.mark.parametrize(("text", "reference"), FUNCTIONS)
def test_values(rules: RuleSet, text: str, reference: Callable[[Any], Any]) -> None:
    import tensorflow as tf

    code = translate(f"tensorflow_addons.{text}", rules)
    found = eval(code, namespace() | {"x": X, "y": LABELS, "p": PROBABILITIES})
    np.testing.assert_allclose(np.asarray(found), np.asarray(reference(tf)), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize(("text", "code"), OPTIMIZERS)
def test_optimizers(rules: RuleSet, text: str, code: str) -> None:
    assert translate(f"tensorflow_addons.optimizers.{text}", rules) == code


def test_layers(rules: RuleSet) -> None:
    layer = Compiler(rules).layer(
        "tensorflow_addons.layers.InstanceNormalization()",
        "keras3",
        ["x"],
        {},
        False,
        None,
        {"x": ((2, 5, 5, 6), "float32")},
    )
    assert layer.constructor == (
        "nnx.GroupNorm(6, num_groups=6, epsilon=0.001, use_fast_variance=False, rngs=rngs)"
    )
    gelu = "tensorflow_addons.layers.GELU()(x)"
    assert translate(gelu, rules) == "nnx.gelu(x)"
