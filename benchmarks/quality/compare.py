"""One case: its source, its translation and its port."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..cases.cache import REPOSITORY
from ..cases.case import Case
from ..cases.compile import compile_case, package_file, roots
from ..cases.driver import NAME
from ..cases.limits import run_limited
from ..cases.result import CaseResult
from .length import code_lines
from .ports import Port

KINDS = ("forward", "gradient")
MEASURES = ("asked", "flops", "bytes")


@dataclass(slots=True)
class Comparison:
    """Figures by side: `lines` for source, translation and port, `costs` (by kind and measure) for
    translation and port. `problem` says what could not be measured."""

    case: str
    problem: str = ""
    lines: dict[str, int] = field(default_factory=dict[str, int])
    costs: dict[str, dict[str, dict[str, float]]] = field(
        default_factory=dict[str, dict[str, dict[str, float]]]
    )

    def ratio(self, kind: str, measure: str) -> float | None:
        """Translation to port; None where either is unknown."""
        if len(self.costs) < 2:
            return None
        return self.costs["translation"][kind][measure] / self.costs["port"][kind][measure]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def compare(case: Case, port: Port, cache: Path, folder: Path | None) -> Comparison:
    """`folder` holds the port's package; None where it is installed."""
    work = cache / ".tfjax-cases" / case.id
    row = Comparison(case.id)
    if not (work / "out").is_dir():
        work.mkdir(parents=True, exist_ok=True)
        result = CaseResult(case.id, case.tier)
        if not compile_case(case, cache, work, result, 300.0, 8.0):
            row.problem = f"does not compile: {result.top}"
            return row
    source = package_file(case, cache)
    port_file = _port_file(port, folder)
    row.lines = {
        "source": code_lines(source.read_text(encoding="utf-8"), entry_of(case.build)),
        "translation": code_lines(
            (work / "out" / case.file).read_text(encoding="utf-8"), entry_of(case.build)
        ),
        "port": code_lines(port_file.read_text(encoding="utf-8"), port.entry),
    }
    folders = [str(root) for root in roots(case, cache)]
    on_path = folders if case.paths else []
    requests = {
        "translation": {
            "side": "translation",
            "paths": [str(work / "out"), *on_path],
            "inputs": case.inputs,
            "output": str(work / "out"),
            "roots": folders,
            "stubs": case.stubs,
            "driver": NAME,
        },
        "port": {
            "side": "port",
            "paths": [] if folder is None else [str(folder)],
            "inputs": case.inputs,
            "module": port.module,
            "setup": port.setup,
            "build": port.build_for(case.build),
            "parameters": port.parameters,
            "call": port.call,
        },
    }
    for side, request in requests.items():
        path = work / f"quality-{side}.json"
        path.write_text(json.dumps(request), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.quality.cost", str(path)]
        log = work / f"quality-{side}.log"
        outcome = run_limited(command, log=log, timeout_s=900.0, memory_gib=12.0, cwd=REPOSITORY)
        try:
            row.costs[side] = json.loads(outcome.tail.strip().splitlines()[-1])
        except (IndexError, ValueError):
            row.problem = f"{side}: {outcome.tail.strip().rpartition(chr(10))[2][:300]}"
            return row
    return row


def entry_of(build: str) -> str:
    """The name that `m.Name(...)` builds.

    Raises ValueError for another form.
    """
    head = build.partition("(")[0].split(".")
    if len(head) != 2 or head[0] != "m":
        raise ValueError(f"not a build of a name of the module: {build}")
    return head[1]


def _port_file(port: Port, folder: Path | None) -> Path:
    found = [Path(p) for p in ([folder] if folder else sys.path) if (Path(p) / port.file).is_file()]
    if not found:
        raise FileNotFoundError(port.file)
    return found[0] / port.file
