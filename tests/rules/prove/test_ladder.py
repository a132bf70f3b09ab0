"""What a proof says: proved, failed with a counterexample, no case."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow", reason="the proofs run the real TensorFlow")

from tfjax.rules.language import RuleSet
from tfjax.rules.language.records import Rule
from tfjax.rules.prove.ladder import Effort, Ladder
from tfjax.rules.prove.outcome import UnitResult
from tfjax.transpiler.prove.translation import Compiler

HEAD = "rule r\n  from tf.nn.relu(features: Tensor[T, S], name: Ignored = None)\n"


def proved(text: str, symbol: str = "tf.nn.relu", cases: int = 12) -> UnitResult:
    rules = RuleSet.parse(text)
    rule = rules.for_symbol(symbol)
    assert isinstance(rule, Rule)
    return Ladder(Compiler(rules), Effort(cases)).prove(rule, symbol, "keras3", [])


@pytest.mark.verify
def test_a_right_rule() -> None:
    found = proved(HEAD + "  where T in floating\n  to nnx.relu(features)\n")
    assert (found.status, found.failures, found.domain) == ("proved", [], ("types",))
    assert found.cases >= 12 and (found.rejected, found.refused) == (0, 0)


@pytest.mark.verify
def test_a_wrong_rule_with_its_smallest_counterexample() -> None:
    found = proved(HEAD + "  where T in {float32}\n  to jnp.abs(features)\n")
    (failure,) = found.failures
    assert (found.status, failure.level) == ("failed", "L2")
    assert failure.case == "tf.nn.relu(features=features)"
    assert failure.code == "jnp.abs(features)"
    assert failure.inputs["features"].startswith("float32[")
    assert "only with negative inputs" in failure.causes[0]


@pytest.mark.verify
def test_a_case_that_tensorflow_refuses_does_not_count() -> None:
    found = proved(HEAD + "  where T in boolean\n  to nnx.relu(features)\n")
    assert (found.status, found.cases) == ("no case", 0)
    assert found.rejected >= 6


@pytest.mark.verify
def test_a_case_that_the_rule_refuses_does_not_count() -> None:
    found = proved(HEAD + '  unless floating(features) else TJ3004 "no"\n  to nnx.relu(features)\n')
    assert found.refused > 0
    assert found.status == "proved"


@pytest.mark.verify
def test_a_domain_that_cannot_be_read() -> None:
    found = proved(HEAD + "  to nnx.relu(features)\n  try features = tensor(ranks=2)\n")
    assert [f.message for f in found.failures] == ["try: tensor() has no `ranks`"]


@pytest.mark.verify
def test_a_wrong_shape_rule() -> None:
    found = proved(HEAD + "  gives reduce(features, 0)\n  to nnx.relu(features)\n")
    assert found.failures[0].level == "L1"
    assert "`gives` says shape" in found.failures[0].message


@pytest.mark.verify
def test_a_result_survives_the_cache() -> None:
    found = proved(HEAD + "  to jnp.abs(features)\n")
    assert UnitResult.from_json(found.to_json()) == found


ROUND = """rule r
  from  tf.round(x: Tensor[T, S], name: Ignored = None)
  where T in {float32}
"""


@pytest.mark.verify
def test_a_jump_at_a_half_is_explained_by_nothing() -> None:
    found = proved(ROUND + "  to jnp.floor(x + 0.5)\n", "tf.round")
    assert found.status == "failed"
    assert proved(ROUND + "  to jnp.round(x)\n", "tf.round").status == "proved"


OVERFLOW = """rule r
  from  tf.nn.softplus(features: Tensor[T, S], name: Ignored = None)
  where T in {float32}
  to    jnp.log(1.0 + jnp.exp(features))
"""


@pytest.mark.verify
def test_an_overflow_is_found() -> None:
    assert proved(OVERFLOW, "tf.nn.softplus").status == "failed"


RELU = HEAD + "  where T in {float32}\n  to jnp.where(features > 0, features, 0.0)\n"


@pytest.mark.verify
def test_a_caveat_excuses_what_its_head_names_and_nothing_else() -> None:
    assert proved(RELU).status == "failed"  # NaN is lost
    assert proved(RELU + '  caveat "NaN gives 0"\n').status == "failed"
    assert proved(RELU + '  caveat "NaN: gives 0"\n').status == "proved"
    assert proved(RELU + '  caveat "NaN of relu: gives 0"\n').status == "proved"
    assert proved(RELU + '  caveat "NaN of gelu: gives 0"\n').status == "failed"
    assert proved(RELU + '  caveat "infinity: gives 0"\n').status == "failed"


@pytest.mark.verify
def test_a_rule_that_nothing_can_try_says_why() -> None:
    found = proved(RELU + '  caveat "untried: it prints"\n')
    assert (found.status, found.untried, found.cases) == ("untried", "untried: it prints", 0)


ASSIGN = """rule r
  from tf.compat.v1.assign_add(ref: Any, value: Tensor, name: Ignored = None)
  try  ref = variable(rank=1, dtypes={float32}), value = like(ref)
"""


@pytest.mark.verify
def test_what_a_variable_holds_afterwards_is_compared() -> None:
    symbol = "tf.compat.v1.assign_add"
    assert proved(ASSIGN + "  to ref.set_value(ref[...] + value)\n", symbol).status == "proved"
    assert proved(ASSIGN + "  to ref.set_value(value)\n", symbol).status == "failed"
