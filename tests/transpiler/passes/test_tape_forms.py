"""Tapes in other forms than asked by one name right after the block."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_gradient_by_a_list_of_one() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def penalty(critic, mixed):
            with tf.GradientTape() as tape:
                tape.watch(mixed)
                score = tf.reduce_sum(critic(mixed))
            slopes = tape.gradient(score, [mixed])[0]
            return tf.reduce_mean(slopes)
        """,
        """\
        import jax
        import jax.numpy as jnp


        def penalty(critic, mixed):
            def score_fn(mixed):
                return jnp.sum(critic(mixed))

            slopes = jax.grad(score_fn)(mixed)
            return jnp.mean(slopes)
        """,
    )


def test_weights_that_have_a_name() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def step(model, optimizer, x, y):
            weights = model.trainable_variables
            with tf.GradientTape(persistent=True) as tape:
                loss = tf.reduce_mean(tf.square(model(x) - y))
            rate = 0.5 * x
            gradients = tape.gradient(loss, weights)
            optimizer.apply_gradients(zip(gradients, weights))
            del tape
            return loss, rate
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        def step(model, optimizer, x, y):
            def loss_fn(model):
                return jnp.mean(jnp.square(model(x) - y))

            loss, gradients = nnx.value_and_grad(loss_fn)(model)
            rate = 0.5 * x
            optimizer.update(model, gradients)
            return loss, rate
        """,
    )


def test_what_changes_the_question_stays_before_it() -> None:
    text = check_compile(
        """\
        import tensorflow as tf


        def slope(f, x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(f(x))
            x = x + 1.0
            g = tape.gradient(y, x)
            return g, x
        """,
        left=["TJ2010"],
    ).text
    assert "raise NotImplementedError" in text
