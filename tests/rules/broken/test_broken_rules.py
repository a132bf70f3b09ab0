"""Rules that look right and are not: each is caught, and the message names the cause.

The second line of a file, `# cause: A|B`, holds what one of the lines must say.
"""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tensorflow", reason="the proofs run the real TensorFlow")

from tfjax.rules.language import BUILTIN, RuleSet
from tfjax.rules.language.files import is_under
from tfjax.rules.prove.ladder import Effort, Ladder
from tfjax.transpiler.prove.translation import Compiler
from tfjax.transpiler.prove.units import Unit, find_units

FILES = sorted(Path(__file__).parent.glob("*.rules"))
# What the ladder misses today, or whose cause it does not name, and why.
MISSED = {
    "resize_antialiases": "the sampled images are made so small that nothing is sized down",
    "round_half_up": "a result that jumps is excused by how TensorFlow's own result moves",
    "softplus_overflows": "the one case of large values stays below the overflow",
    "logsumexp_overflows": "the one case of large values stays below the overflow",
}


def marked(path: Path) -> object:
    reason = MISSED.get(path.stem)
    marks = [] if reason is None else [pytest.mark.xfail(reason=reason)]
    return pytest.param(path, id=path.stem, marks=marks)


def units_of(path: Path) -> tuple[RuleSet, list[Unit]]:
    rules = RuleSet.load((BUILTIN,), [path])
    found = find_units(rules, tables=False)
    return rules, [unit for unit in found if is_under(unit.rule.place.path, [path])]


@pytest.mark.verify
@pytest.mark.parametrize("path", [marked(path) for path in FILES])
def test_broken_rule_is_caught(path: Path) -> None:
    causes = path.read_text("utf-8").splitlines()[1].removeprefix("# cause: ").split("|")
    rules, units = units_of(path)
    ladder = Ladder(Compiler(rules), Effort(cases=25, seconds=60))
    lines = [
        line
        for unit in units
        for failure in ladder.prove(unit.rule, unit.symbol, unit.keras, []).failures
        for line in failure.lines()
    ]
    assert lines, "not caught"
    assert any(cause in line for cause in causes for line in lines), "\n".join(lines)


def test_there_are_enough() -> None:
    assert len(FILES) - len(MISSED) >= 70
