"""Programs with one mistake in the sizes or dtypes: it is found where it is, and blamed on what is
at fault; without the mistake the same program raises no finding.

The programs are in `planted/`, many to a file. In the comments: `#! clash` is where the mistake
must be reported, `#! cause` are places that the report must point at, and `fix: CODE` is what the
line must be for the program to be right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from tfjax.transpiler.analysis import Analysis, analyse_text

FOLDER = Path(__file__).parent / "planted"
PRELUDE = """\
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
"""
MARK = re.compile(r"\s*#! (.*)$")


@dataclass(frozen=True)
class Planted:
    """A program with a mistake, its lines of interest, and the program without."""

    broken: str
    fixed: str
    clash: int
    causes: frozenset[int]


def read(text: str) -> Planted:
    broken, fixed = PRELUDE.splitlines(), PRELUDE.splitlines()
    clash, causes = 0, set[int]()
    for line in text.splitlines():
        marks = MARK.search(line)
        words = marks.group(1).split("fix: ") if marks else [""]
        code = MARK.sub("", line)
        broken.append(code)
        indent = code[: len(code) - len(code.lstrip())]
        fixed.append(indent + words[1] if len(words) > 1 else code)
        if "clash" in words[0]:
            clash = len(broken)
        if "cause" in words[0]:
            causes.add(len(broken))
    return Planted("\n".join(broken), "\n".join(fixed), clash, frozenset(causes))


def programs() -> dict[str, Planted]:
    found: dict[str, Planted] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for part in path.read_text("utf-8").split("--- ")[1:]:
            name, _, text = part.partition("\n")
            found[f"{path.stem}/{name.strip()}"] = read(text)
    return found


PROGRAMS = programs()


def problems(analysis: Analysis) -> list[str]:
    assert not analysis.failures and not analysis.exhausted
    return [f"{c.place.span}: {c.code} {c.message}" for c in analysis.conflicts]


@pytest.mark.parametrize("name", PROGRAMS)
def test_mistake_is_found_where_it_is(name: str):
    planted = PROGRAMS[name]
    analysis = analyse_text(planted.broken)
    assert len(problems(analysis)) == 1, problems(analysis)
    (conflict,) = analysis.conflicts
    span = conflict.place.span
    assert span.start_line <= planted.clash <= span.end_line, problems(analysis)
    lines = {place.span.start_line for place, _ in conflict.notes}
    assert planted.causes <= lines | {span.start_line}, (conflict.message, lines)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_without_the_mistake_is_silent(name: str):
    assert problems(analyse_text(PROGRAMS[name].fixed)) == []


def test_there_are_many():
    assert len(PROGRAMS) >= 60
    assert all(p.clash and p.fixed != p.broken for p in PROGRAMS.values())
