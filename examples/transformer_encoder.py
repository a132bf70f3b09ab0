"""Transformer encoder for text classification, Keras 3 (multi-backend style)."""

from __future__ import annotations

import keras
from keras import layers, ops


class PositionalEmbedding(layers.Layer):
    """Token embedding plus a learned embedding of the position."""

    def __init__(self, vocab_size: int, max_length: int, width: int, **kwargs):
        super().__init__(**kwargs)
        self.token_emb = layers.Embedding(input_dim=vocab_size, output_dim=width)
        self.pos_emb = layers.Embedding(input_dim=max_length, output_dim=width)

    def call(self, tokens):
        length = ops.shape(tokens)[-1]
        positions = ops.arange(0, length, 1)
        return self.token_emb(tokens) + self.pos_emb(positions)


class EncoderBlock(layers.Layer):
    """Pre-norm self-attention block with a GELU feed-forward part."""

    def __init__(self, width: int, num_heads: int, mlp_dim: int, dropout: float = 0.1, **kwargs):
        super().__init__(**kwargs)
        self.attn = layers.MultiHeadAttention(num_heads, key_dim=width // num_heads)
        self.mlp = keras.Sequential(
            [layers.Dense(mlp_dim, activation="gelu"), layers.Dense(width)],
        )
        self.norm1 = layers.LayerNormalization(epsilon=1e-6)
        self.norm2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout1 = layers.Dropout(dropout)
        self.dropout2 = layers.Dropout(dropout)

    def call(self, x, training: bool | None = None):
        h = self.norm1(x)
        h = self.attn(h, h, training=training)
        x = x + self.dropout1(h, training=training)
        h = self.mlp(self.norm2(x))
        return x + self.dropout2(h, training=training)


class TextClassifier(keras.Model):
    def __init__(
        self,
        vocab_size: int = 100,
        max_length: int = 16,
        width: int = 32,
        depth: int = 2,
        num_heads: int = 4,
        num_classes: int = 4,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.embed = PositionalEmbedding(vocab_size, max_length, width)
        self.blocks = [EncoderBlock(width, num_heads, 4 * width) for _ in range(depth)]
        self.norm = layers.LayerNormalization(epsilon=1e-6)
        self.head = layers.Dense(num_classes)

    def call(self, tokens, training: bool | None = None):
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x, training=training)
        x = ops.mean(self.norm(x), axis=1)  # mean over the tokens
        return self.head(x)
