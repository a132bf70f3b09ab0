"""How many inputs a model has that other code is handed."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_number_of_inputs_is_known_where_the_model_is_made() -> None:
    check_compile(
        """\
        from tensorflow import keras


        class Sampler:
            def __init__(self, model, steps=4):
                self.model, self.steps = model, steps
                self.takes_position = len(model.inputs) > 1

            def __call__(self, x):
                for _ in range(self.steps):
                    x = self.model([x, x]) if self.takes_position else self.model(x)
                return x


        def build(width=8):
            inputs = keras.Input((width,))
            model = keras.Model(inputs, keras.layers.Dense(width)(inputs))
            model.sampler = Sampler(model)
            return model
        """,
        """\
        from flax import nnx


        class Sampler:
            def __init__(self, model, steps=4):
                self.model, self.steps = model, steps
                self.takes_position = False

            def __call__(self, x):
                for _ in range(self.steps):
                    x = self.model([x, x]) if self.takes_position else self.model(x)
                return x


        class Model(nnx.Module):
            def __init__(self, width, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    width, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, inputs):
                return self.dense(inputs)


        def build(width=8, *, rngs: nnx.Rngs):
            model = Model(width, rngs=rngs)
            model.sampler = Sampler(model)
            return model
        """,
    )
