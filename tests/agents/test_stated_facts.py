"""What prompts hold of TensorFlow's own words: what a call is about, and no more."""

import numpy as np
import pytest
from tfjax.agents.facts import Facts, code, described, document, sentence, steps
from tfjax.agents.proving import example
from tfjax.agents.sandbox.cases import OracleCase

from tests.agents.support import region

DOCUMENT = """Sums things up. (deprecated arguments)

Deprecated: SOME ARGUMENTS ARE DEPRECATED: `(dim)`. They will be removed.
Instructions for updating:
use axis

A story of how sums came about, told at length and of no use to anybody who wants to know what the
function does, let alone with which arguments.

For a vector, computes

    output = sum(x * weight) / total

By setting `exclusive` it leaves out the first:

>>> tf.sum_up(tf.constant([1, 2]), exclusive=True)
<tf.Tensor: shape=(2,), dtype=int32,
numpy=array([0, 1], dtype=int32)>

See [the guide](https://example.org/guide).

Args:
  x: A `Tensor`.
  exclusive: If `True`, leave out the first.
    It is rarely needed. Nobody knows why.
  dim: The old name.

Returns:
  Two tensors: the sum and the rest.
"""


def test_a_document_is_cut_to_what_the_call_is_about():
    assert document(DOCUMENT, ["exclusive"], 330).splitlines() == [
        "Sums things up.",
        "For a vector, computes",
        "    output = sum(x * weight) / total",
        "By setting exclusive it leaves out the first:",
        ">>> tf.sum_up(tf.constant([1, 2]), exclusive=True)",
        "[0, 1]",
        "exclusive: If True, leave out the first. It is rarely needed.",
        "Returns: Two tensors: the sum and the rest.",
    ]


def test_beside_code_a_document_is_short():
    assert document(DOCUMENT, ["exclusive"], 160).splitlines() == [
        "Sums things up.",
        "For a vector, computes",
        "    output = sum(x * weight) / total",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Return the sum.\n\nLong story.", "Return the sum"),
        ("Alias of :func:`jax.numpy.abs`.", "Alias of jax.numpy.abs"),
        ("", ""),
        ("Word " * 40, "Word " * 15 + "Word ..."),
    ],
)
def test_the_sentence_of_a_card(text: str, expected: str):
    assert sentence(text) == expected


STEPS = '''
@tf_export("unit")
@dispatch.add_dispatch_support
def unit(x: Any, axis=None, epsilon=1e-12, name=None, dim=None) -> Any:
  """Documentation."""
  axis = deprecated_argument_lookup("axis", axis, "dim", dim)
  with ops.name_scope(name, "unit", [x]) as name:
    x = ops.convert_to_tensor(x, name="x")
    if x.dtype.is_complex:
      return math_ops.complex(x, x, name=name)
    if axis is None:
      x = array_ops.reshape(x, [-1])
    x.shape.assert_has_rank(2)
    if epsilon < 0:
      raise ValueError("no")
    total = math_ops.reduce_sum(gen_math_ops.square(x), axis, keepdims=True)
    return math_ops.multiply(x, math_ops.rsqrt(math_ops.maximum(total, epsilon)), name=name)
'''


def test_code_is_cut_to_its_steps():
    """Scopes of names, conversions, checks and branches that the call does not take are gone."""
    one = region("tf.unit(x=y, axis=-1)", ("y",))
    assert steps(one, Facts(codes={"tf.unit": STEPS})).splitlines() == [
        "def region(y):",
        "    x = y",
        "    axis = -1",
        "    epsilon = 1e-12",
        "    total = tf.reduce_sum(tf.square(x), axis, keepdims=True)",
        "    return tf.multiply(x, tf.rsqrt(tf.maximum(total, epsilon)))",
    ]
    whole = region("tf.unit(x=x)", ("x",))
    assert "    x = tf.reshape(x, [-1])" in steps(whole, Facts(codes={"tf.unit": STEPS}))
    # A call within another one stays a call.
    inner = region("tf.abs(x=tf.unit(x=x))", ("x",))
    assert steps(inner, Facts(codes={"tf.unit": STEPS})) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no code at all (",
        "x = 1",
        # Wrappers of one operation say nothing, nor does generated code.
        "def f(x, name=None):\n  return gen_math_ops.f(x, name)\n",
        "def f(x, k=None):\n  if k is None:\n    k = 'a'\n  return gen_math_ops.f(x, k=k)\n",
        "def f(x):\n  r = pywrap_tfe.run(x)\n  return r + r * r\n",
        "def f(x):\n  try:\n    y = x * x + x\n  except ValueError:\n    y = x\n  return y\n",
    ],
)
def test_code_that_says_nothing_is_left_out(text: str):
    assert code(text) is None


def test_long_code_is_left_out():
    text = "def f(x):\n" + "  x = math_ops.square(x) + x\n" * 60 + "  return x\n"
    assert steps(region("tf.f(x=x)", ("x",)), Facts(codes={"tf.f": text})) == ""


def test_what_a_prompt_says_of_a_region():
    one = region("tf.unit(x=x, axis=-1)", ("x",))
    facts = Facts({"tf.unit": "Makes it one long.\n\nArgs:\n  axis: Where."}, {"tf.unit": STEPS})
    told = described(one, facts)
    assert told[0] == "What tf.unit does:\nMakes it one long."
    assert len(told) == 1
    assert described(one, Facts()) == []
    assert described(one, Facts({"tf.unit": "Makes it one long.\n\nArgs:\n  axis: Where."})) == [
        "What tf.unit does:\nMakes it one long.\naxis: Where."
    ]


def case(style: str, *shape: int) -> OracleCase:
    values = np.linspace(0, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    return OracleCase(style, {"x": values}, {"k": 2}, [values * 2], [None])


def test_an_example_is_small_and_telling():
    cases = [case("general", 9, 9), case("special", 2, 3), case("general", 1, 1)]
    assert example([*cases, case("general", 2, 3)]) == (
        "x = float32[2, 3] [[0.0, 0.2, 0.4], [0.6, 0.8, 1.0]], k = 2\n"
        "-> float32[2, 3] [[0.0, 0.4, 0.8], [1.2, 1.6, 2.0]]"
    )
    assert example(cases) == "x = float32[9, 9], k = 2\n-> float32[9, 9]"
    assert example([]) == ""
