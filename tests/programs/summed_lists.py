"""Lists of modules that are sums of lists, of classes that a test chose."""

from tensorflow import keras


class Basic(keras.layers.Layer):
    def __init__(self, inner, out, stride=1, **kwargs):
        super().__init__(**kwargs)
        self.conv = keras.layers.Conv2D(out, 3, stride, "same")
        self.drop = keras.layers.Dropout(0.1)
        self.short = (
            keras.layers.Conv2D(out, 1, stride)
            if inner != out or stride != 1
            else keras.layers.Activation("linear")
        )

    def call(self, x, training=False):
        return self.drop(self.conv(x), training=training) + self.short(x)


class Neck(keras.layers.Layer):
    def __init__(self, inner, out, stride=1, **kwargs):
        super().__init__(**kwargs)
        self.reduce = keras.layers.Conv2D(out // 4, 1)
        self.conv = keras.layers.Conv2D(out, 3, stride, "same")

    def call(self, x, training=False):
        return self.conv(self.reduce(x))


class Stage(keras.layers.Layer):
    def __init__(self, kind, inner, out, depth, **kwargs):
        super().__init__(**kwargs)
        layer = Neck if kind == "neck" else Basic
        layers = [layer(inner, out, stride=2)]
        layers += [layer(out, out) for _ in range(depth - 1)]
        self.stage_layers = layers

    def call(self, x, training=False):
        for layer in self.stage_layers:
            x = layer(x, training=training)
        return x


class Net(keras.Model):
    def __init__(self, kind="neck", width=8, depth=3):
        super().__init__()
        self.stage = Stage(kind, 3, width, depth)
        self.more = [Basic(width, 2 * width)] + [Basic(2 * width, 2 * width) for _ in range(depth)]
        self.either = [
            Neck(width, width) if kind == "neck" else Basic(width, width) for _ in range(depth)
        ]
        self.head = keras.layers.Dense(4)

    def call(self, x, training=False):
        x = self.stage(x, training=training)
        for block in self.either:
            x = block(x, training=training)
        for i, block in enumerate(self.more):
            x = block(x, training=training)
        return self.head(x)
