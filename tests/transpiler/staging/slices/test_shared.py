"""What a rule's template mentions twice is computed once."""

from __future__ import annotations

from tests.harness import compile_texts

HEAD = "import tensorflow as tf\n\n\n"


def body(text: str) -> str:
    """The output for functions that use tf, from the first `def` on."""
    output = compile_texts({"m": HEAD + text}).files[0].text
    return output[output.index("def ") :]


def test_before_a_return_the_variable_is_used_again() -> None:
    assert body("def f(x):\n    return tf.nn.swish(tf.exp(x), beta=2.0)\n") == (
        "def f(x):\n"
        "    features = jnp.exp(x)\n"
        "    return features * jax.nn.sigmoid(2.0 * features)\n"
    )


def test_an_assignment_lends_its_target() -> None:
    assert body("def f(x):\n    y = tf.nn.swish(tf.exp(x), beta=2.0)\n    return y\n") == (
        "def f(x):\n    y = jnp.exp(x)\n    y = y * jax.nn.sigmoid(2.0 * y)\n    return y\n"
    )


def test_a_target_that_is_still_read_or_captured_is_not_lent() -> None:
    text = "def f(y, x):\n    y = tf.nn.swish(tf.exp(x), beta=y)\n    return y\n"
    assert "    features = jnp.exp(x)\n    y = features * jax.nn.sigmoid(y * features)\n" in body(
        text
    )
    text = (
        "def f(x, y):\n    g = lambda: y\n"
        "    y = tf.nn.swish(tf.exp(x), beta=2.0)\n    return g() + y\n"
    )
    assert "    features = jnp.exp(x)\n    y = features * jax.nn.sigmoid(2.0 * features)\n" in body(
        text
    )


def test_inside_a_larger_statement_and_within_each_other() -> None:
    text = "def f(x):\n    return 1 + tf.nn.swish(tf.nn.swish(tf.exp(x), beta=2.0), beta=3.0)\n"
    assert body(text) == (
        "def f(x):\n"
        "    features = jnp.exp(x)\n"
        "    features2 = features * jax.nn.sigmoid(2.0 * features)\n"
        "    return 1 + features2 * jax.nn.sigmoid(3.0 * features2)\n"
    )


def test_where_no_statement_can_stand_a_lambda_takes_it() -> None:
    shared = "(lambda features: features * jax.nn.sigmoid(2.0 * features))(jnp.exp(x))"
    for before in ("[{} for x in xs]", "lambda x: {}", "x if flag else {}", "flag or {}"):
        source = before.format("tf.nn.swish(tf.exp(x), beta=2.0)")
        output = body(f"def f(x, xs, flag):\n    return {source}\n")
        assert shared in " ".join(output.split()).replace("( ", "(").replace(" )", ")"), output


def test_what_costs_nothing_is_repeated() -> None:
    assert "return x * jax.nn.sigmoid(2.0 * x)\n" in body(
        "def f(x):\n    return tf.nn.swish(x, beta=2.0)\n"
    )


def test_a_layer_is_applied_once() -> None:
    text = (
        "from tensorflow import keras\n\n\n"
        "class M(keras.Model):\n    def __init__(self):\n        super().__init__()\n"
        "        self.conv = keras.layers.Conv2D(4, 3)\n"
        "        self.flatten = keras.layers.Flatten()\n\n"
        "    def call(self, x):\n        return self.flatten(self.conv(x))\n"
    )
    output = compile_texts({"m": text}).files[0].text
    assert "        x = self.conv(x)\n        return x.reshape(x.shape[0], -1)\n" in output


def test_blocks() -> None:
    output = body(
        "def f(x, n):\n"
        "    for _ in range(n):\n        x += tf.nn.swish(tf.exp(x), beta=2.0)\n"
        "    if n:\n        x = 0\n"
        "    elif n > 2:\n        return tf.nn.swish(tf.exp(x), beta=2.0)\n"
        "    try:\n        pass\n    finally:\n        x = 1 - tf.nn.swish(tf.exp(x), beta=2.0)\n"
        "    return x\n"
    )
    assert output.count("jnp.exp(x)") == 3
    assert "        features = jnp.exp(x)\n        x += features * " in output
    assert "        features2 = jnp.exp(x)\n        x = 1 - features2 * " in output
