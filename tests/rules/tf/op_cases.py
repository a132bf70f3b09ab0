"""The expressions to prove: `cases/FAMILY.txt`, one a line, over the inputs of `prove_ops`.

After ` # `, by commas: `no jit` (the shape of the result depends on data), `no grad` (TensorFlow
has no gradient, or a caveat of the rule says how it differs), `no gives` (the shape rule assumes a
batch), `facts` (the translation needs to know dtypes or that something is a size), `tolerance T`
(relative to the largest magnitude).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from prove_ops import Case

FOLDER = Path(__file__).with_name("cases")
FAMILIES = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))
BOTH_FLAVOURS = ("backend",)
"""Families that are proved against Keras 2 as well."""


def read(family: str) -> list[Case]:
    lines = (FOLDER / f"{family}.txt").read_text(encoding="utf-8").splitlines()
    cases = [_case(line) for line in lines if line.strip()]
    if family in BOTH_FLAVOURS:
        cases += [replace(case, keras="keras2") for case in cases]
    return cases


def _case(line: str) -> Case:
    """Raises ValueError for an unknown option."""
    text, _, words = line.partition("  # ")
    case = Case(text)
    for option in filter(None, words.split(", ")):
        match option.split():
            case ["no", "jit"]:
                case.jit = False
            case ["no", "grad"]:
                case.grad = False
            case ["no", "gives"]:
                case.gives = False
            case ["facts"]:
                case.blind = False
            case ["tolerance", number]:
                case.tolerance = float(number)
            case _:
                raise ValueError(f"unknown option {option!r} in {line!r}")
    return case
