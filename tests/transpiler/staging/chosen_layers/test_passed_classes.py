"""Classes of layers as arguments, in dicts and in registries."""

from __future__ import annotations

from tests.harness import check_compile


def test_classes_as_values() -> None:
    check_compile(
        """\
\"\"\"Classes and functions as values.\"\"\"

from functools import partial

from tensorflow import keras
from tensorflow.keras import layers

Conv3x3 = partial(layers.Conv2D, kernel_size=3, padding="same")
REGISTRY = {}


def register(name):
    def decorator(cls):
        REGISTRY[name] = cls
        return cls

    return decorator


@register("plain")
class Plain(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)

    def call(self, x):
        return self.dense(x)


@register("gated")
class Gated(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)
        self.gate = layers.Dense(units, activation="sigmoid")

    def call(self, x):
        return self.dense(x) * self.gate(x)


BLOCKS = {"plain": Plain, "gated": Gated}


class Net(keras.Model):
    def __init__(self, kind="plain", block_cls=Gated, n=2):
        super().__init__()
        self.conv = Conv3x3(8)
        self.first = BLOCKS[kind](4)
        self.second = block_cls(5)
        self.blocks = [block_cls(6) for _ in range(n)]
        self.third = REGISTRY[kind](4)
        self.fourth = REGISTRY["gated"](3)

    def call(self, x):
        x = self.conv(x)
        x = self.first(x)
        x = self.second(x)
        for block in self.blocks:
            x = block(x)
        return self.fourth(self.third(x))
""",
        """\
\"\"\"Classes and functions as values.\"\"\"

from flax import nnx

REGISTRY = {}


def register(name):
    def decorator(cls):
        REGISTRY[name] = cls
        return cls

    return decorator


@register("plain")
class Plain(nnx.Module):
    def __init__(self, in_features, units, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.dense(x)


@register("gated")
class Gated(nnx.Module):
    def __init__(self, in_features, units, *, rngs: nnx.Rngs):
        self.dense = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.gate = nnx.Linear(
            in_features, units, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )

    def __call__(self, x):
        return self.dense(x) * nnx.sigmoid(self.gate(x))


BLOCKS = {"plain": Plain, "gated": Gated}


class Net(nnx.Module):
    def __init__(self, in_features, kind="plain", block_cls=Gated, n=2, *, rngs: nnx.Rngs):
        self.conv = nnx.Conv(
            in_features, 8, (3, 3), kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.first = BLOCKS[kind](8, 4, rngs=rngs)
        self.second = block_cls(4, 5, rngs=rngs)
        features = 5
        self.blocks = nnx.List([])
        for _ in range(n):
            self.blocks.append(block_cls(features, 6, rngs=rngs))
            features = 6
        self.third = REGISTRY[kind](features, 4, rngs=rngs)
        self.fourth = Gated(4, 3, rngs=rngs)

    def __call__(self, x):
        x = self.conv(x)
        x = self.first(x)
        x = self.second(x)
        for block in self.blocks:
            x = block(x)
        return self.fourth(self.third(x))
""",
    )


