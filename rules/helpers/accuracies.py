"""Accuracies of Keras as functions of labels and predictions."""

import jax
import jax.numpy as jnp


def sparse_categorical_accuracy(y_true: jax.Array, y_pred: jax.Array) -> jax.Array:
    """`keras.metrics.sparse_categorical_accuracy`: whether the likeliest class is the label."""
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    return jnp.equal(y_true, jnp.argmax(y_pred, axis=-1)).astype(jnp.float32)


def sparse_top_k_categorical_accuracy(
    y_true: jax.Array, y_pred: jax.Array, k: int = 5
) -> jax.Array:
    """`keras.metrics.sparse_top_k_categorical_accuracy`: whether the label is among the `k`
    likeliest classes. With a tie at the label, Keras counts the classes that are likelier."""
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = y_true[..., 0]
    label = y_true.astype(jnp.int32)[..., None]
    likelier = y_pred > jnp.take_along_axis(y_pred, label, axis=-1)
    return (jnp.sum(likelier, axis=-1) < k).astype(jnp.float32)
