"""tensorflow_addons as its 0.23 source defines it, over the TensorFlow that runs: the package
itself does not load with newer ones. Proofs of its symbols are proofs against these definitions."""
# pyright: basic

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import tensorflow as tf


def _gelu(x: Any, approximate: bool = True) -> Any:
    return tf.nn.gelu(x, approximate)


def _mish(x: Any) -> Any:
    return x * tf.math.tanh(tf.math.softplus(x))


def _lisht(x: Any) -> Any:
    return x * tf.math.tanh(x)


def _tanhshrink(x: Any) -> Any:
    return x - tf.math.tanh(x)


def _hardshrink(x: Any, lower: float = -0.5, upper: float = 0.5) -> Any:
    outside = tf.math.logical_or(x < lower, upper < x)
    return x * tf.cast(outside, x.dtype)


def _instance_normalization(**given: Any) -> Any:
    return tf.keras.layers.GroupNormalization(groups=-1, **given)


def _gelu_layer(approximate: bool = True, **given: Any) -> Any:
    return tf.keras.layers.Activation(lambda x: _gelu(x, approximate), **given)


def _focal(
    y_true: Any, y_pred: Any, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False
) -> Any:
    y_pred = tf.convert_to_tensor(y_pred)
    y_true = tf.cast(y_true, y_pred.dtype)
    losses = tf.keras.backend.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    probability = tf.sigmoid(y_pred) if from_logits else y_pred
    agreed = y_true * probability + (1 - y_true) * (1 - probability)
    weight = y_true * alpha + (1 - y_true) * (1 - alpha) if alpha else 1.0
    factor = tf.pow(1.0 - agreed, gamma) if gamma else 1.0
    return tf.reduce_sum(weight * factor * losses, axis=-1)


def _focal_loss(
    from_logits: bool = False, alpha: float = 0.25, gamma: float = 2.0, reduction: str = "none"
) -> Any:
    def loss(y_true: Any, y_pred: Any) -> Any:
        losses = _focal(y_true, y_pred, alpha, gamma, from_logits)
        return {"none": losses, "sum": tf.reduce_sum(losses)}.get(reduction, tf.reduce_mean(losses))

    return loss


class _Decoupled:
    """Takes a part of each weight off before an optimizer of Keras moves it; the learning rate
    has no say in that part."""

    def __init__(self, optimizer: Any, weight_decay: float) -> None:
        self.optimizer, self.weight_decay = optimizer, weight_decay

    def apply_gradients(self, pairs: Any) -> None:
        for _, variable in pairs:
            variable.assign_sub(self.weight_decay * variable)
        self.optimizer.apply_gradients(pairs)


def _adamw(weight_decay: float, learning_rate: Any = 0.001, **given: Any) -> _Decoupled:
    return _Decoupled(tf.keras.optimizers.Adam(learning_rate, **given), weight_decay)


def _sgdw(weight_decay: float, learning_rate: Any = 0.001, **given: Any) -> _Decoupled:
    return _Decoupled(tf.keras.optimizers.SGD(learning_rate, **given), weight_decay)


class _Lamb:
    """Adam whose step is scaled by the norm of the weight over that of the step."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-6,
        weight_decay: float = 0.0,
    ) -> None:
        self.rate, self.betas, self.epsilon = learning_rate, (beta_1, beta_2), epsilon
        self.weight_decay, self.step = weight_decay, 0
        self.moments: dict[int, list[Any]] = {}

    def apply_gradients(self, pairs: Any) -> None:
        rate: Any = self.rate(self.step) if callable(self.rate) else self.rate
        self.step += 1
        first, second = self.betas
        for number, (gradient, variable) in enumerate(pairs):
            zeros = tf.zeros_like(variable)
            m, v = self.moments.get(number, [zeros, zeros])
            m = first * m + (1 - first) * gradient
            v = second * v + (1 - second) * gradient * gradient
            self.moments[number] = [m, v]
            wide = [m / (1 - first**self.step), v / (1 - second**self.step)]
            update = wide[0] / (tf.sqrt(wide[1]) + self.epsilon) + self.weight_decay * variable
            norms = tf.norm(variable), tf.norm(update)
            both = norms[0] > 0 and norms[1] > 0
            variable.assign_sub((norms[0] / norms[1] if both else 1.0) * rate * update)


def package() -> SimpleNamespace:
    """What `tensorflow_addons` names in source text."""
    layers = SimpleNamespace(
        InstanceNormalization=_instance_normalization,
        GroupNormalization=tf.keras.layers.GroupNormalization,
        GELU=_gelu_layer,
    )
    layers.normalizations, layers.gelu = layers, layers
    functions = {
        **{"gelu": _gelu, "mish": _mish, "lisht": _lisht},
        **{"tanhshrink": _tanhshrink, "hardshrink": _hardshrink},
    }
    activations = SimpleNamespace()
    for name, function in functions.items():
        # Each stands in a module of its own name, too.
        setattr(function, name, function)
        setattr(activations, name, function)
    losses = SimpleNamespace(
        sigmoid_focal_crossentropy=_focal, SigmoidFocalCrossEntropy=_focal_loss
    )
    optimizers = SimpleNamespace(AdamW=_adamw, SGDW=_sgdw, LAMB=_Lamb)
    return SimpleNamespace(
        layers=layers, activations=activations, losses=losses, optimizers=optimizers
    )
