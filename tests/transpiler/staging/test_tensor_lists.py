"""Lists of tensors whose length is only known when the model is built."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_length_of_a_list_is_that_of_its_sizes() -> None:
    check_compile(
        """
        from tensorflow.keras.layers import Concatenate, Dense


        def pyramid(x, units, depth):
            levels = []
            for u in units:
                x = Dense(u, kernel_initializer="lecun_normal")(x)
                levels.append(x)
            for _ in range(depth - len(levels)):
                x = Dense(8, kernel_initializer="lecun_normal")(x)
            return Dense(depth, kernel_initializer="lecun_normal")(Concatenate()([x] + levels[1:]))
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Pyramid(nnx.Module):
            def __init__(self, in_features, units, depth, *, rngs: nnx.Rngs):
                levels_features = []
                x_features = in_features
                self.denses = nnx.List([])
                for u in units:
                    self.denses.append(nnx.Linear(x_features, u, rngs=rngs))
                    levels_features.append(u)
                    x_features = u
                self.denses_1 = nnx.List([])
                for _ in range(depth - len(levels_features)):
                    self.denses_1.append(nnx.Linear(x_features, 8, rngs=rngs))
                    x_features = 8
                self.dense = nnx.Linear(sum(levels_features[1:]) + x_features, depth, rngs=rngs)

            def __call__(self, x):
                levels = []
                for dense in self.denses:
                    x = dense(x)
                    levels.append(x)
                for dense_1 in self.denses_1:
                    x = dense_1(x)
                return self.dense(jnp.concatenate([x] + levels[1:], axis=-1))
        """,
        flavour="keras3",
    )


def test_what_blocks_one_branch_leaves_the_other() -> None:
    file = check_compile(
        """
        from tensorflow.keras.layers import Dense
        from other import features


        def model(x, units, pretrained=False):
            levels = []
            if pretrained:
                levels = features([x])
                if len(levels) < 3:
                    x = Dense(4)(levels[-1])
            else:
                for u in units:
                    x = Dense(u)(x)
                    levels.append(x)
            return Dense(2)(levels[0])
        """,
        None,
        flavour="keras3",
        left=("TJ5002",),
    )
    assert "levels_features[0], 2, kernel_init" in file.text
