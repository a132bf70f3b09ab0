"""The outputs for the examples and test programs are laid out as `ruff format` has it."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

from tfjax.rules.language import RuleSet

from tests.harness import compile_texts
from tests.programs import Program, examples, programs

# Quotes of the source stay, so new code follows them.
STYLE = ["--isolated", "--line-length", "100", "--config", 'format.quote-style="preserve"']


def test_new_lines_are_as_the_formatter_has_them(tmp_path: Path) -> None:
    rules = RuleSet.load()
    printed: dict[Path, str] = {}
    everything = {program.path: program for program in (*examples(), *programs())}
    for path, program in everything.items():
        project = compile_texts({path.stem: program.source}, program.keras, rules)
        printed[path] = project.files[0].text
        (tmp_path / path.name).write_text(printed[path])
    command = [sys.executable, "-m", "ruff", "format", *STYLE, "--quiet", str(tmp_path)]
    subprocess.run(command, check=True)
    wrong: list[str] = []
    for path, text in printed.items():
        formatted = (tmp_path / path.name).read_text()
        wrong += _differences(everything[path], text.splitlines(), formatted.splitlines())
    assert not wrong, "\n".join(wrong)


def _differences(program: Program, ours: list[str], theirs: list[str]) -> list[str]:
    """The changes of the formatter to lines that the source does not have."""
    source = {line.strip() for line in program.source.splitlines()}
    out: list[str] = []
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal" or (a < b and all(line.strip() in source for line in ours[a:b])):
            continue
        out.append(f"{program.path.name}:{a + 1}")
        out += [f"- {line}" for line in ours[a:b]] + [f"+ {line}" for line in theirs[c:d]]
    return out
