"""The play of a public package: which commands it gives, and what it takes for a success."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchmarks.agents.package import Scene, play
from benchmarks.cases.case import Case

CASE = Case("one", "easy", True, "k2", "pkg/net.py", "pkg.net", "m.Net()", "model(x)", {})


@dataclass(frozen=True, slots=True)
class Scripted(Scene):
    """Steps that only say what they were asked: `left` places are open in each state."""

    left: dict[str, int] = field(default_factory=dict[str, int])
    promote_status: int = 0
    asked: list[str] = field(default_factory=list[str])

    def verify(self, name: str, command: str, *options: str) -> dict[str, Any]:
        self.asked.append(f"{name}: {command} {' '.join(options)}")
        return {"unhandled": self.left[name], "verified": not self.left[name]}

    def agents(self, *words: str) -> int:
        self.asked.append(" ".join(words))
        return self.promote_status if words[0] == "promote" else 0

    def fill(self, model: object) -> Path:
        self.asked.append("fill")
        return self.work / "agents"

    def output(self, name: str) -> str:
        return "text"


GOOD = {"bare": 6, "filled": 0, "promoted": 0}


@pytest.mark.parametrize(
    ("left", "status", "expected"),
    [
        (GOOD, 0, True),
        ({**GOOD, "bare": 0}, 0, False),
        ({**GOOD, "filled": 1}, 0, False),
        ({**GOOD, "promoted": 2}, 0, False),
        (GOOD, 1, False),
    ],
)
def test_the_play(tmp_path: Path, left: dict[str, int], status: int, expected: bool):
    scene = Scripted(CASE, Path("cases.json"), Path("cache"), tmp_path, left, status)
    assert play(scene, ["--replay", "answers.jsonl"]) is expected
    bare, fill, filled, promote, promoted = scene.asked
    assert bare.endswith("off.rules --no-verify")
    assert fill == "fill"
    assert "off.rules --fills" in filled
    assert promote.startswith("promote")
    # The last state has neither fills nor a model.
    assert promoted.rstrip().endswith(f"off.rules --rules {tmp_path / 'promoted.rules'}")


def test_the_output_of_a_state_is_not_the_driver_s_source(tmp_path: Path):
    for folder in ("src", "out"):
        path = tmp_path / "filled" / "one" / folder / "pkg" / "net.py"
        path.parent.mkdir(parents=True)
        path.write_text(folder)
    assert Scene(CASE, Path(), Path(), tmp_path).output("filled") == "out"
