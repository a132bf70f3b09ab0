"""get_config / from_config, properties, name_scope, compute_output_shape, kwargs to super."""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable()
class Scale(tf.keras.layers.Layer):
    """y = gamma * x + beta on one axis."""

    def __init__(self, axis=-1, gamma_initializer="ones", **kwargs):
        dynamic = kwargs.pop("center", True)
        super(Scale, self).__init__(**kwargs)
        self._axis = axis
        self.center = dynamic
        self.gamma_initializer = tf.keras.initializers.get(gamma_initializer)

    @property
    def axis(self):
        return self._axis

    def build(self, input_shape):
        dim = tf.TensorShape(input_shape)[self.axis]
        with tf.name_scope("affine"):
            self.gamma = self.add_weight(
                name="gamma", shape=(dim,), initializer=self.gamma_initializer
            )
            if self.center:
                self.beta = self.add_weight(name="beta", shape=(dim,), initializer="zeros")
        self.input_spec = tf.keras.layers.InputSpec(min_ndim=2, axes={self.axis: dim})
        super().build(input_shape)

    def call(self, x):
        with tf.name_scope("scale"):
            y = x * self.gamma
            return y + self.beta if self.center else y

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        base_config = super(Scale, self).get_config()
        config = {"axis": self._axis, "center": self.center}
        return dict(list(base_config.items()) + list(config.items()))

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def build_model():
    x = inputs = tf.keras.Input((5,))
    x = Scale(name="first")(x)
    x = tf.keras.layers.Dense(4)(x)
    x = Scale(center=False, gamma_initializer="ones", dtype="float32")(x)
    return tf.keras.Model(inputs, x)
