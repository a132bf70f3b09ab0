"""Workers are bounded in time and memory, and results are kept as they come."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from tfjax.rules.language import RuleSet
from tfjax.rules.prove.outcome import UnitResult
from tfjax.rules.prove.strata import LADDER
from tfjax.transpiler.prove import run as running
from tfjax.transpiler.prove.cache import fingerprint, read_result, unit_key, write_result
from tfjax.transpiler.prove.memory import resident
from tfjax.transpiler.prove.pool import Settings, _Worker
from tfjax.transpiler.prove.record import changed, read_proofs, untried, write_proofs
from tfjax.transpiler.prove.units import Unit, find_units

LINUX = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
TEXT = """family f
  from each(x: Tensor[T, S], name: Ignored = None)
  to   target(x)
  each tf.math.sin -> jnp.sin
       tf.math.cos -> jnp.cos
"""


@pytest.fixture
def units() -> list[Unit]:
    return find_units(RuleSet.parse(TEXT), tables=False)


def worker(settings: Settings, code: str) -> tuple[_Worker, subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    found = _Worker(settings)
    found._process = process
    found._stage.write_text("tf.sin(x)", encoding="utf-8")
    found._log.touch()
    return found, process


@LINUX
def test_a_worker_that_takes_too_much_memory_is_ended(units: list[Unit]) -> None:
    code = "import time; held = bytearray(b'x') * (120 << 20); time.sleep(60)"
    pool, process = worker(Settings(most_memory=80), code)
    found = pool.prove(units[0])
    assert (found.status, found.lost) == ("failed", True)
    assert "the worker process ended: it held" in found.failures[0].message
    assert process.poll() is not None
    pool.close()


def test_a_worker_that_is_silent_is_ended(units: list[Unit]) -> None:
    pool, process = worker(Settings(patience=0.5), "import time; time.sleep(60)")
    found = pool.prove(units[0])
    assert found.lost and "no result after 0.5 s" in found.failures[0].message
    assert found.failures[0].case == "tf.sin(x)"
    assert process.poll() is not None
    pool.close()


@LINUX
def test_the_memory_of_this_process_is_known() -> None:
    assert 5 < resident() <= resident(peak=True)
    assert resident(999_999_999) == 0


def test_results_are_kept_as_they_come(
    units: list[Unit], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TFJAX_CACHE_DIR", str(tmp_path))
    rules, settings = RuleSet.parse(TEXT), Settings()
    ran: list[str] = []

    def broken_off(
        todo: Sequence[Unit],
        settings: Settings,
        done: Callable[[UnitResult], None],
        since: Mapping[str, int],
    ) -> list[UnitResult]:
        for unit in todo:
            if ran:
                raise KeyboardInterrupt
            ran.append(unit.key)
            found = UnitResult(unit.symbol, unit.keras, unit.rule.name, cases=3, ladder=LADDER)
            done(found.settle())
        return []

    monkeypatch.setattr(running, "prove_units", broken_off)
    quiet = running.Progress(lambda total: None, lambda result: None)
    with pytest.raises(KeyboardInterrupt):
        running.prove(rules, units, settings, quiet)
    kept = [read_result(unit_key(unit, settings.cases)) for unit in units]
    assert [result is not None for result in kept] == [True, False]
    (known,) = running.prove(rules, units, settings, quiet, cached=True)
    assert (known.symbol, known.cases) == ("tf.math.sin", 3)


def test_a_lost_result_is_not_kept(
    units: list[Unit], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TFJAX_CACHE_DIR", str(tmp_path))

    def lost(
        todo: Sequence[Unit],
        settings: Settings,
        done: Callable[[UnitResult], None],
        since: Mapping[str, int],
    ) -> list[UnitResult]:
        found = [UnitResult(u.symbol, u.keras, u.rule.name, lost=True) for u in todo]
        for result in found:
            done(result)
        return found

    monkeypatch.setattr(running, "prove_units", lost)
    quiet = running.Progress(lambda total: None, lambda result: None)
    assert len(running.prove(RuleSet.parse(TEXT), units, Settings(), quiet)) == 2
    assert all(read_result(unit_key(unit, Settings().cases)) is None for unit in units)


def test_of_what_an_earlier_ladder_proved_only_the_new_is_tried(
    units: list[Unit], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TFJAX_CACHE_DIR", str(tmp_path))
    first, second = units
    for unit, status in ((first, "proved"), (second, "no case")):
        old = UnitResult(unit.symbol, unit.keras, unit.rule.name, cases=3, ladder=1)
        old.status, old.codes = status, ["jnp.sin(x)"]
        write_result(unit_key(unit, Settings().cases), old)
    asked: dict[str, int] = {}

    def later(
        todo: Sequence[Unit],
        settings: Settings,
        done: Callable[[UnitResult], None],
        since: Mapping[str, int],
    ) -> list[UnitResult]:
        asked.update({unit.key: since.get(unit.key, 0) for unit in todo})
        found = [UnitResult(u.symbol, u.keras, u.rule.name, cases=2, ladder=LADDER) for u in todo]
        for result in found:
            done(result.settle())
        return found

    monkeypatch.setattr(running, "prove_units", later)
    quiet = running.Progress(lambda total: None, lambda result: None)
    found = running.prove(RuleSet.parse(TEXT), units, Settings(), quiet)
    assert asked == {first.key: 1, second.key: 0}
    assert [(r.status, r.cases) for r in found] == [("proved", 5), ("proved", 2)]
    kept = read_result(unit_key(first, Settings().cases))
    assert kept is not None and (kept.cases, kept.ladder) == (5, LADDER)


def test_recorded_proofs_are_the_same_for_the_same_results(
    units: list[Unit], tmp_path: Path
) -> None:
    sin, cos = units
    first = UnitResult(sin.symbol, sin.keras, cases=7, status="proved")
    second = UnitResult(cos.symbol, cos.keras, notes=["rejected: no such\tthing"])
    path, other = tmp_path / "a.tsv", tmp_path / "b.tsv"
    write_proofs(units, [first, second], path)
    write_proofs(units, [second], other)
    write_proofs(units, [first], other)
    assert path.read_text() == other.read_text()
    proofs = read_proofs(path)
    assert proofs.of(sin.rule, "tf.math.sin") == "L3, 7 cases"
    assert proofs.of(cos.rule, "tf.math.cos") == "L0: rejected: no such thing"
    assert changed(units, proofs) == set()


def test_the_record_has_a_line_for_what_was_not_tried(units: list[Unit], tmp_path: Path) -> None:
    path = tmp_path / "proofs.tsv"
    write_proofs(units, [UnitResult(units[0].symbol, "keras3", cases=1, status="proved")], path)
    proofs = read_proofs(path)
    assert proofs.of(units[1].rule, units[1].symbol) == "L0: not tried yet"
    assert untried(units, proofs) == set() and changed(units, proofs) == set()
    known = UnitResult(units[1].symbol, "keras3", untried="untried: it prints").settle()
    write_proofs(units, [known], path)
    assert untried(units, read_proofs(path)) == {units[1].key}


def test_a_rule_whose_text_changed_is_stale(units: list[Unit], tmp_path: Path) -> None:
    path = tmp_path / "proofs.tsv"
    write_proofs(
        units, [UnitResult(u.symbol, u.keras, cases=2, status="proved") for u in units], path
    )
    (later, *_) = find_units(RuleSet.parse(TEXT.replace("jnp.sin", "jnp.sinh")), tables=False)
    assert fingerprint(later.rule) != fingerprint(units[0].rule)
    assert (
        read_proofs(path).of(later.rule, "tf.math.sin") == "stale: the rule changed since its proof"
    )
    assert changed([later], read_proofs(path)) == {later.key}
