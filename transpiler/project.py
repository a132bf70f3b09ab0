"""Many files at once: what the command line, the cache and the workers call."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

from .diagnostics import Diagnostic, codes
from .files import SourceFile
from .report import LedgerEntry

Status = Literal["unchanged", "translated", "partial", "failed"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user can choose about a compilation.

    `flavour`: the Keras version of the source, "2", "3" or "auto"; `target`: the back end;
    `emit`: the intermediate form to fill `CompiledFile.stages` with, None for none.
    """

    flavour: str = "auto"
    target: str = "nnx"
    emit: str | None = None


@dataclass(frozen=True, slots=True)
class CompiledFile:
    """The result for one file; `path` is relative to the output root.

    A "failed" file has the source's text and is not written.
    """

    path: Path
    source: SourceFile
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    status: Status = "translated"
    stages: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # The Python traceback of an internal error, shown with -v only: it holds machine paths.
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class CompiledProject:
    """All files, in the order of the sources; `diagnostics` are those of no single file.

    `extra` holds files that come from no source (helpers that the output carries along), by path
    relative to the output root.
    """

    files: tuple[CompiledFile, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    extra: Mapping[Path, str] = field(default_factory=lambda: MappingProxyType({}))


def compile_project(sources: Sequence[SourceFile], options: Options) -> CompiledProject:
    """Compiles each source; an exception in one becomes TJ9001 there and the others go on."""
    return CompiledProject(tuple(_compile_guarded(source, options) for source in sources))


def _compile_guarded(source: SourceFile, options: Options) -> CompiledFile:
    try:
        return _compile_module()(source, options)
    # Any exception: one bad file must not take down a run over thousands.
    except Exception as error:
        return internal_error(source, error)


def internal_error(source: SourceFile, error: Exception) -> CompiledFile:
    """The result for a file in which the compiler itself failed."""
    if isinstance(error, RecursionError):
        deep = codes.NESTING_TOO_DEEP.at(source.name, None, "the source nests too deeply")
        return CompiledFile(source.relative, source, source.text, (deep,), status="failed")
    summary = str(error).strip().split("\n", 1)[0][:200]
    message = f"internal error: {type(error).__name__}" + (f": {summary}" if summary else "")
    diagnostic = codes.INTERNAL_ERROR.at(
        source.name, None, message, hint="run again with -v for the traceback, and report it"
    )
    return CompiledFile(
        source.relative,
        source,
        source.text,
        (diagnostic,),
        status="failed",
        traceback="".join(traceback.format_exception(error)),
    )


def _compile_module() -> Callable[[SourceFile, Options], CompiledFile]:
    # Imported late: `--version` and `--explain` must not pay for libcst.
    pipeline = importlib.import_module(".pipeline", __package__)
    return cast(Callable[[SourceFile, Options], CompiledFile], pipeline.compile_module)
