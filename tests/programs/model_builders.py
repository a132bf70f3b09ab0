"""Classes that build models by methods, and hold them."""

from tensorflow import keras
from tensorflow.keras import Input, Model, layers


class Network:
    def __init__(self, units=8, depth=2, activation="relu", use_bias=True, size=3, step=1):
        self.units = units
        self.depth = depth
        self.activation = activation
        self.use_bias = use_bias
        self.size = size
        self.step = step

    def block(self, x, units):
        x = layers.Conv1D(
            units, self.size, strides=self.step, padding="same", use_bias=self.use_bias
        )(x)
        x = layers.BatchNormalization()(x)
        return layers.Activation(self.activation)(x)

    def build_network(self, input_shape):
        self._units = self.units if isinstance(self.units, list) else [self.units] * self.depth
        inputs = Input(input_shape)
        x = inputs
        for i in range(self.depth):
            x = self.block(x, self._units[i])
        return inputs, layers.GlobalAveragePooling1D()(x)


class Head:
    @staticmethod
    def build(width, classes):
        model = keras.Sequential()
        model.add(layers.Dense(classes, input_shape=(width,)))
        model.add(layers.Softmax())
        return model


class Classifier:
    def __init__(self, units, classes):
        self.classes = classes
        self.shape = (6, 3)
        self._network = Network(units)
        self.critic = self.build_critic()

    def build_critic(self):
        image = Input(self.shape)
        return Model(image, layers.Dense(1)(layers.Flatten()(image)))

    def build_model(self, input_shape):
        inputs, x = self._network.build_network(input_shape)
        x = layers.Dense(5)(x)
        return Model(inputs=inputs, outputs=x)


class Whole(keras.Model):
    def __init__(self, units, classes):
        super().__init__()
        maker = Classifier(units, classes)
        self.body = maker.build_model((6, 3))
        self.critic = maker.build_critic()
        self.head = Head.build(5, classes)

    def call(self, x):
        return self.head(self.body(x)), self.critic(x)
