"""An output against a frozen oracle: only the JAX side runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from .api import Runner, run_cases
from .case import Side, VerifyCase
from .frozen import FrozenCase, load
from .modes import TARGET_ONLY, Mode
from .options import VerifyOptions
from .pool import WorkerPool
from .result import VerifyResult


def prove_again(oracle: Path, output: Path, wanted: VerifyOptions) -> list[VerifyResult]:
    """A result for each recorded case; modes that were not recorded are left out.

    Raises FrozenError, and ModuleNotFoundError when jax or flax is missing.
    """
    for name in ("jax", "flax"):
        if find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
    recorded, rules = load(oracle)
    folders = {one.case.name: one for one in recorded}
    cases = [_case(one, output.resolve(), wanted) for one in recorded]

    with WorkerPool() as pool:
        runner = Runner(pool, rules, recorded=_places(folders))
        return run_cases(cases, runner, wanted.jobs)


def _places(folders: dict[str, FrozenCase]) -> Callable[[str, bool], Path]:
    return lambda name, training: folders[name].recorded(training=training).resolve()


def _case(one: FrozenCase, output: Path, wanted: VerifyOptions) -> VerifyCase:
    case = one.case
    paths = (str(one.folder.resolve()), str(output))
    train = case.train
    if train is not None:
        train = replace(train, target=_at(train.target, paths))
    return replace(
        case,
        target=_at(case.target, paths),
        train=train,
        modes=_modes(wanted.modes, case.modes),
        limits=wanted.limits,
        platform=wanted.platform,
    )


def _at(side: Side, paths: tuple[str, ...]) -> Side:
    return replace(side, paths=paths)


def _modes(wanted: Sequence[Mode], recorded: Sequence[Mode]) -> tuple[Mode, ...]:
    return tuple(m for m in wanted if m in recorded or m in TARGET_ONLY)
