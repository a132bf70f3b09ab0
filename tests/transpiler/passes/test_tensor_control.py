"""Python control flow on tensors, before and after."""

from __future__ import annotations

import textwrap

import pytest

from tests.harness import check_compile

HEAD = """\
import tensorflow as tf


@tf.function
def f({parameters}):
{body}
"""


def compiled(parameters: str, body: str, left: tuple[str, ...] = ()) -> str:
    """The body of a function under tf.function, translated."""
    before = HEAD.format(parameters=parameters, body=textwrap.indent(textwrap.dedent(body), "    "))
    text = check_compile(before, left=left).text
    return textwrap.dedent(text.partition("):\n")[2]).strip("\n")


def check(parameters: str, before: str, after: str, left: tuple[str, ...] = ()) -> None:
    assert compiled(parameters, before, left) == textwrap.dedent(after).strip("\n")


def test_cheap_values_of_one_shape_are_selected():
    check(
        "x",
        """
        if tf.reduce_sum(x) > 0:
            x = x * 2.0
        return x
        """,
        """
        x = jnp.where(jnp.sum(x) > 0, x * 2.0, x)
        return x
        """,
    )


def test_one_branch_runs():
    check(
        "x",
        """
        if tf.reduce_sum(x) > 0:
            y = tf.exp(x)
        else:
            y = tf.zeros_like(x)
        return y
        """,
        """
        y = lax.cond(jnp.sum(x) > 0, lambda: jnp.exp(x), lambda: jnp.zeros_like(x))
        return y
        """,
    )


def test_what_a_branch_reads_and_assigns_is_a_parameter():
    check(
        "x, y",
        """
        if tf.reduce_sum(x) > 0:
            t = tf.exp(x)
            x = x + t
            y = y * t
        return x + y
        """,
        """
        def then_branch(x, y):
            t = jnp.exp(x)
            x = x + t
            y = y * t
            return x, y

        x, y = lax.cond(jnp.sum(x) > 0, then_branch, lambda x, y: (x, y), x, y)
        return x + y
        """,
    )


def test_what_nobody_reads_is_not_carried():
    check(
        "x",
        """
        if tf.reduce_sum(x) > 0:
            t = tf.exp(x)
            x = tf.sin(t)
        return x
        """,
        """
        def then_branch():
            t = jnp.exp(x)
            return jnp.sin(t)

        x = lax.cond(jnp.sum(x) > 0, then_branch, lambda: x)
        return x
        """,
    )


def test_early_return():
    check(
        "x",
        """
        if tf.reduce_sum(x) > 0:
            return tf.exp(x)
        y = tf.sin(x)
        return y * 2.0
        """,
        """
        def else_branch():
            y = jnp.sin(x)
            return y * 2.0

        return lax.cond(jnp.sum(x) > 0, lambda: jnp.exp(x), else_branch)
        """,
    )


def test_static_tests_stay_python():
    source = """
    import tensorflow as tf


    @tf.function
    def f(x, mode="a", scale=None):
        if mode == "a":
            x = tf.exp(x)
        if scale is not None and x.shape[0] > 2:
            x = x * scale
        for _ in range(3):
            x = tf.sin(x)
        return x
    """
    text = check_compile(source).text
    assert 'if mode == "a":' in text
    assert "if scale is not None and x.shape[0] > 2:" in text
    assert "for _ in range(3):" in text
    assert "lax" not in text


def test_outside_of_graphs_python_decides():
    file = check_compile(
        """
        import tensorflow as tf


        def clip(x):
            if tf.reduce_max(x) > 1:
                return x / 2.0
            return x
        """
    )
    assert "if jnp.max(x) > 1:" in file.text
    assert [d.code for d in file.diagnostics] == ["TJ6018"]


def test_an_object_is_no_tensor():
    file = check_compile(
        """
        import tensorflow as tf


        def place(x, devices):
            device = devices.of(tf.exp(x))
            if device.job == "local":
                return device.kind
            return device
        """
    )
    assert file.diagnostics == ()


def test_what_a_graph_calls_is_part_of_it():
    text = check_compile(
        """
        import tensorflow as tf


        def clip(x):
            if tf.reduce_max(x) > 1:
                return x / 2.0
            return x


        @tf.function
        def f(x):
            return clip(x) + 1.0
        """
    ).text
    assert "return lax.cond(jnp.max(x) > 1, lambda: x / 2.0, lambda: x)" in text


def test_logic():
    check(
        "x, flag=None",
        """
        if flag is None and not 0.0 < tf.reduce_sum(x) < 1.0:
            x = x + 1.0
        return x
        """,
        """
        x = jnp.where(
            flag is None and jnp.logical_not(jnp.logical_and(0.0 < jnp.sum(x), jnp.sum(x) < 1.0)),
            x + 1.0,
            x,
        )
        return x
        """,
    )


