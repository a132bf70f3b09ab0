"""`tfjax-compile rules ...`."""

from collections.abc import Callable

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
    done = tool("rules", "check", "my.rules")
    assert done.code == 0
    assert "overrides the rule for `tf.nn.relu`" in done.out


def test_check_says_what_is_wrong(tool: Tool, files: Callable[[dict[str, str]], None]):
    files({"my.rules": GOOD.replace("features: T", "feature: T").replace("(features", "(feature")})
    done = tool("rules", "check", "my.rules")
    assert done.code == 1
    assert "my.rules:1:6: TJ3011: `tf.nn.relu` has no parameter `feature`" in done.out


def test_check_runs_the_examples(tool: Tool, files: Callable[[dict[str, str]], None]):
    files({"my.rules": GOOD.replace("=> jnp.maximum(x, 0)", "=> jnp.maximum(x, 1)")})
    done = tool("rules", "check", "my.rules")
    assert done.code == 1
    assert "expected jnp.maximum(x, 1), got jnp.maximum(x, 0)" in done.out


def test_an_unknown_command_is_a_usage_error(tool: Tool):
    assert tool("rules", "nonsense").code == 2
