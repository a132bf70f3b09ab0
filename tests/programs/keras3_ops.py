"""keras.ops and Keras 3 spellings."""

import keras
from keras import layers, ops


class LayerScale(layers.Layer):
    def __init__(self, init_value=0.1, **kwargs):
        super().__init__(**kwargs)
        self.init_value = init_value

    def build(self, input_shape):
        self.gamma = self.add_weight(
            shape=(input_shape[-1],),
            initializer=keras.initializers.Constant(self.init_value),
            name="gamma",
        )

    def call(self, x):
        return x * self.gamma


class RotaryAttention(keras.Model):
    def __init__(self, dim=16, heads=2):
        super().__init__()
        self.heads = heads
        self.qkv = layers.Dense(3 * dim, use_bias=False)
        self.scale = LayerScale()
        self.norm = layers.RMSNormalization()
        self.group = layers.GroupNormalization(groups=4)

    def rotate(self, x):
        half = ops.shape(x)[-1] // 2
        x1, x2 = x[..., :half], x[..., half:]
        return ops.concatenate([-x2, x1], axis=-1)

    def call(self, x):
        b, n, d = ops.shape(x)
        qkv = ops.reshape(self.qkv(self.norm(x)), (b, n, 3, self.heads, d // self.heads))
        q, k, v = ops.unstack(ops.transpose(qkv, (2, 0, 3, 1, 4)), num=3)
        angle = ops.expand_dims(ops.arange(n, dtype="float32"), -1) / 10.0
        q = q * ops.cos(angle) + self.rotate(q) * ops.sin(angle)
        a = ops.softmax(ops.matmul(q, ops.swapaxes(k, -1, -2)) / ops.sqrt(float(d)), axis=-1)
        y = ops.reshape(ops.transpose(ops.matmul(a, v), (0, 2, 1, 3)), (b, n, d))
        return self.group(x + self.scale(y))
