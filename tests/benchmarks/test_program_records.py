"""The records of the example programs and of tests/programs."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib

import pytest
from tfjax.transpiler.cli.config import parse_config
from tfjax.transpiler.verify.specs import parse_spec

from tests.programs import EXAMPLES, HERE, Program, examples, programs

ALL = [*programs(), *examples()]


def test_every_file_has_a_record() -> None:
    tools = {"__init__", "tensorflow_check"}
    assert {p.path.stem for p in programs()} == {f.stem for f in HERE.glob("*.py")} - tools
    assert {p.path.stem for p in examples()} == {f.stem for f in EXAMPLES.glob("*.py")}


def test_names_are_unique() -> None:
    names = [program.name for program in ALL]
    assert len(set(names)) == len(names)


def test_the_examples_are_configuration_that_the_command_accepts() -> None:
    path = EXAMPLES / "pyproject.toml"
    config = parse_config(tomllib.loads(path.read_text(encoding="utf-8")), path)
    assert [entry.name for entry in config.verify] == [program.name for program in examples()]


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.name)
def test_record_fits_the_source(program: Program) -> None:
    defined = {getattr(node, "name", None) for node in ast.parse(program.source).body}
    assert program.object_name in defined
    assert all(parse_spec(spec) for spec in program.inputs.values())
    used = {n.id for n in ast.walk(ast.parse(program.call)) if isinstance(n, ast.Name)}
    assert used == {"model", *program.inputs}


@pytest.mark.verify
def test_every_program_runs_under_tensorflow() -> None:
    command = [sys.executable, "-m", "tests.programs.tensorflow_check"]
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True)
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert (failed, done.returncode) == ([], 0)
