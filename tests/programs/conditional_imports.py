"""Imports under try and if, with fallbacks for other versions."""

import importlib.util

try:
    from tensorflow.keras.layers import LayerNormalization
except ImportError:  # before TF 2.0
    from tensorflow_addons.layers import LayerNormalization

try:
    import tensorflow.compat.v2 as tf
except ImportError:
    import tensorflow as tf

if importlib.util.find_spec("tensorflow_that_does_not_exist"):
    from tensorflow_that_does_not_exist import Dense
else:
    from tensorflow.keras.layers import Dense

if tf.__version__ >= "2.":
    Model = tf.keras.Model
else:
    from tensorflow.python.keras import Model


class Net(Model):
    def __init__(self, units=4):
        super().__init__()
        self.d = Dense(units)
        self.n = LayerNormalization(epsilon=1e-5)

    def call(self, x):
        return tf.nn.sigmoid(self.n(self.d(x)))
