"""Lists of modules that a constructor fills."""

from __future__ import annotations

from tests.harness import check_compile


def test_local_lists_of_modules_that_become_attributes() -> None:
    check_compile(
        """
from tensorflow import keras


class Patch(keras.layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(width)
        self.width = width

    def call(self, x):
        return self.dense(x)

    def build(self, input_shape=None):
        self.dense.build([None, self.width])


class Encoder(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        first = []
        for width in config.widths:
            first.append(Patch(width))
        self.first = first
        groups = []
        for width in config.widths:
            group = []
            for _ in range(config.repeats):
                group.append(Patch(width))
            groups.append(group)
        self.groups = groups
        names = []
        for name in config.names:
            names.append(name)
        self.names = names
        self.last = [Patch(config.width), *[Patch(config.width) for _ in range(2)]]


""",
        """\
from flax import nnx


class Patch(nnx.Module):
    def __init__(self, width, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            width, width, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.width = width

    def __call__(self, x):
        return self.dense(x)


class Encoder(nnx.Module):
    def __init__(self, config, *, rngs: nnx.Rngs):
        first = []
        for width in config.widths:
            first.append(Patch(width, rngs=rngs))
        self.first = nnx.List(first)
        groups = []
        for width in config.widths:
            group = []
            for _ in range(config.repeats):
                group.append(Patch(width, rngs=rngs))
            groups.append(group)
        self.groups = nnx.data(groups)
        names = []
        for name in config.names:
            names.append(name)
        self.names = names
        self.last = nnx.List(
            [Patch(config.width, rngs=rngs), *[Patch(config.width, rngs=rngs) for _ in range(2)]]
        )


""",
    )


def test_modules_that_have_a_name_before_they_are_listed() -> None:
    check_compile(
        """
from tensorflow import keras


class Mlp(keras.layers.Layer):
    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.proj = keras.layers.Dense(8, use_bias=False)
        self.width = width

    def call(self, x):
        return self.proj(x)

    def build(self, input_shape=None):
        self.proj.build([None, None, self.width])


class Head(keras.layers.Layer):
    def __init__(self, config, **kwargs):
        super().__init__(**kwargs)
        mlps = []
        for i in range(config.depth):
            mlp = Mlp(width=config.sizes[i], name=f"linear_c.{i}")
            mlps.append(mlp)
        self.mlps = mlps

    def call(self, states):
        return [mlp(state) for mlp, state in zip(self.mlps, states)]
""",
        """\
from flax import nnx


class Mlp(nnx.Module):
    def __init__(self, width, *, rngs: nnx.Rngs):
        self.proj = nnx.Linear(
            width, 8, use_bias=False, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.width = width

    def __call__(self, x):
        return self.proj(x)


class Head(nnx.Module):
    def __init__(self, config, *, rngs: nnx.Rngs):
        mlps = []
        for i in range(config.depth):
            mlp = Mlp(width=config.sizes[i], rngs=rngs)
            mlps.append(mlp)
        self.mlps = nnx.List(mlps)

    def __call__(self, states):
        return [mlp(state) for mlp, state in zip(self.mlps, states)]
""",
    )
