"""Decides about candidates: the static checks, then the sandbox on the oracle's cases.

The oracle's cases are made before any candidate exists, from the region's own TensorFlow code. Two
seeds make two sets of inputs: one that the coder sees failures of, one that is held back and judges
what passed the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .candidate import shape_of
from .contract import Region
from .facts import Facts, sentence
from .sandbox.cases import OracleCase, load_cases
from .sandbox.pool import Sandbox
from .validators.static import check_static
from .validators.verdict import Verdict, from_trial

SEEN, HELD_BACK = 0, 7919
"""Seeds of the two sets of cases."""
TELLING, SHOWN = 9, 16
"""Numbers that an example holds at least, and an array of it at most."""


def recorded(folder: Path, region: Region) -> list[OracleCase]:
    """The cases of a region that a prover has left in its folder; none where it has not."""
    try:
        return load_cases(_file(folder, region, SEEN))
    except (OSError, ValueError):
        return []


def example(cases: Sequence[OracleCase]) -> str:
    """A case of ordinary values, as prompts show it: a small one that shows more than a single
    item, of large ones the shapes."""
    plain = [case for case in cases if case.style == "general" and case.outputs]
    if not plain:
        return ""
    case = next((one for one in plain if TELLING <= _size(one) <= 3 * SHOWN), plain[0])
    given = [f"{name} = {_shown(array)}" for name, array in case.arrays.items()]
    given += [f"{name} = {value!r}" for name, value in case.statics.items()]
    return f"{', '.join(given)}\n-> {', '.join(map(_shown, case.outputs))}"


def _size(case: OracleCase) -> int:
    return sum(array.size for array in (*case.arrays.values(), *case.outputs))


def _shown(array: np.ndarray) -> str:
    head = f"{array.dtype}[{', '.join(map(str, array.shape))}]"
    if array.size > SHOWN:
        return head
    rounded = np.round(array.astype(np.float64), 2) + 0.0 if array.dtype.kind == "f" else array
    return f"{head} {rounded.tolist()}"


def _file(folder: Path, region: Region, seed: int) -> Path:
    return folder / f"{region.key}-{seed}.npz"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for the recording of a region's cases, and for the trial of one candidate."""

    record_seconds: float = 120.0
    trial_seconds: float = 60.0


class Prover:
    """The two sandbox processes and the cases recorded so far, in `folder`."""

    def __init__(self, folder: Path, limits: Limits = Limits()) -> None:
        self._folder, self._limits = folder, limits
        # Only the oracle writes cases: what judges a candidate is out of the candidate's reach.
        self._source, self._target = Sandbox("source", folder), Sandbox("target")
        self._verdicts: dict[tuple[str, str], Verdict] = {}
        self._sentences: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)

    async def facts(self, region: Region, names: Sequence[str]) -> Facts:
        """What the frameworks say of a region's symbols and of JAX functions, and a recorded case.
        A text that cannot be had is left out."""
        job = {"describe": region.symbols, "keras": region.keras}
        said = await self._source.call(job, self._limits.record_seconds)
        new = [name for name in names if name not in self._sentences]
        if new:
            told = await self._target.call({"describe": new}, self._limits.trial_seconds)
            texts: dict[str, str] = told.get("sentences", {})
            self._sentences |= {name: sentence(text) for name, text in texts.items()}
        return Facts(
            said.get("documents", {}),
            said.get("codes", {}),
            {name: self._sentences.get(name, "") for name in names},
            example(recorded(self._folder, region)),
        )

    async def prepare(self, region: Region) -> str:
        """Records the region's cases. Returns why that cannot be done, "" when it can."""
        for seed in (SEEN, HELD_BACK):
            file = self._file(region, seed)
            if file.exists():
                continue
            job = {"region": region.to_json(), "seed": seed, "file": str(file.absolute())}
            answer = await self._source.call(job, self._limits.record_seconds)
            problem = answer.get("undecidable") or answer.get("error")
            if problem:
                return str(problem)
        return ""

    async def judge(self, region: Region, code: str) -> Verdict:
        """The first check that refuses the code, or acceptance by all of them."""
        known = (region.key, shape_of(code))
        if known not in self._verdicts:
            self._verdicts[known] = await self._judge(region, code)
        return self._verdicts[known]

    async def _judge(self, region: Region, code: str) -> Verdict:
        refused = check_static(code, region)
        if refused is not None:
            return refused
        seen = await self._trial(region, code, SEEN)
        if not seen.accepted:
            return seen
        held_back = await self._trial(region, code, HELD_BACK)
        if not held_back.accepted:
            # What exactly failed stays unsaid: a model could fit its answer to it.
            return Verdict(False, "held back", "it fails on inputs that were not shown")
        caveats = tuple(dict.fromkeys((*seen.caveats, *held_back.caveats)))
        counts = (seen.cases + held_back.cases, seen.gradients + held_back.gradients)
        return Verdict(True, "accepted", cases=counts[0], gradients=counts[1], caveats=caveats)

    async def check(self, region: Region, code: str, seed: int) -> Verdict:
        """The numeric checks alone, on fresh inputs: for a second opinion on what was accepted."""
        file = self._file(region, seed)
        if not file.exists():
            job = {"region": region.to_json(), "seed": seed, "file": str(file.absolute())}
            answer = await self._source.call(job, self._limits.record_seconds)
            problem = answer.get("undecidable") or answer.get("error")
            if problem:
                return Verdict(False, "oracle", str(problem))
        return await self._trial(region, code, seed)

    async def _trial(self, region: Region, code: str, seed: int) -> Verdict:
        job = {"code": code, "file": str(self._file(region, seed).absolute())}
        return from_trial(await self._target.call(job, self._limits.trial_seconds))

    def _file(self, region: Region, seed: int) -> Path:
        return _file(self._folder, region, seed)

    async def close(self) -> None:
        await self._source.close()
        await self._target.close()
