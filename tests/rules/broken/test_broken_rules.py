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


def units_of(path: Path) -> tuple[RuleSet, list[Unit]]:
    rules = RuleSet.load((BUILTIN,), [path])
    found = find_units(rules, tables=False)
    return rules, [unit for unit in found if is_under(unit.rule.place.path, [path])]


@pytest.mark.verify
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
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
    assert len(FILES) >= 70
