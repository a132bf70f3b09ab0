"""Lambda layers: a lambda, a named function, a backend call, extra arguments."""

import tensorflow as tf
import tensorflow.keras.backend as K
from tensorflow.keras import layers


def rescale(x, factor=1.0):
    return x * factor


def build_model():
    inp = layers.Input((6, 4))
    x = layers.Lambda(lambda t: K.permute_dimensions(t, (0, 2, 1)))(inp)
    x = layers.Lambda(rescale, arguments={"factor": 0.5})(x)
    x = layers.Dense(5)(x)
    last = layers.Lambda(lambda t: t[:, -1, :])(x)
    norm = layers.Lambda(lambda t: tf.math.l2_normalize(t, axis=-1), name="l2")(last)
    return tf.keras.Model(inp, norm)
