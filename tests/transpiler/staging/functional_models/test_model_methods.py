"""Methods of ordinary classes that build models."""

from __future__ import annotations

from tests.harness import check_compile, compile_texts


def test_what_it_reads_becomes_parameters() -> None:
    check_compile(
        """\
        from tensorflow.keras import Input, Model, layers


        class GAN:
            def __init__(self, size):
                self.shape = (size, size, 1)
                self.latent = 10
                # The critic sees whole images.
                self.critic = self.build_critic()

            def build_critic(self):
                image = Input(self.shape)
                # One number for an image.
                x = layers.Flatten()(image)
                return Model(image, layers.Dense(1)(x))
        """,
        """\
        import math

        from flax import nnx


        class Critic(nnx.Module):
            def __init__(self, shape, *, rngs: nnx.Rngs):
                self.dense = nnx.Linear(
                    math.prod(shape), 1, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, image):
                # One number for an image.
                x = image.reshape(image.shape[0], -1)
                return self.dense(x)


        class GAN:
            def __init__(self, size):
                self.shape = (size, size, 1)
                self.latent = 10
                # The critic sees whole images.
                self.critic = Critic(self.shape, rngs=nnx.Rngs(0))

            def build_critic(self):
                return Critic(self.shape, rngs=nnx.Rngs(0))
        """,
    )


def test_static_methods_that_call_each_other() -> None:
    check_compile(
        """\
        from tensorflow.keras import Input, Model, layers


        class SmallNet:
            @staticmethod
            def block(x, filters, size=3):
                x = layers.Conv2D(filters, size, padding="same")(x)
                return layers.ReLU()(x)

            @staticmethod
            def build(height, width, depth, classes):
                inputs = Input((height, width, depth))
                x = SmallNet.block(inputs, 16)
                x = SmallNet.block(x, 32, size=5)
                x = layers.GlobalAveragePooling2D()(x)
                return Model(inputs, layers.Dense(classes)(x))


        net = SmallNet.build(32, 32, 3, classes=10)
        """,
        """\
        import jax.numpy as jnp
        from flax import nnx


        class Block(nnx.Module):
            def __init__(self, in_features, filters, size=3, *, rngs: nnx.Rngs):
                self.conv = nnx.Conv(
                    in_features,
                    filters,
                    (size, size),
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, x):
                x = self.conv(x)
                return nnx.relu(x)


        class SmallNetModel(nnx.Module):
            def __init__(self, depth, classes, *, rngs: nnx.Rngs):
                self.block = Block(depth, 16, rngs=rngs)
                self.block_1 = Block(16, 32, size=5, rngs=rngs)
                self.dense = nnx.Linear(
                    32, classes, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, inputs):
                x = self.block(inputs)
                x = self.block_1(x)
                x = jnp.mean(x, axis=(1, 2))
                return self.dense(x)


        class SmallNet:
            @staticmethod
            def build(height, width, depth, classes):
                return SmallNetModel(depth, classes, rngs=nnx.Rngs(0))


        net = SmallNetModel(3, classes=10, rngs=nnx.Rngs(0))
        """,
    )


def test_a_network_of_another_class_that_returns_its_inputs() -> None:
    check_compile(
        """\
        from tensorflow.keras import Input, Model, layers


        class Network:
            def __init__(self, units, layer_count=2):
                self.units = units
                self.layer_count = layer_count

            def build_network(self, input_shape, **kwargs):
                units = self.units
                self._layer_width = units if isinstance(units, list) else [units] * self.layer_count
                inputs = Input(input_shape)
                x = inputs
                for i in range(self.layer_count):
                    x = layers.Dense(self._layer_width[i])(x)
                return inputs, x


        class Classifier:
            def __init__(self, units=8):
                self._network = Network(units)

            def build_model(self, input_shape, classes):
                inputs, x = self._network.build_network(input_shape)
                return Model(inputs=inputs, outputs=layers.Dense(classes)(x))
        """,
        """\
        from flax import nnx


        class NetworkModel(nnx.Module):
            def __init__(self, units_1, layer_count, input_shape, *, rngs: nnx.Rngs):
                units = units_1
                layer_width = units if isinstance(units, list) else [units] * layer_count
                x_features = input_shape[-1]
                self.denses = nnx.List([])
                for i in range(layer_count):
                    self.denses.append(
                        nnx.Linear(
                            x_features,
                            layer_width[i],
                            kernel_init=nnx.initializers.glorot_uniform(),
                            rngs=rngs,
                        ),
                    )
                    x_features = layer_width[i]
                self.out_features = x_features

            def __call__(self, inputs):
                x = inputs
                for dense in self.denses:
                    x = dense(x)
                return x


        class Network:
            def __init__(self, units, layer_count=2):
                self.units = units
                self.layer_count = layer_count

            def build_network(self, input_shape, **kwargs):
                return NetworkModel(self.units, self.layer_count, input_shape, rngs=nnx.Rngs(0))


        class ClassifierModel(nnx.Module):
            def __init__(self, network, input_shape, classes, *, rngs: nnx.Rngs):
                self.network_model = NetworkModel(
                    network.units, network.layer_count, input_shape, rngs=rngs
                )
                self.dense = nnx.Linear(
                    self.network_model.out_features,
                    classes,
                    kernel_init=nnx.initializers.glorot_uniform(),
                    rngs=rngs,
                )

            def __call__(self, inputs):
                x = self.network_model(inputs)
                return self.dense(x)


        class Classifier:
            def __init__(self, units=8):
                self._network = Network(units)

            def build_model(self, input_shape, classes):
                return ClassifierModel(self._network, input_shape, classes, rngs=nnx.Rngs(0))
        """,
    )


