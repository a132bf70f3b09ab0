"""Fills as rules: what a record says, and what it is not said of."""

import pytest
from tfjax.agents.promote import NoRule, promote
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


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("tf.abs(x) + tf.abs(y)", "def region(x, y):\n    return x\n", "not one call"),
        (
            "tf.math.squared_difference(x=x, y=y + 1)",
            "def region(x, y):\n    return x\n",
            "expression",
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
