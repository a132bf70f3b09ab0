"""Conv2DTranspose: same and valid, stride larger than the kernel, bias, output sizes."""

import tensorflow as tf

layers = tf.keras.layers


class Generator(tf.keras.Model):
    def __init__(self, latent=10, **kwargs):
        super().__init__(**kwargs)
        self.fc = layers.Dense(4 * 4 * 16, use_bias=False, input_shape=(latent,))
        self.reshape = layers.Reshape((4, 4, 16))
        self.up1 = layers.Conv2DTranspose(8, (5, 5), strides=(2, 2), padding="same", use_bias=False)
        self.bn1 = layers.BatchNormalization()
        self.up2 = layers.Conv2DTranspose(4, 3, strides=2, padding="valid", activation="relu")
        self.up3 = layers.Conv2DTranspose(3, 2, 3, activation="tanh")

    def call(self, z, training=False):
        x = self.reshape(tf.nn.leaky_relu(self.fc(z)))
        x = tf.nn.leaky_relu(self.bn1(self.up1(x), training=training), alpha=0.3)
        return self.up3(self.up2(x))
