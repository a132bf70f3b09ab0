"""Sequential blocks as attributes of a subclassed model, one made by a helper."""

from tensorflow import keras


def mlp(sizes, activation="relu"):
    return keras.Sequential([keras.layers.Dense(n, activation=activation) for n in sizes])


class TwoHeads(keras.Model):
    def __init__(self, classes):
        super(TwoHeads, self).__init__()
        self.trunk = mlp([32, 16])
        self.classifier = keras.Sequential(
            [keras.layers.Dropout(0.5), keras.layers.Dense(classes)], name="classifier"
        )
        self.value = keras.Sequential(name="value")
        self.value.add(keras.layers.Dense(8, activation="tanh"))
        self.value.add(keras.layers.Dense(1))

    def call(self, x, training=False):
        h = self.trunk(x)
        return self.classifier(h, training=training), self.value(h)
