"""Loops that only run through modules."""

from __future__ import annotations

from tests.harness import check_compile


def test_one_loop_over_the_modules_is_left_of_two() -> None:
    check_compile(
        """
        from tensorflow.keras import layers

        CONFIG = [{"repeats": 2, "filters": 8}, {"repeats": 1, "filters": 16}]


        def block(x, filters):
            return layers.Conv1D(filters, 1, use_bias=False)(x)


        def net(x, width=1.0, top=True):
            done = 0
            for args in CONFIG:
                filters = int(args["filters"] * width)
                for i in range(args["repeats"]):
                    if i > 0:
                        filters += done
                    x = block(x, filters)
                    done += 1
            if top:
                x = layers.Dense(3)(x)
            return x
        """,
        """\
        from flax import nnx

        CONFIG = [{"repeats": 2, "filters": 8}, {"repeats": 1, "filters": 16}]


        class Block(nnx.Module):
            def __init__(self, in_features, filters, *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    in_features,
                    filters,
                    1,
                    padding="VALID",
                    use_bias=False,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, x):
                return self.conv(x)


        class Net(nnx.Module):
            def __init__(self, in_features, width=1.0, top=True, *, rngs: nnx.Rngs):
                self.top = top
                done = 0
                x_features = in_features
                self.blocks = nnx.List([])
                for args in CONFIG:
                    filters = int(args["filters"] * width)
                    for i in range(args["repeats"]):
                        if i > 0:
                            filters += done
                        self.blocks.append(Block(x_features, filters, rngs=rngs))
                        done += 1
                        x_features = filters
                if top:
                    self.dense = nnx.Linear(
                        x_features, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                    )

            def __call__(self, x):
                for block in self.blocks:
                    x = block(x)
                if self.top:
                    x = self.dense(x)
                return x
        """,
    )


def test_a_layer_made_before_the_loop_is_one_layer() -> None:
    check_compile(
        """\
        from tensorflow.keras import Input, Model, layers


        def build(steps=3):
            x = inputs = Input((4,))
            gate = layers.Dense(4, use_bias=False)
            for _ in range(steps):
                x = x * gate(x)
            return Model(inputs, x)
        """,
        """\
        from flax import nnx


        class Build(nnx.Module):
            def __init__(self, steps=3, *, rngs: nnx.Rngs):
                self.steps = steps
                self.dense = nnx.Linear(
                    4, 4, use_bias=False, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, inputs):
                x = inputs
                for _ in range(self.steps):
                    x = x * self.dense(x)
                return x
        """,
    )
