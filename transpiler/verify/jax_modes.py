"""The modes beyond outputs, gradients and state: run once the outputs prove the weight map."""
# pyright: basic

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .case import VerifyCase
from .jax_compare import Comparer
from .jax_structure import Path
from .modes import Mode
from .pairing import Candidate
from .result import Comparison
from .structure import Structure

if TYPE_CHECKING:
    from .jax_exchange import Exchange


@dataclass(frozen=True)
class Measured:
    """What is there after the first comparison; `said` grows with every warning, `rebuild` makes
    the model anew."""

    case: VerifyCase
    comparer: Comparer
    candidate: Candidate
    source: Structure
    paths: dict[int, Path]
    said: list[warnings.WarningMessage]
    rebuild: Callable[[], Any]
    exchange: Exchange | None = None


Run = Callable[[Measured], Comparison]


def further_modes(asked: Sequence[Mode]) -> list[tuple[Mode, Run]]:
    """The modes that are asked for, with what compares them; what a mode raises is a failure of
    that mode."""
    from .jax_double import compare_double
    from .jax_export import lower_everywhere
    from .jax_nnx import compare_nnx_modes
    from .jax_trajectory import compare_trajectory
    from .jax_transforms import compare_transforms
    from .jax_warnings import judge_warnings
    from .jax_worst import compare_worst

    runs: dict[Mode, Run] = {
        "trajectory": compare_trajectory,
        "transforms": compare_transforms,
        "export": lower_everywhere,
        "nnx": compare_nnx_modes,
        "warnings": judge_warnings,
        "worst": compare_worst,
        "double": compare_double,  # last: it changes the types of the model's variables
    }
    return [(mode, _guarded(run)) for mode, run in runs.items() if mode in asked]


def _guarded(run: Run) -> Run:
    def guarded(measured: Measured) -> Comparison:
        try:
            return run(measured)
        except Exception as error:
            text = f"{type(error).__name__}: {str(error).strip()[:500]}"
            return Comparison("fail", message=text)

    return guarded
