"""One case of the case list: a public model, how to build it and how to call it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Tier = Literal["easy", "medium", "hard", "very_hard"]
TIERS: tuple[Tier, ...] = ("easy", "medium", "hard", "very_hard")


@dataclass(frozen=True, slots=True)
class Case:
    """The fields of the case list that a run needs.

    `paths` are folders of the cache (none: the package is installed); `file` is relative to one of
    them; `build` and `call` are expressions over the module `m`, `model` and the inputs; `pre` runs
    before the import of `module` and `setup` after it; `stubs` are optional modules that the case
    does not use; `alias` maps a top-level module to the one that stands in for it.
    """

    id: str
    tier: Tier
    core: bool
    keras: Literal["k2", "k3"]
    file: str
    module: str
    build: str
    call: str
    inputs: dict[str, Any]
    paths: tuple[str, ...] = ()
    pre: str = ""
    setup: str = ""
    stubs: tuple[str, ...] = ()
    alias: dict[str, str] | None = None


def case_from_json(data: dict[str, Any]) -> Case:
    """Raises KeyError where a required field is missing."""
    return Case(
        id=data["id"],
        tier=data["difficulty"].replace(" ", "_"),
        core=bool(data.get("core")),
        keras=data["keras"],
        file=data["file"],
        module=data["mod"],
        build=data["build"],
        call=data["call"],
        inputs=data["inputs"],
        paths=tuple(data["path"]),
        pre=data.get("pre", ""),
        setup=data.get("setup", ""),
        stubs=tuple(data.get("stubs", ())),
        alias=data.get("alias"),
    )


def load_cases(path: Path) -> list[Case]:
    return [case_from_json(data) for data in json.loads(path.read_text(encoding="utf-8"))]


def select(cases: Iterable[Case], tier: str, only: Sequence[str]) -> list[Case]:
    """The cases of a tier ("core" and "all" cut across the tiers), or those named by `only`.

    Raises ValueError where `only` names a case that is not in the list.
    """
    cases = list(cases)
    if only:
        unknown = set(only) - {case.id for case in cases}
        if unknown:
            raise ValueError(f"no such case: {', '.join(sorted(unknown))}")
        return [case for case in cases if case.id in only]
    wanted = {"all": lambda case: True, "core": lambda case: case.core}.get(
        tier, lambda case: case.tier == tier
    )
    return [case for case in cases if wanted(case)]
