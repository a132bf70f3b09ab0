"""`python -m benchmarks.agents.package`: a public package some of whose rules are switched off.

Agents fill what is left, the result is verified, the fills become rules, and these rules give the
same output again, without fills and without a model. Each step says what came of it.

    --cases FILE --cache DIR --only ID  a case of `python -m benchmarks.cases`
    --off SYMBOL ...                    whose rules are switched off
    -- OPTION ...                       of `agents run`: --endpoint URL or --replay FILE
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cases.case import Case, load_cases, select
from ..cases.compile import COMMAND_VARIABLE, package_file, roots
from ..cases.result import PASSED

COMPILER = (sys.executable, "-m", "tfjax.transpiler.cli.main")


@dataclass(frozen=True, slots=True)
class Scene:
    """What all steps share. `work` is made anew."""

    case: Case
    cases: Path
    cache: Path
    work: Path

    @property
    def off(self) -> Path:
        return self.work / "off.rules"

    @property
    def promoted(self) -> Path:
        return self.work / "promoted.rules"

    def compiler(self, *rules: Path, fills: Path | None = None) -> str:
        """The compile command of a state, for `benchmarks.cases`."""
        words = [*COMPILER, *(w for path in rules for w in ("--rules", str(path)))]
        return shlex.join([*words, *(() if fills is None else ("--fills", str(fills)))])

    def verify(self, name: str, command: str, *options: str) -> dict[str, Any]:
        """Compiles and verifies the case with a compile command; its result, with `verified`."""
        out = self.work / f"{name}.json"
        words = [sys.executable, "-m", "benchmarks.cases", "--cases", str(self.cases)]
        words += ["--cache", str(self.cache), "--work", str(self.work / name), "--fresh"]
        words += ["--only", self.case.id, "--json", str(out), *options]
        subprocess.run(words, env={**os.environ, COMMAND_VARIABLE: command}, check=True)
        result = json.loads(out.read_text("utf-8"))["cases"][0]
        checks = (result["verdict"], result["outputs"]["verdict"], result["gradients"]["verdict"])
        return {**result, "verified": all(verdict == PASSED for verdict in checks)}

    def output(self, name: str) -> str:
        """The translation of the package's file in a state."""
        found = (self.work / name).rglob(Path(self.case.file).name)
        return next(path for path in found if "out" in path.parts).read_text("utf-8")

    def agents(self, *words: str) -> int:
        return subprocess.run([*COMPILER, "agents", *words], check=False).returncode

    def fill(self, model: Sequence[str]) -> Path:
        """Fills by agents."""
        folder = self.work / "agents"
        found = roots(self.case, self.cache)
        self.agents(
            *("run", str(package_file(self.case, self.cache)), "-o", str(self.work / "agents-out")),
            *(word for root in found for word in ("--root", str(root))),
            *("--keras", self.case.keras[1:], "--rules", str(self.off)),
            *("--folder", str(folder), "--no-review", *model),
        )
        return folder


def play(scene: Scene, model: Sequence[str]) -> bool:
    """Whether every step came out as it should; prints a line for each."""
    bare = scene.verify("bare", scene.compiler(scene.off), "--no-verify")
    _say(f"rules switched off: {bare['unhandled']} places are left")
    folder = scene.fill(model)
    filled = scene.verify("filled", scene.compiler(scene.off, fills=folder / "fills.json"))
    _say(f"with fills: {filled['unhandled']} left, verified: {filled['verified']}")
    status = scene.agents("promote", "--folder", str(folder), "--to", str(scene.promoted), "--yes")
    _say(f"promoted: {'all' if status == 0 else 'not all'}")
    again = scene.verify("promoted", scene.compiler(scene.off, scene.promoted))
    _say(f"with promoted rules: {again['unhandled']} left, verified: {again['verified']}")
    same = scene.output("filled") == scene.output("promoted")
    _say(f"the same text as with fills: {'yes' if same else 'no'}")
    whole = bool(bare["unhandled"]) and not filled["unhandled"] and not again["unhandled"]
    return whole and status == 0 and filled["verified"] and again["verified"]


def _say(text: str) -> None:
    print(f"== {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.agents.package", description=__doc__
    )
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--only", required=True)
    parser.add_argument("--off", nargs="+", required=True, metavar="SYMBOL")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("model", nargs="*", help="after --: options of `agents run` for the model")
    given = parser.parse_args()
    case = select(load_cases(given.cases), "all", [given.only])[0]
    shutil.rmtree(given.work, ignore_errors=True)
    given.work.mkdir(parents=True)
    scene = Scene(case, given.cases, given.cache.resolve(), given.work.resolve())
    lines = [f'refuse {symbol} "switched off"\n' for symbol in given.off]
    scene.off.write_text("".join(lines), "utf-8")
    return 0 if play(scene, given.model) else 1


if __name__ == "__main__":
    sys.exit(main())
