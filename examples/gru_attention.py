"""Encoder-decoder with additive attention (Bahdanau et al., 2015) and teacher forcing.

Shapes used in the comments: B batch, S source length, T target length, H units.
"""
import tensorflow as tf


class Encoder(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, units):
        super(Encoder, self).__init__()
        self.units = units
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(
            self.units,
            return_sequences=True,
            return_state=True,
            recurrent_initializer='glorot_uniform')

    def call(self, x, hidden=None):
        x = self.embedding(x)  # (B, S, E)
        output, state = self.gru(x, initial_state=hidden)
        return output, state


class BahdanauAttention(tf.keras.layers.Layer):
    def __init__(self, units):
        super(BahdanauAttention, self).__init__()
        self.W1 = tf.keras.layers.Dense(units)
        self.W2 = tf.keras.layers.Dense(units)
        self.V = tf.keras.layers.Dense(1)

    def call(self, query, values):
        # query is the decoder state (B, H): add a time axis to broadcast over the source
        query_with_time_axis = tf.expand_dims(query, 1)
        score = self.V(tf.nn.tanh(self.W1(query_with_time_axis) + self.W2(values)))

        attention_weights = tf.nn.softmax(score, axis=1)  # (B, S, 1)
        context_vector = attention_weights * values
        context_vector = tf.reduce_sum(context_vector, axis=1)
        return context_vector, attention_weights


class Decoder(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, units):
        super(Decoder, self).__init__()
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(units, return_sequences=True, return_state=True)
        self.fc = tf.keras.layers.Dense(vocab_size)
        self.attention = BahdanauAttention(units)

    def call(self, x, hidden, enc_output):
        context_vector, attention_weights = self.attention(hidden, enc_output)

        x = self.embedding(x)  # (B, 1, E)
        x = tf.concat([tf.expand_dims(context_vector, 1), x], axis=-1)

        output, state = self.gru(x, initial_state=hidden)
        output = tf.reshape(output, (-1, output.shape[2]))  # (B, H)
        return self.fc(output), state, attention_weights


class Seq2Seq(tf.keras.Model):
    """Teacher-forced translation model: returns logits (B, T, V) and attention maps (B, T, S)."""

    def __init__(self, src_vocab=60, tgt_vocab=50, embedding_dim=12, units=16):
        super(Seq2Seq, self).__init__()
        self.encoder = Encoder(src_vocab, embedding_dim, units)
        self.decoder = Decoder(tgt_vocab, embedding_dim, units)

    def call(self, inputs):
        source, target = inputs
        enc_output, state = self.encoder(source)

        logits, maps = [], []
        for t in range(target.shape[1]):
            dec_input = tf.expand_dims(target[:, t], 1)
            predictions, state, weights = self.decoder(dec_input, state, enc_output)
            logits.append(predictions)
            maps.append(tf.squeeze(weights, axis=-1))
        return tf.stack(logits, axis=1), tf.stack(maps, axis=1)