def test_a_range_that_is_known():
    check(
        "x",
        """
        y = tf.zeros_like(x)
        for i in tf.range(5):
            y = y + x * tf.cast(i, tf.float32)
        return y
        """,
        """
        y = jnp.zeros_like(x)
        y = lax.fori_loop(0, 5, lambda i, y: y + x * i.astype(jnp.float32), y)
        return y
        """,
    )


def test_several_variables_go_round():
    check(
        "x",
        """
        a = tf.zeros_like(x)
        b = tf.ones_like(x)
        for _ in tf.range(5):
            a, b = b, a + b
        return a
        """,
        """
        a = jnp.zeros_like(x)
        b = jnp.ones_like(x)

        def step(_, carry):
            a, b = carry
            a, b = b, a + b
            return a, b

        a, b = lax.fori_loop(0, 5, step, (a, b))
        return a
        """,
    )


def test_rows():
    check(
        "x",
        """
        total = tf.zeros([3])
        for row in tf.exp(x):
            total += row
        return total
        """,
        """
        total = jnp.zeros([3])

        def step(total, row):
            total += row
            return total, None

        total, _ = lax.scan(step, total, jnp.exp(x))
        return total
        """,
    )


def test_while():
    check(
        "x",
        """
        while tf.reduce_sum(x) > 1.0:
            x = x / 2.0
        return x
        """,
        """
        x = lax.while_loop(lambda x: jnp.sum(x) > 1.0, lambda x: x / 2.0, x)
        return x
        """,
    )


def test_a_loop_that_counts_has_a_gradient():
    check(
        "x",
        """
        i = tf.constant(0)
        while i < 4:
            x = tf.sin(x)
            i += 1
        return x
        """,
        """
        x = lax.fori_loop(0, 4, lambda i, x: jnp.sin(x), x)
        return x
        """,
    )


def test_break():
    text = compiled(
        "x",
        """
        n = tf.constant(0)
        while tf.reduce_sum(x) > 0.0:
            x = x / 2.0
            if tf.reduce_sum(x) < 1.0:
                break
            n += 1
        return n
        """,
    )
    assert "jnp.logical_and(jnp.logical_not(done), jnp.sum(x) > 0.0)" in text
    assert "lambda: (True, n), lambda: (done, n + 1)" in text


STATE = """
import tensorflow as tf


class Counter(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.count = tf.Variable(0.0, trainable=False)
        self.drop = tf.keras.layers.Dropout(0.5)
        self.dense = tf.keras.layers.Dense(3)

    def call(self, x):
{body}
"""


def in_call(body: str) -> str:
    body = textwrap.indent(textwrap.dedent(body).strip("\n"), " " * 8)
    text = check_compile(STATE.format(body=body)).text
    return textwrap.dedent(text.partition("def __call__(self, x):\n")[2]).strip("\n")


def test_state_is_carried():
    assert in_call(
        """
        if tf.reduce_sum(x) > 0:
            self.count.assign_add(1.0)
        return x + self.count
        """
    ) == (
        "self.count.set_value(jnp.where(jnp.sum(x) > 0, self.count[...] + 1.0, self.count[...]))\n"
        "return x + self.count[...]"
    )


def test_layers_with_state_are_handed_over():
    assert (
        in_call(
            """
            if tf.reduce_sum(x) > 0:
                x = self.drop(x)
            return x
            """
        )
        == "x = nnx.cond(jnp.sum(x) > 0, lambda self: self.drop(x), lambda self: x, self)\nreturn x"
    )


def test_layers_without_state_are_not():
    assert (
        in_call(
            """
            if tf.reduce_sum(x) > 0:
                x = self.dense(x)
            return x
            """
        )
        == "x = lax.cond(jnp.sum(x) > 0, lambda: self.dense(x), lambda: x)\nreturn x"
    )


def test_no_gradient_passes_through_an_assignment():
    assert (
        in_call(
            """
            self.count.assign(tf.reduce_sum(x))
            return x * self.count
            """
        )
        == "self.count.set_value(lax.stop_gradient(jnp.sum(x)))\nreturn x * self.count[...]"
    )


@pytest.mark.parametrize(
    "body",
    [
        # A value in one branch only.
        "if tf.reduce_sum(x) > 0:\n    y = x\nreturn y",
        # An exception that depends on data.
        "if tf.reduce_sum(x) > 0:\n    raise ValueError()\nreturn x",
        # A result out of the middle of a loop.
        "while tf.reduce_sum(x) > 0:\n    if x[0] > 1:\n        return x\n    x = x - 1\nreturn x",
        # A list that grows as often as the data says.
        "a = []\nwhile tf.reduce_sum(x) > 0:\n    a.append(x)\n    x = x - 1\nreturn a",
    ],
)
def test_what_cannot_be_compiled_is_reported(body: str):
    compiled("x", body, left=("TJ5008",))
