"""Slips that are mended without a model."""

import pytest
from tfjax.agents.mend import mend


def function(*lines: str) -> str:
    return "\n    ".join(["def region(x):", *lines]) + "\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return jnp.rsqrt(x)", "return lax.rsqrt(x)"),
        ("return jnp.softmax(x, axis=-1)", "return jax.nn.softmax(x, axis=-1)"),
        ("return jax.top_k(x, 2)[0]", "return lax.top_k(x, 2)[0]"),
        ("return jnp.sum(lax.square(np.abs(x)))", "return jnp.sum(lax.square(jnp.abs(x)))"),
        ("return jnp.nn.relu(x)", "return jax.nn.relu(x)"),
    ],
)
def test_functions_are_found_where_they_are(before: str, after: str):
    assert mend(function(before)) == function(after)


@pytest.mark.parametrize(
    "line",
    [
        "return jnp.scatter_nd_add(x, x)",  # there is none
        "return jnp.log1p(x)",
        "return jnp.pi * x.sum()",
        "return x.at[0].set(jnp.inf)",
        "return jnp.float32(1) + np.prod(x.shape)",
        "return tf.nn.relu(x)",
        "y = jnp.zeros(3); return x  # a call may do something",
        "return x +",
    ],
)
def test_what_is_no_such_slip_stays(line: str):
    assert mend(function(line)) == function(line)


def test_variables_that_nothing_reads_go():
    lines = ("axis = -1", "wide = axis", "keep = True", "return jnp.sum(x, keepdims=keep)")
    assert mend(function(*lines)) == function(*lines[2:])


def test_short_names_need_no_import():
    code = function("return jnp.abs(x)")
    assert mend("import jnp\n" + code) == code
    assert mend("import os\n" + code) == "import os\n" + code
