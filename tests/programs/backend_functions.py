"""keras.backend functions (Keras 2)."""

import tensorflow.keras.backend as K
from tensorflow.keras import Model
from tensorflow.keras.layers import Dense, Input, Layer


class AttentionPooling(Layer):
    """Attention over the steps, as in Kaggle kernels."""

    def __init__(self, step_dim, bias=True, **kwargs):
        self.step_dim = step_dim
        self.bias = bias
        self.features_dim = 0
        super(AttentionPooling, self).__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight(
            shape=(input_shape[-1],), initializer="glorot_uniform", name="{}_W".format(self.name)
        )
        self.features_dim = input_shape[-1]
        if self.bias:
            self.b = self.add_weight(
                shape=(input_shape[1],), initializer="zero", name="{}_b".format(self.name)
            )
        self.built = True

    def call(self, x, mask=None):
        features_dim, step_dim = self.features_dim, self.step_dim
        eij = K.reshape(
            K.dot(K.reshape(x, (-1, features_dim)), K.reshape(self.W, (features_dim, 1))),
            (-1, step_dim),
        )
        if self.bias:
            eij += self.b
        a = K.exp(K.tanh(eij))
        if mask is not None:
            a *= K.cast(mask, K.floatx())
        a /= K.cast(K.sum(a, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        a = K.expand_dims(a)
        return K.sum(x * a, axis=1)


def build_model(steps=6, features=8):
    inp = Input((steps, features))
    x = Dense(8, activation="tanh")(inp)
    pooled = AttentionPooling(steps)(x)
    out = Dense(3)(K.l2_normalize(pooled, axis=-1))
    out = K.concatenate([out, K.mean(x, axis=1), K.batch_dot(x, x, axes=[1, 1])[:, 0]], axis=-1)
    return Model(inp, K.clip(out, -0.9, 0.9))
