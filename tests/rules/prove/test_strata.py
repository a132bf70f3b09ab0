"""Each kind of input is tried: NaN and its like, ties and halves, empty, rank 0, each dtype."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("ml_dtypes", reason="bfloat16 arrays")

from tfjax.rules.language import RuleSet
from tfjax.rules.language.records import Rule
from tfjax.rules.prove.arrays import make
from tfjax.rules.prove.derive import derive
from tfjax.rules.prove.sample import LARGEST, _bounded
from tfjax.rules.prove.strata import LADDER, Stratum, newest, strata

HEAD = """rule r
  from tf.nn.relu(features: Tensor[T, S], name: Ignored = None)
  to nnx.relu(features)
"""


def found(text: str, symbol: str = "tf.nn.relu") -> list[Stratum]:
    rule = RuleSet.parse(text).for_symbol(symbol)
    assert isinstance(rule, Rule)
    return list(strata(rule, derive(rule), symbol, 12))


def test_distinct_values_come_first_and_each_kind_is_there() -> None:
    kinds = found(HEAD)
    assert kinds[0] == Stratum("general", 6)
    assert {s.style for s in kinds} == {"general", "special", "ties", "large", "extreme"}
    assert {s.shape for s in kinds} == {"", "empty", "scalar"}
    assert [s.turn for s in kinds if s.turn is not None] == list(range(1, 11))


def test_each_dtype_of_where_has_its_turn() -> None:
    kinds = found(HEAD + "  where T in floating\n")
    assert [s.turn for s in kinds if s.turn is not None] == [1, 2, 3]


def test_nothing_special_of_values_that_a_domain_bounds() -> None:
    kinds = found(HEAD + "  try features = tensor(values=positive)\n")
    assert "special" not in {s.style for s in kinds}


def test_without_a_tensor_there_is_one_kind() -> None:
    text = "rule r\n  from tf.eye(num_rows: int)\n  to jnp.eye(num_rows)\n"
    assert found(text, "tf.eye") == [Stratum("general", 6)]


def test_special_values_are_all_there_and_with_every_second_seed_without_nan() -> None:
    first, second = (make((9,), "float32", "special", "any", seed) for seed in (0, 1))
    assert np.isnan(first).sum() == 1 and np.isinf(first).sum() == 2
    assert np.signbit(first[first == 0]).any()
    assert not np.isnan(second).any() and np.isinf(second).any()


def test_ties_hold_equal_values_and_halves() -> None:
    array = make((6,), "float32", "ties", "any", 0)
    assert len(np.unique(array)) < array.size
    assert {0.5, -1.5, 2.5} <= set(array.tolist())


def test_large_integers_stay_in_their_dtype() -> None:
    array = make((5,), "int8", "large", "any", 0)
    assert array.dtype == np.int8 and abs(array.astype(int)).max() > 10


def test_extreme_values_are_large_distinct_and_finite() -> None:
    array = make((6,), "float32", "extreme", "any", 1)
    assert (np.abs(array) >= 100).all() and (np.abs(array) <= 30000).all()
    assert (array < 0).any() and (array > 0).any() and len(np.unique(array)) == 6


def test_a_large_array_loses_its_batch_and_channels_before_its_sizes() -> None:
    assert _bounded((8, 8, 8, 8)) == (2, 8, 8, 2)
    assert _bounded((3, 4)) == (3, 4)
    assert np.prod(_bounded((9, 9, 9, 9, 9))) <= LARGEST


def test_of_a_proof_only_the_newer_strata_are_missing() -> None:
    rule = RuleSet.parse(HEAD).for_symbol("tf.nn.relu")
    assert isinstance(rule, Rule)
    assert newest(rule, derive(rule), "tf.nn.relu") == LADDER
    assert {s.style for s in found(HEAD) if s.since == 2} == {"ties", "extreme"}
    bounded = RuleSet.parse(HEAD + "  try features = tensor(values=positive)\n")
    rule = bounded.for_symbol("tf.nn.relu")
    assert isinstance(rule, Rule)
    assert newest(rule, derive(rule), "tf.nn.relu") == 1
