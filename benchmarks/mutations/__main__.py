"""`python -m benchmarks.mutations`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from . import __doc__ as summary
from .outcome import Outcome, Results
from .run import Sampling, run


def main() -> None:
    parser = argparse.ArgumentParser(description=(summary or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--mode", default="basic,train,double")
    parser.add_argument("--programs", type=int, help="a sample of so many programs")
    parser.add_argument("--only", action="append", default=[], help="a program by its name")
    parser.add_argument("--results", type=Path, help="where outcomes are kept")
    parser.add_argument("--again", action="store_true", help="run kept misses once more")
    given = parser.parse_args()
    only = frozenset[str](given.only)
    sampling = Sampling(given.count, given.seed, given.jobs, given.mode, given.programs, only)
    outcomes = run(given.folder, sampling, Results(given.results, again=given.again))
    report(outcomes)


def report(outcomes: Sequence[Outcome]) -> None:
    """The figures, for each program and each kind, and what was not caught or not named."""
    idle = [one for one in outcomes if not one.runs]
    outcomes = [one for one in outcomes if one.runs]
    caught = [one for one in outcomes if one.caught]
    named = [one for one in caught if one.named]
    between = [one for one in caught if one.bracketed and not one.named]
    for of in (lambda one: one.case, lambda one: one.kind):
        for name in sorted({of(one) for one in outcomes}):
            counts = [sum(of(one) == name for one in group) for group in (outcomes, caught, named)]
            print(f"{name:28} {counts[0]:4} mutations {counts[1]:4} caught {counts[2]:4} named")
    print(f"caught {len(caught)} of {len(outcomes)}; {len(idle)} more are in code that is not run")
    print(f"of these, line named {len(named)}, bracketed {len(between)}")
    for one in outcomes:
        if not (one.caught and one.named):
            print(one.describe())


if __name__ == "__main__":
    main()
