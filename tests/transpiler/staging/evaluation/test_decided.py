"""Questions of the source that the target answers once and for all."""

from __future__ import annotations

from tests.harness import check_compile


def test_code_under_an_answer_is_left_out() -> None:
    check_compile(
        """
        import tensorflow as tf
        from tensorflow.keras import backend as K


        def dot(a, b):
            a_sparse = K.is_sparse(a)
            b_sparse = K.is_sparse(b)
            if a_sparse or b_sparse:
                return tf.sparse.sparse_dense_matmul(a, b)
            return tf.matmul(a, b)
        """,
        """\
        import jax.numpy as jnp


        def dot(a, b):
            return jnp.matmul(a, b)
        """,
    )


def test_an_answer_that_code_changes_stays_a_variable() -> None:
    check_compile(
        """
        from tensorflow.keras import backend as K


        def sign(x, positive):
            plain = K.is_sparse(x)
            if positive:
                plain = True
            return x if plain else -x
        """,
        """\
        def sign(x, positive):
            plain = False
            if positive:
                plain = True
            return x if plain else -x
        """,
    )
