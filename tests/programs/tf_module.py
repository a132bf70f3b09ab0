"""tf.Module with __call__, name scopes and lazily made variables."""

import tensorflow as tf


class Linear(tf.Module):
    def __init__(self, out_features, name=None):
        super().__init__(name=name)
        self.is_built = False
        self.out_features = out_features

    def __call__(self, x):
        if not self.is_built:
            self.w = tf.Variable(tf.random.normal([x.shape[-1], self.out_features]), name="w")
            self.b = tf.Variable(tf.zeros([self.out_features]), name="b")
            self.is_built = True
        return tf.matmul(x, self.w) + self.b


class MLP(tf.Module):
    def __init__(self, in_features, sizes, name=None):
        super().__init__(name=name)
        self.layers = []
        with self.name_scope:
            self.scale = tf.Variable(tf.ones([in_features]), name="scale")
            for size in sizes:
                self.layers.append(Linear(size))

    @tf.Module.with_name_scope
    def __call__(self, x):
        x = x * self.scale
        for layer in self.layers[:-1]:
            x = tf.nn.relu(layer(x))
        return self.layers[-1](x)