def test_a_variable_that_branches_set_may_be_passed() -> None:
    check_compile(
        """\
        from tensorflow import keras
        from tensorflow.keras import layers


        class Residual(layers.Layer):
            def __init__(self, filters, **kwargs):
                super().__init__(**kwargs)
                self.conv = layers.Conv2D(filters, 3, padding="same", use_bias=False)

            def call(self, x):
                return self.conv(x)


        class Bottleneck(layers.Layer):
            def __init__(self, filters, **kwargs):
                super().__init__(**kwargs)
                self.expand = layers.Conv2D(4 * filters, 3, padding="same")

            def call(self, x):
                return self.expand(x)


        def group(x, filters, block_fn, repeats):
            x = block_fn(filters)(x)
            for _ in range(1, repeats):
                x = block_fn(filters)(x)
            return x


        def net(kind="residual"):
            inputs = keras.Input((16, 16, 3))
            if kind == "residual":
                block_fn = Residual
            else:
                block_fn = Bottleneck
            x = group(inputs, 4, block_fn, 2)
            return keras.Model(inputs, layers.Dense(3, use_bias=False)(x))
        """,
        """\
        from flax import nnx


        class Residual(nnx.Module):
            def __init__(self, in_features, filters, *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    in_features,
                    filters,
                    (3, 3),
                    use_bias=False,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.out_features = filters

            def __call__(self, x):
                return self.conv(x)


        class Bottleneck(nnx.Module):
            def __init__(self, in_features, filters, *, rngs: nnx.Rngs):
                self.expand = nnx.Conv(
                    in_features,
                    4 * filters,
                    (3, 3),
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )
                self.out_features = 4 * filters

            def __call__(self, x):
                return self.expand(x)


        class Group(nnx.Module):
            def __init__(self, in_features, filters, block_fn, repeats, *, rngs: nnx.Rngs):
                self.block_fn_layer = block_fn(in_features, filters, rngs=rngs)
                x_features = self.block_fn_layer.out_features
                self.block_fns = nnx.List([])
                for _ in range(1, repeats):
                    self.block_fns.append(block_fn(x_features, filters, rngs=rngs))
                    x_features = self.block_fns[-1].out_features
                self.out_features = x_features

            def __call__(self, x):
                x = self.block_fn_layer(x)
                for block_fn in self.block_fns:
                    x = block_fn(x)
                return x


        class Net(nnx.Module):
            def __init__(self, kind="residual", *, rngs: nnx.Rngs):
                if kind == "residual":
                    block_fn = Residual
                else:
                    block_fn = Bottleneck
                self.group = Group(3, 4, block_fn, 2, rngs=rngs)
                self.dense = nnx.Linear(
                    self.group.out_features,
                    3,
                    use_bias=False,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, inputs):
                x = self.group(inputs)
                return self.dense(x)
        """,
    )


def test_a_graph_function_passed_to_another_is_a_class_there() -> None:
    check_compile(
        """\
        from tensorflow import keras


        def encode(x, filters=4):
            x = keras.layers.Conv2D(filters, 3, padding="same")(x)
            return keras.layers.BatchNormalization()(x)


        def project(x, filters=4):
            return keras.layers.Conv2D(filters, 1)(x)


        def towers(function, x, names, filters):
            found = {}
            for name in names:
                found[name] = function(x, filters=filters)
            return found


        def both(x, names):
            return towers(encode, x, names, 8)["a"] + towers(project, x, names, 8)["a"]


        def build():
            inputs = keras.Input((8, 8, 3))
            return keras.Model(inputs, both(inputs, ["a", "b"]))
        """,
        """\
from flax import nnx


class Encode(nnx.Module):
    def __init__(self, in_features, filters=4, *, rngs: nnx.Rngs):
        self.conv = nnx.Conv(
            in_features, filters, (3, 3), kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
        )
        self.bn = nnx.BatchNorm(filters, epsilon=0.001, use_fast_variance=False, rngs=rngs)

    def __call__(self, x):
        x = self.conv(x)
        return self.bn(x)


class Project(nnx.Module):
    def __init__(self, in_features, filters=4, *, rngs: nnx.Rngs):
        self.conv = nnx.Conv(
            in_features,
            filters,
            (1, 1),
            padding="VALID",
            kernel_init=nnx.initializers.glorot_uniform(),
            rngs=rngs,
        )

    def __call__(self, x):
        return self.conv(x)


class Towers(nnx.Module):
    def __init__(self, in_features, function, names, filters, *, rngs: nnx.Rngs):
        self.names = names
        found_features = {}
        self.functions = nnx.List([])
        for name in names:
            self.functions.append(function(in_features, filters=filters, rngs=rngs))
            found_features[name] = filters
        self.out_features = found_features

    def __call__(self, x):
        found = {}
        for name, function in zip(self.names, self.functions):
            found[name] = function(x)
        return found


class Both(nnx.Module):
    def __init__(self, in_features, names, *, rngs: nnx.Rngs):
        self.towers = Towers(in_features, Encode, names, 8, rngs=rngs)
        self.towers_1 = Towers(in_features, Project, names, 8, rngs=rngs)

    def __call__(self, x):
        return self.towers(x)["a"] + self.towers_1(x)["a"]


class Build(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs):
        self.both = Both(3, ["a", "b"], rngs=rngs)

    def __call__(self, inputs):
        return self.both(inputs)
""",
    )