def test_an_object_of_which_much_is_read() -> None:
    check_compile(
        """\
        from tensorflow.keras import Input, Model, layers


        class Net:
            def __init__(self, settings):
                self.size, self.wide, self.c, self.d, self.e, self.f, self.g = settings

            def build(self):
                x = inputs = Input((self.size,))
                x = layers.LeakyReLU(self.c)(x)
                x = layers.Dense(self.wide)(x)
                x = layers.Dropout(self.d)(x)
                x = layers.LayerNormalization(epsilon=self.e, center=self.f, scale=self.g)(x)
                return Model(inputs, x)


        def build(settings):
            net = Net(settings)
            return net.build()
        """,
        """\
        from flax import nnx


        class NetModel(nnx.Module):
            def __init__(self, net, *, rngs: nnx.Rngs):
                self.net = net
                self.dense = nnx.Linear(
                    net.size, net.wide, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )
                self.dropout = nnx.Dropout(net.d, rngs=rngs)
                self.layer_norm = nnx.LayerNorm(
                    net.wide,
                    epsilon=net.e,
                    use_bias=net.f,
                    use_scale=net.g,
                    use_fast_variance=False,
                    rngs=rngs,
                )

            def __call__(self, inputs):
                x = inputs
                x = nnx.leaky_relu(x, negative_slope=self.net.c)
                x = self.dense(x)
                x = self.dropout(x)
                x = self.layer_norm(x)
                return x


        class Net:
            def __init__(self, settings):
                self.size, self.wide, self.c, self.d, self.e, self.f, self.g = settings

            def build(self):
                return NetModel(self, rngs=nnx.Rngs(0))


        def build(settings, *, rngs: nnx.Rngs):
            net = Net(settings)
            return NetModel(net, rngs=rngs)
        """,
    )


VIRTUAL = """\
from tensorflow.keras import Input, Model, layers


class Base:
    def __init__(self, units):
        self.units = units

    def body(self, x):
        return layers.Dense(self.units)(x)

    def build_model(self, size):
        inputs = Input((size,))
        return Model(inputs, self.body(inputs))


class Deep(Base):
    def body(self, x):
        x = layers.Dense(self.units)(x)
        return layers.Dense(self.units)(x)
"""


def test_what_a_class_below_replaces_stays_and_is_reported() -> None:
    file = compile_texts({"m": VIRTUAL}).files[0]
    assert {"TJ4001", "TJ5020"} <= {d.code for d in file.diagnostics}
    assert file.text.count("def body") == 2


HELD = """\
from tensorflow.keras import Input, Model, layers


class Trainer:
    def __init__(self, size):
        self.size = size
        self.model = self.build_model()
        self.model.compile(optimizer="adam", loss="mse")

    def build_model(self):
        x = Input((self.size,))
        return Model(x, layers.Dense(3)(x))

    def train(self, x, y):
        self.model.fit(x, y)

    def __call__(self, x):
        return self.model(x)
"""


def test_what_keras_does_with_a_held_model_is_reported() -> None:
    file = compile_texts({"m": HELD}).files[0]
    assert {(d.code, d.span.start_line) for d in file.diagnostics if d.span} >= {
        ("TJ5015", 8),
        ("TJ2017", 15),
    }
    assert "compile" not in file.text
    assert "return self.model(x)" in file.text
