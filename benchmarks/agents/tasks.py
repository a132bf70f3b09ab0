"""The tasks: TensorFlow expressions as regions, with the rules for their symbols out of sight."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tfjax.agents.contract import Operand, Region
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.rewrite.snippets import translate

TASKS = Path(__file__).with_name("tasks.toml")
OPERAND = re.compile(r"(\w+): (\w+)\[([^\]]*)\]")
GRADES = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    grade: str
    region: Region


def read_tasks(path: Path = TASKS) -> list[Task]:
    """In the order of the file."""
    data = tomllib.loads(path.read_text("utf-8"))
    return [_task(number, entry) for number, entry in enumerate(data["task"])]


def _task(number: int, entry: dict[str, str]) -> Task:
    operands = tuple(
        Operand(name, name, "tensor", dtype, tuple(_size(s) for s in sizes.split(", ")))
        for name, dtype, sizes in OPERAND.findall(entry["operands"])
    )
    body = entry["body"]
    symbols = tuple(dict.fromkeys(re.findall(r"\btf(?:\.\w+)+", body)))
    region = Region(
        key=f"task{number:02d}",
        module="task",
        path="task.py",
        line=2,
        scope=("task",),
        code="TJ2001",
        message="no rule",
        keras="keras3",
        operands=operands,
        body=body,
        symbols=symbols,
        snippet="",
    )
    return Task(entry["name"], entry["grade"], region)


def _size(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def truth(rules: RuleSet, task: Task) -> str:
    """What the rules make of the task, as a candidate."""
    *bindings, value = translate(task.region.body, rules).split("; ")
    lines = "".join(f"    {binding}\n" for binding in bindings)
    return f"{task.region.signature}\n{lines}    return {value}\n"
