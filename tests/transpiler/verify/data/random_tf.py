import numpy as np
import tensorflow as tf


def noisy():
    return lambda x: x + np.random.randn()


class Dropped(tf.Module):
    """Random in training; a Keras layer that adds noise as well as the function that drops."""

    def __init__(self):
        self.weight = tf.Variable(tf.ones([8, 4]))
        self.noise = tf.keras.layers.GaussianNoise(0.5)
        self.drop = tf.keras.layers.Dropout(0.25)

    def __call__(self, x):
        x = self.noise(tf.nn.dropout(x, 0.5), training=True)
        return self.drop(tf.matmul(x, self.weight), training=True)


class Sampled(tf.Module):
    """Draws numbers itself, as variational autoencoders do."""

    def __init__(self):
        self.mean = tf.Variable(tf.random.normal([8, 4]))
        self.spread = tf.Variable(tf.random.normal([8, 4]))

    def __call__(self, x):
        mean, spread = tf.matmul(x, self.mean), tf.matmul(x, self.spread)
        z = mean + tf.exp(0.5 * spread) * tf.random.normal(tf.shape(mean))
        z += tf.random.uniform((4,), -1.0, 3.0) + tf.keras.backend.ones((4,))
        return z * tf.random.truncated_normal((4,), stddev=0.5)
