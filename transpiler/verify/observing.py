"""`--observe`: the source runs once, for the programs of the settings or those that are found."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..analysis.facts import ArrayFact, Fact, ListFact, LiteralFact, Observed
from ..files import SourceFile
from .case import Side, VerifyCase
from .drivers import Program, driver_source
from .pool import WorkerPool
from .prepare import source_roots, write

DRIVER = "tfjax_observed"


def observe(
    programs: Sequence[Program], sources: Sequence[SourceFile], flavour: str
) -> tuple[Observed, tuple[str, ...]]:
    """What the runs told, and a line for each program that did not run."""
    found: dict[tuple[str, str], dict[str, Fact]] = {}
    failed: list[str] = []
    calls = 0
    with tempfile.TemporaryDirectory(prefix="tfjax-observe-") as name, WorkerPool() as pool:
        folder = Path(name)
        roots = source_roots(sources, folder / "source")
        for number, program in enumerate(programs):
            driver = f"{DRIVER}_{number}"
            write(folder / "drivers" / f"{driver}.py", driver_source(program))
            call = f"m.call({', '.join(['model', *program.inputs])})"
            paths = (str(folder / "drivers"), *roots)
            side = Side(driver, "m.build()", call, paths)
            case = VerifyCase(
                name=program.name,
                flavour="keras2" if flavour in ("2", "keras2") else "keras3",
                source=side,
                target=side,
                inputs=dict(program.inputs),
                sizes=dict(program.sizes or {}),
            )
            result = pool.run("observe_worker", case, folder / f"job{number}", {})
            if result.get("status") != "ok":
                failed.append(f"`{program.name}`: {result.get('message', '')}")
                continue
            calls += result["calls"]
            for key, given in result["functions"].items():
                facts = _facts(given)
                place = place_of_function(key)
                known = found.get(place)
                found[place] = facts if known is None else _common(known, facts)
    return Observed(found, calls), tuple(failed)


def place_of_function(key: str) -> tuple[str, str]:
    """The module and the qualified name from "folder/file.py:Block.call"."""
    file, _, name = key.rpartition(":")
    parts = list(Path(file).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts), name


def _facts(given: Mapping[str, Any]) -> dict[str, Fact]:
    found = {name: fact_of(data) for name, data in given.items()}
    return {name: fact for name, fact in found.items() if fact is not None}


def fact_of(data: Mapping[str, Any]) -> Fact | None:
    if "value" in data:
        return LiteralFact(data["value"])
    if "dims" in data:
        return ArrayFact(data["dtype"], tuple(data["dims"]))
    if "items" in data:
        return ListFact(tuple(map(fact_of, data["items"])), bool(data["tuple"]))
    return None


def _common(left: Mapping[str, Fact], right: Mapping[str, Fact]) -> dict[str, Fact]:
    """What two programs agree on; sizes that differ are open."""
    found: dict[str, Fact] = {}
    for name in left.keys() & right.keys():
        fact = _joined(left[name], right[name])
        if fact is not None:
            found[name] = fact
    return found


def _joined(left: Fact, right: Fact) -> Fact | None:
    match left, right:
        case ArrayFact(), ArrayFact() if len(left.dims) == len(right.dims):
            pairs = zip(left.dims, right.dims, strict=True)
            dtype = left.dtype if left.dtype == right.dtype else None
            return ArrayFact(dtype, tuple(a if a == b else None for a, b in pairs))
        case _:
            return left if left == right else None
