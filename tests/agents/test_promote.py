"""Fills as rules: what a record says, and what it is not said of."""

import ast

import numpy as np
import pytest
from tfjax.agents.commands.promote import _add  # pyright: ignore[reportPrivateUsage]
from tfjax.agents.promote import NoRule, Promotion, promote
from tfjax.agents.promote_domain import observed
from tfjax.agents.sandbox.cases import OracleCase
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.rewrite.snippets import translate

from tests.agents.support import region

SAME = "def region(x, y):\n    return x\n"
SQUARES = region("tf.math.squared_difference(x=x, y=y)")


def rules_with(text: str) -> RuleSet:
    return RuleSet.parse(text, api=True)


def test_a_record():
    code = "def region(x, y):\n    apart = x - y\n    return jnp.square(apart)\n"
    text = promote(SQUARES, code, 30).text
    assert "equal on 30 cases" in text
    rules = rules_with(text)
    assert translate("tf.math.squared_difference(a, b)", rules) == "jnp.square(a - b)"


def test_constants_become_guards():
    one = region("tf.math.top_k(input=x, k=2)", ("x",))
    rules = rules_with(promote(one, "def region(x):\n    return lax.top_k(x, 2)\n", 30).text)
    assert translate("tf.math.top_k(h, 2)", rules) == "lax.top_k(h, 2)"
    assert translate("tf.math.top_k(h, 3)", rules).startswith("TJ2013: proved for k = 2 only")
    assert translate("tf.math.top_k(h, 2, sorted=False)", rules).startswith("TJ2003")


def test_an_argument_that_is_an_expression_becomes_a_parameter():
    one = region("tf.tile(x, [1, y])")
    text = promote(one, "def region(x, y):\n    return jnp.tile(x, (1, y))\n", 30).text
    assert translate("tf.tile(h, n)", rules_with(text)) == "jnp.tile(h, n)"
    # The name of an operand may be that of another parameter.
    one = region("tf.math.squared_difference(y=x, x=x * y)")
    text = promote(one, "def region(x, y):\n    return (x * y - x) ** 2\n", 30).text
    assert "to       (x - y) ** 2" in text


def test_fills_that_say_the_same_are_one_rule():
    code = "def region(x, y):\n    return jnp.tile(x, {})\n"
    one = promote(region("tf.tile(x, [1, y])"), code.format("(1, y)"), 30)
    other = promote(region("tf.tile(x, [y, 1])"), code.format("[y, 1]"), 12)
    assert one.text != other.text
    assert one.meaning == other.meaning
    found: dict[str, Promotion] = {}
    for new in (one, other):
        _add(found, new)
    assert [*found.values()] == [one]
    flipped = region("tf.tile(x, [y, 1])")
    third = promote(flipped, code.format("[y, 1])[::-1].T.reshape((-1,)"), 12)
    with pytest.raises(NoRule, match="another rule"):
        _add(found, third)


def case(**arrays: tuple[int, ...]) -> OracleCase:
    values: dict[str, np.ndarray] = {
        name: np.ones(shape, np.float32) for name, shape in arrays.items()
    }
    return OracleCase("general", values, {"k": 2}, [], [])


def test_fixed_sizes_are_tried_with_what_was_taken():
    cross = region("tf.linalg.cross(a=x, b=y)")
    code = "def region(x, y):\n    return jnp.cross(x, y)\n"
    fixed = [case(x=(2, 3), y=(2, 3)), case(x=(2, 3), y=(2, 3))]
    text = promote(cross, code, 2, fixed).text
    assert "try      a = tensor(rank={1, 2}, dims={2, 3}, dtypes={float32})" in text
    assert "try      b = like(a)" in text
    # Sizes that vary are left to the types.
    free = [case(x=(2, 3), y=(2, 3)), case(x=(3, 4), y=(3, 4))]
    code = "def region(x, y):\n    return (x - y) ** 2\n"
    assert "try" not in promote(SQUARES, code, 2, free).text


def test_unequal_fixed_sizes_and_python_values():
    one = region("tf.linalg.set_diag(input=x, diagonal=y, k=k)", ("x", "y", "k"))
    code = "def region(x, y, k):\n    return jnp.fill_diagonal(x, y + k, inplace=False)\n"
    text = promote(one, code, 2, [case(x=(2, 4, 4), y=(2, 4))]).text
    assert "input = tf.reshape(tf.sin(tf.range(32.0)), (2, 4, 4)) | tensor(rank={1, 2, 3}" in text
    assert "try      k = 2" in text
    rules_with(text)


def test_what_an_argument_was_in_the_cases():
    [found] = observed(ast.parse("[x * 2.0, k]", mode="eval").body, [case(x=(2,))])
    assert np.array_equal(found[0], [2.0, 2.0])
    assert found[1] == 2
    assert observed(ast.parse("tf.abs(x)", mode="eval").body, [case(x=(2,))]) == []


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("tf.abs(x) + tf.abs(y)", "def region(x, y):\n    return x\n", "not one call"),
        (
            "tf.math.squared_difference(x=x, y=y + 1)",
            "def region(x, y):\n    return (x - y - 1) ** 2\n",
            "on its own",
        ),
        (
            "tf.math.squared_difference(x=x, y=x)",
            "def region(x, y):\n    return x\n",
            "two parameters",
        ),
        (
            "tf.math.squared_difference(x=x, y=y)",
            "def region(x, y):\n    for _ in range(3):\n        x = x + y\n    return x\n",
            "statements",
        ),
        (
            "tf.math.squared_difference(x=x, y=y)",
            "def region(x, y):\n    d = jnp.exp(x - y)\n    return d * d\n",
            "computed twice",
        ),
    ],
)
def test_what_cannot_be_a_rule(body: str, code: str, words: str):
    one = region(body, symbols=("tf.math.squared_difference",))
    with pytest.raises(NoRule, match=words):
        promote(one, code, 3)
