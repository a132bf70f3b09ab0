"""`get` of losses, metrics and optimizers: what a name stands for, objects as they are."""

from __future__ import annotations

from tests.harness import check_compile


def test_names_and_objects() -> None:
    check_compile(
        """\
        from tensorflow import keras


        def distance(y, p):
            return y - p


        optimizer = keras.optimizers.get("sgd")
        same = keras.optimizers.get(keras.optimizers.SGD(0.5))
        loss = keras.losses.get("categorical_crossentropy")
        own = keras.losses.get(distance)
        nothing = keras.losses.get(None)
        """,
        """\
        import optax

        from tf_compat import categorical_crossentropy


        def distance(y, p):
            return y - p


        optimizer = optax.sgd(0.01)
        same = optax.sgd(0.5)
        loss = categorical_crossentropy
        own = distance
        nothing = None
        """,
    )


def test_what_is_not_known_is_reported() -> None:
    check_compile(
        """\
        from tensorflow import keras


        def make(name):
            return keras.optimizers.get(name)
        """,
        left=["TJ3001"],
    )


def test_names_that_nothing_has_are_reported() -> None:
    check_compile(
        """\
        from tensorflow import keras

        loss = keras.losses.get("no_such_loss")
        """,
        left=["TJ2015"],
    )
