"""Attention layers with the masks of their inputs: carried along, given, causal."""

import tensorflow as tf
from tensorflow.keras import layers


def build_model(vocab=20, dim=8):
    queries = tf.keras.Input((6,), dtype="int32", name="q")
    values = tf.keras.Input((5,), dtype="int32", name="v")
    embed = layers.Embedding(vocab, dim, mask_zero=True)
    q = embed(queries)
    v = embed(values)
    dot = layers.Attention()([q, v])
    additive = layers.AdditiveAttention()([q, v])
    both = layers.Concatenate()([dot, additive])
    pooled = layers.GlobalAveragePooling1D()(both)
    return tf.keras.Model([queries, values], layers.Dense(2)(pooled))


class Encoder(tf.keras.Model):
    def __init__(self, vocab=20, dim=8):
        super().__init__()
        self.embed = layers.Embedding(vocab, dim, mask_zero=True)
        self.mha = layers.MultiHeadAttention(num_heads=2, key_dim=4)
        self.attention = layers.Attention(use_scale=True, score_mode="concat")
        self.norm = layers.LayerNormalization()
        self.head = layers.Dense(3)

    def call(self, ids, training=False):
        mask = self.embed.compute_mask(ids)
        x = self.embed(ids)
        h = self.mha(x, x, attention_mask=mask[:, tf.newaxis, :], training=training)
        x = self.norm(x + h)
        y, scores = self.attention(
            [x, x], mask=[mask, mask], use_causal_mask=True, return_attention_scores=True
        )
        return self.head(y), scores
