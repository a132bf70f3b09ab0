"""What a run hands over: a tree, one file, standard output, a diff, an intermediate form."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostic, codes
from ..files import OutputFile, SourceFile

if TYPE_CHECKING:
    from ..project import CompiledFile, CompiledProject

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
NO_NEWLINE = "\\ No newline at end of file\n"


def is_file_output(output: str, paths: Sequence[str]) -> bool:
    """True when `-o` names a file: it ends in .py, and one file or standard input is compiled."""
    target = Path(output)
    one_file = len(paths) == 1 and not Path(paths[0]).is_dir()
    return one_file and not target.is_dir() and (target.suffix == ".py" or target.is_file())


def output_files(
    project: CompiledProject,
) -> tuple[list[OutputFile], list[Diagnostic]]:
    """The files to write, failed ones left out; and diagnostics of texts that the source's encoding
    cannot hold."""
    files: list[OutputFile] = []
    problems: list[Diagnostic] = []
    for file in project.files:
        if file.status == "failed":
            continue
        try:
            data = file.source.encode(file.text)
        except UnicodeEncodeError as error:
            problems.append(_unencodable(file.source, error))
            continue
        files.append(OutputFile(file.path, data, file.source.executable))
    files += [OutputFile(path, text.encode()) for path, text in sorted(project.extra.items())]
    return files, problems


def diff_text(file: CompiledFile) -> str:
    """A unified diff from the source to the output, empty when they are equal."""
    if file.status == "failed" or file.text == file.source.text:
        return ""
    name = file.source.name.lstrip("/")
    before, after = (LINE.findall(text) for text in (file.source.text, file.text))
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(_ended(lines))


def stage_text(files: Sequence[CompiledFile], emit: str) -> str:
    """The intermediate form of each file; with a heading where there are several."""
    parts: list[str] = []
    for file in files:
        stages: Mapping[str, str] = file.stages
        if emit == "python":
            text = file.text if file.status != "failed" else ""
        elif emit == "stages":
            text = "".join(f"# -- {name} --\n{_closed(body)}" for name, body in stages.items())
        else:
            text = stages.get(emit, "")
        heading = f"# ==> {file.source.name} <==\n" if len(files) > 1 else ""
        parts.append(heading + _closed(text))
    return "".join(parts)


def _ended(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith(("\n", "\r")) else f"{line}\n{NO_NEWLINE}"


def _closed(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _unencodable(source: SourceFile, error: UnicodeEncodeError) -> Diagnostic:
    character = error.object[error.start]
    message = f"the output has the character {character!r}, which {source.encoding} lacks"
    hint = "convert the source to UTF-8"
    return codes.UNDECODABLE.at(source.name, None, message, hint=hint)
