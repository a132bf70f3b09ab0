"""A fair part of the rules is proved in every run; `make prove` proves them all."""

from __future__ import annotations

import importlib.util
import os
from datetime import date

import pytest
from tfjax.rules.language import RuleSet
from tfjax.transpiler.prove.pool import Settings, prove_units
from tfjax.transpiler.prove.record import changed, read_proofs, untried
from tfjax.transpiler.prove.summary import counterexamples
from tfjax.transpiler.prove.units import chosen, find_units, sample, shard

NEEDED = ("tensorflow", "tf_keras", "jax", "flax", "optax", "hypothesis")
MISSING = [name for name in NEEDED if not importlib.util.find_spec(name)]
SIZE = 80


@pytest.mark.verify
@pytest.mark.skipif(bool(MISSING), reason=f"needs the verify extra: {MISSING}")
def test_a_part_of_the_rules_is_proved() -> None:
    """Another part each day, rules that changed since their recorded proof first, without the
    results of earlier runs. TFJAX_SAMPLE_SEED repeats the part of a day. Only what no numbers can
    prove is left out."""
    seed = int(os.environ.get("TFJAX_SAMPLE_SEED", date.today().toordinal()))
    every = find_units(RuleSet.load())
    proofs = read_proofs()
    left_out = untried(every, proofs)
    tried = [unit for unit in every if unit.key not in left_out]
    units = sample(tried, SIZE, seed, changed(every, proofs))
    results = prove_units(units, Settings(jobs=1, cases=6, unit_seconds=60), lambda result: None)
    assert len(results) == len(units) == SIZE
    assert counterexamples(results) == [], f"TFJAX_SAMPLE_SEED={seed}"
    # One case may be that of another symbol that uses this one.
    had = {key for key, proof in proofs.by_key.items() if proof.cases > 1}
    lost = [r.symbol for r in results if r.status == "no case" and f"{r.keras}:{r.symbol}" in had]
    assert lost == [], f"TFJAX_SAMPLE_SEED={seed}"


def test_a_sample_is_another_for_each_seed_and_takes_what_changed_first() -> None:
    units = find_units(RuleSet.load(), tables=False)
    first, second = (sample(units, 40, seed) for seed in (1, 2))
    assert sample(units, 40, 1) == first and len(first) == len(second) == 40
    assert len({u.key for u in first} & {u.key for u in second}) < 20
    assert {u.family for u in sample(units, 80, 1)} == {u.family for u in units}
    wanted = {u.key for u in units if u.family == "tf/signal"}
    found = [u.key for u in sample(units, 20, 3, wanted)]
    assert set(found[:10]) <= wanted and len(found) == 20


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
