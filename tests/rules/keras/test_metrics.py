"""Metrics that keep state, in programs."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_metric_keeps_its_methods() -> None:
    check_compile(
        """\
        import tensorflow as tf

        loss = tf.keras.metrics.Mean(name="loss")
        accuracy = tf.keras.metrics.SparseCategoricalAccuracy()


        def evaluate(batches, model):
            loss.reset_states()
            for x, y in batches:
                accuracy.update_state(y, model(x))
            return accuracy.result()
        """,
        """\
        from tf_compat import Mean, MeanOf, sparse_categorical_accuracy

        loss = Mean()
        accuracy = MeanOf(sparse_categorical_accuracy)


        def evaluate(batches, model):
            loss.reset_state()
            for x, y in batches:
                accuracy.update_state(y, model(x))
            return accuracy.result()
        """,
    )


def test_a_result_is_an_array() -> None:
    check_compile(
        """\
        from tensorflow import keras

        accuracy = keras.metrics.BinaryAccuracy(threshold=0.3)
        accuracy([1, 0], [0.6, 0.4])
        print(accuracy.result().numpy())
        """,
        """\
        import jax.numpy as jnp

        from tf_compat import MeanOf

        accuracy = MeanOf(lambda y, p: jnp.equal(y, p > 0.3))
        accuracy([1, 0], [0.6, 0.4])
        print(accuracy.result())
        """,
    )


def test_a_metric_of_ones_own_is_reported() -> None:
    check_compile(
        """\
        from tensorflow import keras

        metric = keras.metrics.SensitivityAtSpecificity(0.5)
        """,
        left=["TJ2010"],
    )
