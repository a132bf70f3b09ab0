"""Tables, general products, attention; initializers by name, class and value."""

from __future__ import annotations

from merge_cases import merge
from proof_case import Case, case

LINE, IDS = (2, 5, 6), ("int", (2, 5), 7)
L = "keras.layers."
K = "keras.initializers."

EMBEDDING: list[Case] = [
    case(L + "Dense(4)", LINE, gradients=True),
    case(L + "Dense(4, use_bias=False, activation='relu')", (3, 6)),
    case(
        L + "Embedding(7, 4)",
        IDS,
        target="nnx.Embed(7, 4, embedding_init=compat.uniform_initializer(-0.05, 0.05), rngs=rngs)",
        gradients=True,
    ),
    case(
        L + "Embedding(input_dim=7, output_dim=4, embeddings_initializer='normal', mask_zero=True)",
        IDS,
    ),
    case(
        L + "EinsumDense('abc,cd->abd', output_shape=(None, 4), bias_axes='d')",
        LINE,
        gradients=True,
    ),
    case(
        L + "EinsumDense('abc,cde->abde', output_shape=(None, 2, 3), bias_axes='de')",
        LINE,
        gradients=True,
    ),
    case(
        L
        + "EinsumDense('abcd,cde->abe', output_shape=(None, 4), bias_axes='e', activation='relu')",
        (2, 5, 2, 3),
        gradients=True,
    ),
    case(L + "EinsumDense('...x,xy->...y', output_shape=4)", LINE),
]

TABLE = L + "ReversibleEmbedding(7, 6)"
EMBEDDING += [
    case(TABLE, IDS, flavours=("keras3",)),
    case(TABLE, LINE, call={"reverse": "True"}, flavours=("keras3",), gradients=True),
]

MHA = L + "MultiHeadAttention"
LOWER = "tf.linalg.band_part(tf.ones((2, 5, 5)), -1, 0)"

ATTENTION: list[Case] = [
    case(
        MHA + "(2, 3)",
        LINE,
        LINE,
        target="nnx.MultiHeadAttention(2, 6, qkv_features=6, "
        "kernel_init=nnx.initializers.glorot_uniform(), decode=False, rngs=rngs)",
        gradients=True,
    ),
    case(MHA + "(num_heads=2, key_dim=4)", LINE, (2, 3, 5), gradients=True),
    case(MHA + "(2, 4, dropout=0.1)", LINE, LINE),
    case(MHA + "(2, 4, use_bias=False, output_shape=7)", LINE, (2, 3, 6)),
    case(MHA + "(2, 4, value_dim=4)", LINE, (2, 3, 6), (2, 3, 6)),
    case(MHA + "(2, 4)", LINE, LINE, call={"use_causal_mask": "True"}),
    case(MHA + "(2, 4)", LINE, (2, 4, 6), ("bool", (2, 5, 4)), call={"attention_mask": "x2"}),
    merge("Attention()", LINE, (2, 3, 6), gradients=True),
    merge("Attention()", LINE, (2, 3, 6), (2, 3, 6)),
    merge("AdditiveAttention(use_scale=False)", LINE, (2, 3, 6), gradients=True),
    merge("AdditiveAttention(use_scale=False)", LINE, (2, 3, 6), (2, 3, 6)),
]

NAMES = [
    "zeros",
    "ones",
    "glorot_uniform",
    "glorot_normal",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
]
NAMES += [
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "orthogonal",
    "variance_scaling",
    "identity",
]
NAMES += ["normal", "uniform", "HeNormal", "GlorotUniform"]
OBJECTS = [
    "Zeros()",
    "Ones()",
    "Constant(0.5)",
    "RandomNormal(stddev=0.02)",
    "RandomUniform(0.0, 0.1)",
    "HeNormal()",
]
OBJECTS += [
    "RandomUniform(-0.1, 0.1, seed=1)",
    "TruncatedNormal(stddev=0.02)",
    "Orthogonal(gain=0.5)",
    "Identity()",
]
OBJECTS += [
    "VarianceScaling(scale=2.0, mode='fan_out', distribution='uniform')",
    "VarianceScaling()",
]
OBJECTS += [
    "VarianceScaling(2.0, 'fan_avg', 'untruncated_normal')",
    "GlorotNormal(seed=0)",
    "HeUniform()",
]

INITIALIZERS: list[Case] = [
    *[case(L + f"Dense(6, kernel_initializer='{name}')", (3, 6)) for name in NAMES],
    *[case(L + f"Dense(6, kernel_initializer={K}{text})", (3, 6)) for text in OBJECTS],
    *[case(L + f"Dense(6, kernel_initializer={K}get('{name}'))", (3, 6)) for name in NAMES[:2]],
]
