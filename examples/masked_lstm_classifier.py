"""Sentiment classifier over padded token ids (0 = padding), Keras 3."""

from keras import Sequential
from keras.layers import LSTM, Bidirectional, Dense, Dropout, Embedding, SpatialDropout1D


def build_model(
    vocab_size: int = 200, embedding_dim: int = 24, units: int = 16, num_labels: int = 3
) -> Sequential:
    """Stacked recurrent layers; padding is skipped, as the mask travels with the embedding.

    Args:
        vocab_size: number of token ids, including the padding id 0.
        embedding_dim: size of the token vectors.
        units: size of the LSTM state, for each direction.
        num_labels: number of output logits.
    """
    model = Sequential(name="sentiment")
    model.add(Embedding(vocab_size, embedding_dim, mask_zero=True))
    model.add(SpatialDropout1D(0.1))
    model.add(Bidirectional(LSTM(units, return_sequences=True)))
    model.add(LSTM(units))  # the last state that is not padding
    model.add(Dense(units, activation="tanh"))
    model.add(Dropout(0.3))
    model.add(Dense(num_labels))
    return model
