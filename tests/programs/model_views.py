"""Parts of a model that another function builds: outputs, layers in between, frozen ones."""

import tensorflow as tf
from tensorflow.keras import layers


def backbone(shape=(16, 16, 3)):
    x = inputs = layers.Input(shape)
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="stem")(x)
    x = layers.BatchNormalization(name="bn1")(x)
    x = layers.ReLU(name="relu1")(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same", name="conv2")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(10, name="predictions")(x)
    return tf.keras.Model(inputs, x)


def features(shape=(16, 16, 3)):
    base = backbone(shape)
    base.trainable = False
    mid = base.get_layer("relu1").output
    last = base.layers[-2].output
    return tf.keras.Model(inputs=base.input, outputs=[mid, last])


def transfer(classes=3):
    base = backbone()
    for layer in base.layers[:-1]:
        layer.trainable = False
    x = base.layers[-2].output
    x = layers.Dense(classes, activation="softmax")(x)
    return tf.keras.Model(base.inputs, x)


def on_top(classes=3):
    base = backbone()
    x = layers.Dense(classes)(base.output)
    return tf.keras.Model(base.input, x)


def called(classes=3):
    base = backbone()
    inp = layers.Input((16, 16, 3))
    x = base(inp, training=False)
    x = layers.Dense(classes)(x)
    return tf.keras.Model(inp, x)
