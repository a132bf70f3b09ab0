"""Gradient tapes, before and after."""

from __future__ import annotations

import textwrap

from tests.harness import check_compile

HEAD = "import tensorflow as tf\n\n\n"


def body_of(before: str, left: tuple[str, ...] = ()) -> str:
    text = check_compile(HEAD + textwrap.dedent(before).lstrip("\n"), left=left).text
    return textwrap.dedent(text.partition("):\n")[2]).strip("\n")


def test_the_gradient_by_an_input():
    assert body_of(
        """
            def f(x):
                with tf.GradientTape() as tape:
                    tape.watch(x)
                    y = tf.reduce_sum(tf.sin(x))
                return_value = tape.gradient(y, x)
                return return_value
            """
    ) == textwrap.dedent(
        """
            def y_fn(x):
                return jnp.sum(jnp.sin(x))

            return_value = jax.grad(y_fn)(x)
            return return_value
            """
    ).strip("\n")


def test_the_step_of_a_model():
    assert body_of(
        """
            def step(model, x, y):
                with tf.GradientTape() as tape:
                    predicted = model(x)
                    loss = tf.reduce_mean(tf.square(predicted - y))
                grads = tape.gradient(loss, model.trainable_variables)
                return loss, grads, predicted
            """
    ) == textwrap.dedent(
        """
            def loss_fn(model):
                predicted = model(x)
                loss = jnp.mean(jnp.square(predicted - y))
                return loss, predicted

            (loss, predicted), grads = nnx.value_and_grad(loss_fn, has_aux=True)(model)
            return loss, grads, predicted
            """
    ).strip("\n")


def test_what_is_not_scalar_is_summed():
    text = body_of(
        """
        def f(a, b):
            with tf.GradientTape() as tape:
                tape.watch([a, b])
                y = tf.sin(a) * b
            da, db = tape.gradient(y, [a, b])
            return y, da + db
        """
    )
    assert "return jnp.sum(y), y" in text
    assert "(da, db), y = jax.grad(y_fn, argnums=(0, 1), has_aux=True)(a, b)" in text


def test_a_tape_that_is_asked_twice_is_reported():
    body_of(
        """
        def f(x):
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(x)
                y = tf.sin(x)
                z = tf.cos(y)
            return tape.gradient(y, x) + tape.gradient(z, x)
        """,
        left=("TJ2010",),
    )


def test_gradients_for_an_optimizer_of_keras_are_reported():
    body_of(
        """
        def step(model, optimizer, x):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(model(x))
            grads = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(grads, model.trainable_variables), name="step")
            return loss
        """,
        left=("TJ2010",),
    )
