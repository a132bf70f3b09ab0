"""Weights read from another layer: tied embeddings, kernel norms."""

import tensorflow as tf


class TinyLM(tf.keras.Model):
    def __init__(self, vocab=20, width=8):
        super().__init__()
        self.wte = tf.keras.layers.Embedding(
            vocab, width, embeddings_initializer=tf.keras.initializers.RandomNormal(stddev=0.02)
        )
        self.fc = tf.keras.layers.Dense(width, activation="gelu")
        self.ln = tf.keras.layers.LayerNormalization(epsilon=1e-5)

    def call(self, ids):
        h = self.ln(self.fc(self.wte(ids)))
        logits = tf.matmul(h, self.wte.embeddings, transpose_b=True)
        return logits, tf.norm(self.fc.kernel, axis=0) + tf.abs(self.fc.bias)
