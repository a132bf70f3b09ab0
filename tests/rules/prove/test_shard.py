"""A fair part of the rules is proved in every run; `make prove` proves them all."""

from __future__ import annotations

import importlib.util

import pytest
from tfjax.rules.language import RuleSet
from tfjax.transpiler.prove.pool import Settings, prove_units
from tfjax.transpiler.prove.summary import counterexamples
from tfjax.transpiler.prove.units import chosen, find_units, shard

NEEDED = ("tensorflow", "tf_keras", "jax", "flax", "optax", "hypothesis")
MISSING = [name for name in NEEDED if not importlib.util.find_spec(name)]
PARTS = 16


@pytest.mark.verify
@pytest.mark.skipif(bool(MISSING), reason=f"needs the verify extra: {MISSING}")
def test_a_part_of_the_rules_is_proved() -> None:
    units = shard(find_units(RuleSet.load()), 0, PARTS)
    results = prove_units(units, Settings(jobs=1, cases=6, unit_seconds=10), lambda result: None)
    assert len(results) == len(units) > 40
    assert counterexamples(results) == []


def test_parts_are_disjoint_and_whole() -> None:
    units = find_units(RuleSet.load())
    parts = [{unit.key for unit in shard(units, part, 4)} for part in range(4)]
    assert sum(map(len, parts)) == len(units) == len(set().union(*parts))
    assert min(map(len, parts)) > len(units) / 5


def test_units_are_chosen_by_symbol_rule_or_family() -> None:
    units = find_units(RuleSet.load(), tables=False)
    assert {u.symbol for u in chosen(units, ["tf.nn.relu6"])} == {"tf.nn.relu6"}
    assert {u.family for u in chosen(units, ["tf/reduce"])} == {"tf/reduce"}
    assert {u.rule.name for u in chosen(units, ["argmax"])} == {"argmax"}


def test_fixed_cases_belong_to_a_symbol() -> None:
    units = {u.key: u for u in find_units(RuleSet.load())}
    assert len(units["keras2:keras.layers.Conv2D"].fixed) > 5
    assert "tf.gather_nd(params, bidx)" not in units["keras3:tf.gather"].fixed
    assert units["keras3:tf.gather_nd"].fixed
