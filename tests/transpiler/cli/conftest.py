"""A compiler of four lines in place of the real one, so that the command line is tested alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tfjax.ir.span import Span
from tfjax.transpiler import project as compiler
from tfjax.transpiler.cli.main import run
from tfjax.transpiler.diagnostics import codes
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import CompiledFile, CompiledProject, Options, internal_error
from tfjax.transpiler.report import LedgerEntry

LINE = Span(1, 0, 1, 2)


def compile_line(source: SourceFile, options: Options) -> CompiledFile:
    """`tf` becomes `jnp`; what a file is called says what happens to it."""
    name, text = source.name, source.text.replace("tf", "jnp")
    stages = {"ir": f"(module {source.module})\n", "types": options.flavour}
    if "boom" in name:
        return internal_error(source, ValueError("boom\nsecond line"))
    if "bad" in name:
        problem = codes.SYNTAX_ERROR.at(name, LINE, "bad syntax")
        return CompiledFile(source.relative, source, source.text, (problem,), status="failed")
    if "gap" in name:
        gap = codes.NO_RULE.at(name, LINE, "no rule for `tf.gap`")
        entry = LedgerEntry(name, LINE, "unhandled", "unhandled", code="TJ2001")
        return CompiledFile(source.relative, source, text, (gap,), (entry,), "partial", stages)
    note = codes.ARGUMENT_DROPPED.at(name, LINE, "`name` is left out")
    entry = LedgerEntry(name, LINE, "translated", "rule tf", LINE)
    status = "translated" if text != source.text else "unchanged"
    return CompiledFile(source.relative, source, text, (note,), (entry,), status, stages)


def fake_compile(sources: Sequence[SourceFile], options: Options) -> CompiledProject:
    return CompiledProject(tuple(compile_line(source, options) for source in sources))


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Tool = Callable[..., Outcome]


@pytest.fixture
def tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tool:
    """Runs a command line in a fresh directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compiler, "compile_project", fake_compile)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., None]:
    """Writes `name="text"` pairs given as a dictionary below the directory of the test."""

    def write(given: dict[str, str]) -> None:
        for name, text in given.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    return write
