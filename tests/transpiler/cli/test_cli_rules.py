"""`tfjax-compile rules ...`."""

from collections.abc import Callable

import pytest
from conftest import Tool

GOOD = """\
rule my_relu
  from     tf.nn.relu(features: Tensor[T, S], name: Ignored = None)
  to       jnp.maximum(features, 0)
  example  tf.nn.relu(x) => jnp.maximum(x, 0)
"""


def test_help_names_the_commands(tool: Tool):
    done = tool("rules", "--help")
    assert done.code == 0
    assert "check" in done.out


def test_check_accepts_a_good_file(tool: Tool, files: Callable[[dict[str, str]], None]):
    files({"my.rules": GOOD})
    done = tool("rules", "check", "--static", "my.rules")
    assert done.code == 0
    assert "overrides the rule for `tf.nn.relu`" in done.out


def test_check_says_what_is_wrong(tool: Tool, files: Callable[[dict[str, str]], None]):
    files({"my.rules": GOOD.replace("features: T", "feature: T").replace("(features", "(feature")})
    done = tool("rules", "check", "--static", "my.rules")
    assert done.code == 1
    assert "my.rules:1:6: TJ3011: `tf.nn.relu` has no parameter `feature`" in done.out


def test_check_runs_the_examples(tool: Tool, files: Callable[[dict[str, str]], None]):
    files({"my.rules": GOOD.replace("=> jnp.maximum(x, 0)", "=> jnp.maximum(x, 1)")})
    done = tool("rules", "check", "--static", "my.rules")
    assert done.code == 1
    assert "expected jnp.maximum(x, 1), got jnp.maximum(x, 0)" in done.out


def test_an_unknown_command_is_a_usage_error(tool: Tool):
    assert tool("rules", "nonsense").code == 2


def test_new_prints_a_record_that_checks(tool: Tool, files: Callable[[dict[str, str]], None]):
    done = tool("rules", "new", "tf.nn.softplus")
    assert done.out == (
        "rule softplus\n"
        "  from     tf.nn.softplus(features: Tensor[T, S], name: Ignored = None)\n"
        "  to       jax.nn.softplus(features)\n"
    )
    files({"my.rules": done.out})
    assert tool("rules", "check", "--static", "my.rules").code == 0


def test_new_for_a_layer(tool: Tool):
    done = tool("rules", "new", "keras.layers.LSTM", "--keras", "2")
    assert done.out.startswith("layer LSTM\n  from     keras.layers.LSTM(units: int, ")
    assert 'kernel_initializer: Init = "glorot_uniform"' in done.out.replace("'", '"')


def test_new_for_nothing(tool: Tool):
    done = tool("rules", "new", "tf.no_such_thing")
    assert (done.code, done.out) == (1, "")
    assert "the API has no callable `tf.no_such_thing`" in done.err


def test_prove_needs_something_to_prove(tool: Tool):
    done = tool("rules", "prove", "--only", "tf.no_such_thing")
    assert done.code == 2
    assert "no rule with a symbol to prove matches" in done.err


def test_prove_rejects_a_bad_shard(tool: Tool):
    assert tool("rules", "prove", "--shard", "9/8").code == 2


@pytest.mark.verify
def test_check_proves_the_rules_of_a_file(tool: Tool, files: Callable[[dict[str, str]], None]):
    head = GOOD.partition("  to ")[0]
    files({"my.rules": head + "  to  jnp.abs(features)\n"})
    done = tool("rules", "check", "my.rules", "--cases", "6")
    assert done.code == 1
    assert "tf.nn.relu: rule my_relu, my" in done.out
    assert "cause: only with negative inputs" in done.out


def test_check_says_nothing_of_built_in_records(
    tool: Tool, files: Callable[[dict[str, str]], None]
):
    files({"my.rules": GOOD})
    done = tool("rules", "check", "--static", "my.rules")
    assert all(line.startswith("my.rules") for line in done.out.splitlines())


OWN = """\
import tensorflow as tf


def scaled(x, scale=2.0):
    return tf.nn.relu(x) * scale
"""
RULES = """\
rule scaled
  from  my_ops.scaled(x: Tensor[T, S], scale: float = 2.0)
  where T in {float32}
  gives same(x)
  to    jnp.maximum(x, 0) * scale
  try   x = tensor(rank=1, dims={2}, values=distinct), scale = 3.0
"""


@pytest.mark.verify
def test_check_tries_the_functions_of_a_project(
    tool: Tool, files: Callable[[dict[str, str]], None]
):
    files({"my_ops.py": OWN, "my.rules": RULES})
    assert "no case ran" in tool("rules", "check", "my.rules", "--cases", "2").out
    done = tool("rules", "check", "my.rules", "--import", "my_ops", "--cases", "2")
    assert done.code == 0, done.out
    files({"my.rules": RULES.replace("jnp.maximum(x, 0)", "jnp.maximum(x, 1)")})
    assert tool("rules", "check", "my.rules", "--import", "my_ops", "--cases", "2").code == 1


@pytest.mark.verify
def test_a_rule_that_is_tried_starts_no_process(
    tool: Tool, files: Callable[[dict[str, str]], None]
):
    shut = 'jnp.where(os.system("true") != 0, jnp.maximum({0}, 0), {0})'
    text = GOOD.replace("jnp.maximum(features, 0)", shut.format("features"))
    files({"my.rules": text.replace("jnp.maximum(x, 0)", shut.format("x"))})
    assert tool("rules", "check", "my.rules", "--cases", "1").code == 0
