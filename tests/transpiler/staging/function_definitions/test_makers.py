"""Functions that return a function which makes a model."""

from __future__ import annotations

from tests.harness import check_compile


def test_both_stay_functions() -> None:
    check_compile(
        """
        from tensorflow.keras.layers import Dense, Input
        from tensorflow.keras.models import Model


        def build(shape, units):
            x = Input(shape)
            return Model(x, Dense(units)(x))


        def builder(units=4):
            \"\"\"A function of the input's shape.\"\"\"
            units = units * 2

            def make(shape):
                return build(shape, units)

            return make


        def model(**options):
            return builder(**options)((8,))
        """,
        """\
        from flax import nnx


        class Build(nnx.Module):
            def __init__(self, shape, units, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    shape[-1], units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                return self.dense(x)


        def builder(units=4, *, rngs: nnx.Rngs):
            \"\"\"A function of the input's shape.\"\"\"
            units = units * 2

            def make(shape):
                return Build(shape, units, rngs=rngs)

            return make


        def model(*, rngs: nnx.Rngs, **options):
            return builder(**options, rngs=rngs)((8,))
        """,
        flavour="keras3",
    )
