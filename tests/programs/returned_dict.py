"""call returns a dict, or a named tuple by way of a sub-model."""

import collections

import tensorflow as tf

Output = collections.namedtuple("Output", ["mean", "std"])


class Gaussian(tf.keras.layers.Layer):
    def __init__(self, size):
        super().__init__()
        self.mean = tf.keras.layers.Dense(size)
        self.std = tf.keras.layers.Dense(size, activation="softplus")

    def call(self, x):
        return Output(self.mean(x), self.std(x) + 1e-4)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.features = tf.keras.layers.Dense(16, activation=tf.nn.elu)
        self.gaussian = Gaussian(3)

    def call(self, x):
        endpoints = {}
        net = self.features(x)
        endpoints["features"] = net
        out = self.gaussian(net)
        endpoints.update(mean=out.mean, std=out.std)
        return endpoints
