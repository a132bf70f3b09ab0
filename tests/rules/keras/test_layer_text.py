"""What layers become: the constructor, or the call of a layer without one."""

from __future__ import annotations

import pytest
from tfjax.rules.language import RuleSet
from tfjax.transpiler.prove.translation import Compiler

# layer, shapes of its inputs, target
LAYERS = [
    (
        'keras.layers.Conv2D(6, 3, activation="relu")',
        [(2, 9, 8, 4)],
        'nnx.Conv(4, 6, (3, 3), padding="VALID", '
        "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)",
        "keras3",
        False,
    ),
    (
        "keras.layers.MaxPool2D()",
        [(2, 9, 8, 3)],
        "nnx.max_pool(x0, (2, 2), strides=(2, 2))",
        "keras3",
        False,
    ),
    (
        'keras.layers.AvgPool2D(3, strides=1, padding="same")',
        [(2, 9, 8, 3)],
        'nnx.avg_pool(x0, (3, 3), strides=(1, 1), padding="SAME", count_include_pad=False)',
        "keras3",
        False,
    ),
    (
        'keras.layers.GlobalAvgPool2D(data_format="channels_first")',
        [(2, 3, 9, 8)],
        "jnp.mean(x0, axis=(2, 3))",
        "keras3",
        False,
    ),
    (
        'keras.layers.EinsumDense("btd,ndh->btnh", (None, 4, 8))',
        [(2, 9, 6)],
        "nnx.LinearGeneral(6, (4, 8), use_bias=False, "
        "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)",
        "keras3",
        False,
    ),
    (
        'keras.layers.EinsumDense("BTNH,NHD->BTD", (None, 5))',
        [(2, 9, 4, 8)],
        "nnx.LinearGeneral((4, 8), 5, axis=(-2, -1), use_bias=False, "
        "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)",
        "keras3",
        False,
    ),
    (
        'keras.layers.EinsumDense("ab,cb->ac", 4)',
        [(2, 6)],
        "nnx.Linear(6, 4, use_bias=False, "
        "kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs)",
        "keras3",
        False,
    ),
    (
        "keras.layers.ReversibleEmbedding(7, 4, tie_weights=False, logit_soft_cap=30.0)",
        [(2, 9)],
        "compat.ReversibleEmbedding(7, 4, tie_weights=False, logit_soft_cap=30.0, "
        "embedding_init=compat.uniform_initializer(-0.05, 0.05), rngs=rngs)",
        "keras3",
        False,
    ),
    (
        "keras.layers.GlobalAvgPool2D()",
        [(2, 9, 8, 3)],
        "jnp.mean(x0, axis=(1, 2))",
        "keras3",
        False,
    ),
    (
        "keras.layers.BatchNormalization()",
        [(2, 4, 3, 6)],
        "nnx.BatchNorm(6, epsilon=0.001, use_fast_variance=False, rngs=rngs)",
        "keras3",
        False,
    ),
    (
        "keras.layers.LayerNormalization()",
        [(2, 5, 6)],
        "nnx.LayerNorm(6, epsilon=0.001, use_fast_variance=False, rngs=rngs)",
        "keras3",
        False,
    ),
    ('keras.layers.Activation("relu")', [(2, 5, 6)], "nnx.relu(x0)", "keras3", False),
    ("keras.layers.ReLU()", [(2, 5, 6)], "nnx.relu(x0)", "keras3", False),
    ("keras.layers.ReLU(6.0)", [(2, 5, 6)], "nnx.relu6(x0)", "keras3", False),
    (
        "keras.layers.LeakyReLU()",
        [(2, 5, 6)],
        "nnx.leaky_relu(x0, negative_slope=0.3)",
        "keras3",
        False,
    ),
    (
        "keras.layers.PReLU(shared_axes=[1, 2])",
        [(2, 4, 3, 6)],
        "compat.PReLU((1, 1, 6), nnx.initializers.zeros, rngs=rngs)",
        "keras3",
        False,
    ),
    ("keras.layers.Softmax()", [(2, 5, 6)], "nnx.softmax(x0)", "keras3", False),
    ("keras.layers.Identity()", [(2, 5, 6)], "x0", "keras3", False),
    ("keras.layers.Lambda(lambda x: x * 2 + 1)", [(2, 5, 6)], "x0 * 2 + 1", "keras3", False),
    (
        "keras.layers.Dropout(0.3, noise_shape=(None, 1, 6))",
        [(2, 5, 6)],
        "nnx.Dropout(0.3, broadcast_dims=(1,), rngs=rngs)",
        "keras3",
        False,
    ),
    (
        "keras.layers.SpatialDropout1D(0.3)",
        [(2, 5, 6)],
        "nnx.Dropout(0.3, broadcast_dims=(1,), rngs=rngs)",
        "keras3",
        False,
    ),
    ("keras.layers.Add()", [(2, 5, 6), (2, 5, 6)], "x0 + x1", "keras3", True),
    (
        "keras.layers.Add()",
        [(2, 5, 6), (2, 5, 6), (2, 5, 6), (2, 5, 6)],
        "sum([x0, x1, x2, x3])",
        "keras3",
        True,
    ),
    ("keras.layers.Multiply()", [(2, 5, 6), (2, 5, 6)], "x0 * x1", "keras3", True),
    (
        "keras.layers.Concatenate()",
        [(2, 5, 6), (2, 5, 3)],
        "jnp.concatenate([x0, x1], axis=-1)",
        "keras3",
        True,
    ),
    (
        "keras.layers.Reshape((3, 10))",
        [(2, 5, 6)],
        "x0.reshape(x0.shape[0], 3, 10)",
        "keras3",
        False,
    ),
    ("keras.layers.Permute((2, 1))", [(2, 5, 6)], "x0.transpose(0, 2, 1)", "keras3", False),
    (
        "keras.layers.ZeroPadding1D()",
        [(2, 5, 6)],
        "jnp.pad(x0, ((0, 0), (1, 1), (0, 0)))",
        "keras3",
        False,
    ),
    (
        "keras.layers.ZeroPadding2D(((0, 1), (2, 3)))",
        [(2, 6, 5, 3)],
        "jnp.pad(x0, ((0, 0), (0, 1), (2, 3), (0, 0)))",
        "keras3",
        False,
    ),
    ("keras.layers.Cropping1D(1)", [(2, 5, 6)], "x0[:, 1:-1]", "keras3", False),
    ("keras.layers.Cropping2D(1)", [(2, 6, 5, 3)], "x0[:, 1:-1, 1:-1]", "keras3", False),
    ("keras.layers.UpSampling1D(3)", [(2, 5, 6)], "x0.repeat(3, axis=1)", "keras3", False),
    (
        "keras.layers.UpSampling2D()",
        [(2, 6, 5, 3)],
        "x0.repeat(2, axis=1).repeat(2, axis=2)",
        "keras3",
        False,
    ),
    ("keras.layers.Rescaling(0.5)", [(2, 5, 6)], "x0 * 0.5", "keras3", False),
    (
        "keras.layers.Embedding(7, 4)",
        [(2, 5)],
        "nnx.Embed(7, 4, embedding_init=compat.uniform_initializer(-0.05, 0.05), rngs=rngs)",
        "keras3",
        False,
    ),
    (
        "keras.layers.MultiHeadAttention(2, 3)",
        [(2, 5, 6), (2, 5, 6)],
        "nnx.MultiHeadAttention(2, 6, qkv_features=6, "
        "kernel_init=nnx.initializers.glorot_uniform(), decode=False, rngs=rngs)",
        "keras3",
        False,
    ),
]
EXPRESSIONS = [
    ("keras.layers.add([x0, x1])", "x0 + x1", "keras3"),
    ("keras.layers.concatenate([x0, x1], axis=1)", "jnp.concatenate([x0, x1], axis=1)", "keras3"),
]


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler(RuleSet.load())


@pytest.mark.parametrize(("layer", "shapes", "target", "keras", "merge"), LAYERS)
def test_layer_text(
    layer: str,
    shapes: list[tuple[int, ...]],
    target: str,
    keras: str,
    merge: bool,
    compiler: Compiler,
) -> None:
    known = {f"x{i}": (shape, "float32") for i, shape in enumerate(shapes)}
    found = compiler.layer(layer, keras, list(known), {}, merge, None, known)
    assert (found.constructor or found.application) == target


@pytest.mark.parametrize(("source", "target", "keras"), EXPRESSIONS)
def test_expression_text(source: str, target: str, keras: str, compiler: Compiler) -> None:
    known = {f"x{i}": ((2, 5, 6), "float32") for i in range(3)}
    assert compiler.expression(source, keras, "", known) == target
