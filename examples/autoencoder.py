import tensorflow as tf
from tensorflow.keras import layers
from tensorflow.keras.models import Model


class ConvAutoencoder(Model):
    """Convolutional autoencoder for 28x28 grey images with a dense bottleneck."""

    def __init__(self, latent_dim=16, name='autoencoder', **kwargs):
        super(ConvAutoencoder, self).__init__(name=name, **kwargs)
        self.latent_dim = latent_dim

        # 28 -> 14 -> 7
        self.encoder = tf.keras.Sequential([
            layers.InputLayer(input_shape=(28, 28, 1)),
            layers.Conv2D(16, (3, 3), activation='relu', padding='same', strides=2),
            layers.Conv2D(8, (3, 3), activation='relu', padding='same', strides=2),
            layers.Flatten(),
            layers.Dense(latent_dim),
        ])

        # 7 -> 14 -> 28
        self.decoder = tf.keras.Sequential([
            layers.InputLayer(input_shape=(latent_dim,)),
            layers.Dense(7 * 7 * 8, activation=tf.nn.relu),
            layers.Reshape(target_shape=(7, 7, 8)),
            layers.Conv2DTranspose(8, kernel_size=3, strides=2, activation='relu', padding='same'),
            layers.Conv2DTranspose(16, kernel_size=3, strides=2, activation='relu', padding='same'),
            # no activation: the loss works on logits
            layers.Conv2D(1, kernel_size=(3, 3), padding='same'),
        ])

    def encode(self, x):
        return self.encoder(x)

    def decode(self, z, apply_sigmoid=False):
        logits = self.decoder(z)
        if apply_sigmoid:
            return tf.sigmoid(logits)
        return logits

    def call(self, x):
        encoded = self.encode(x)
        decoded = self.decode(encoded, apply_sigmoid=True)
        return decoded
