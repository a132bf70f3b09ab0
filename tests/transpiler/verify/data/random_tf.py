import tensorflow as tf


def noisy():
    return lambda x: x + tf.random.normal(tf.shape(x))


class Dropped(tf.Module):
    """Random in training; a Keras layer that adds noise as well as the function that drops."""

    def __init__(self):
        self.weight = tf.Variable(tf.ones([8, 4]))
        self.noise = tf.keras.layers.GaussianNoise(0.5)
        self.drop = tf.keras.layers.Dropout(0.25)

    def __call__(self, x):
        x = self.noise(tf.nn.dropout(x, 0.5), training=True)
        return self.drop(tf.matmul(x, self.weight), training=True)
