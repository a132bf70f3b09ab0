"""The small programs and the examples, whole: they compile, and the examples are equal."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.harness import check_compile
from tests.programs import EXAMPLES, Program, examples, programs

# What does not compile without errors yet, and why. An entry that is no longer true must go.
LEFT: Mapping[str, str] = {
    "closure_layers": "layers made by closures that a helper returns",
    "activation_forms": "activations given in every form",
}
# Examples that are not equal to their source yet, and why.
UNEQUAL: Mapping[str, str] = {}

ALL = {program.path: program for program in (*examples(), *programs())}


def marked(program: Program, reasons: Mapping[str, str]) -> object:
    reason = reasons.get(program.path.stem)
    marks = [] if reason is None else [pytest.mark.xfail(reason=reason)]
    return pytest.param(program, id=program.path.stem, marks=marks)


@pytest.mark.parametrize("program", [marked(program, LEFT) for program in ALL.values()])
def test_compiles(program: Program) -> None:
    check_compile(program.source, module=program.path.stem, flavour=program.keras)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What `tfjax-compile examples --verify` says, by name."""
    folder = tmp_path_factory.mktemp("examples")
    report = folder / "report.json"
    command = [sys.executable, "-m", "tfjax.transpiler.cli.main", str(EXAMPLES)]
    command += ["-o", str(folder / "out"), "--verify", "--report", str(report)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert report.is_file(), done.stderr
    data = json.loads(report.read_text("utf-8"))
    return {entry["name"]: entry for entry in data["verification"]}


@pytest.mark.verify
# One process: the fixture runs all of them.
@pytest.mark.xdist_group("examples")
@pytest.mark.parametrize("program", [marked(program, UNEQUAL) for program in examples()])
def test_example_is_equal(program: Program, verdicts: dict[str, dict[str, object]]) -> None:
    entry = verdicts[program.name]
    assert (entry["verdict"], entry["message"]) == ("pass", "")


def test_every_reason_names_a_program() -> None:
    stems = {path.stem for path in ALL}
    assert set(LEFT) <= stems
    assert set(UNEQUAL) <= {Path(program.path).stem for program in examples()}
