"""Small source programs, each exercising one feature of real model code, as typed records.

The same records describe the programs under `examples/`, from its `[[tool.tfjax.verify]]` entries.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"


@dataclass(frozen=True, slots=True)
class Program:
    """One program and how to build and call its model.

    `inputs` maps argument names to specs such as `float32[B, 16]` or `int32[B, 4]<10`; `call` is an
    expression over `model`, the inputs and `tf`.
    """

    name: str
    path: Path
    entry: str
    inputs: Mapping[str, str]
    call: str
    keras: Literal["2", "3"] = "2"
    kwargs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    feature: str = ""

    @property
    def object_name(self) -> str:
        """What to call, inside the module: `build_model` of `mlp:build_model`."""
        return self.entry.partition(":")[2]

    @property
    def source(self) -> str:
        return self.path.read_text(encoding="utf-8")


def _load(config: Path, entries: list[dict[str, Any]]) -> tuple[Program, ...]:
    return tuple(
        Program(path=config.parent / (entry["entry"].partition(":")[0] + ".py"), **entry)
        for entry in entries
    )


def programs() -> tuple[Program, ...]:
    """The programs of this folder, in the order of cases.toml."""
    config = HERE / "cases.toml"
    return _load(config, tomllib.loads(config.read_text(encoding="utf-8"))["program"])


def examples() -> tuple[Program, ...]:
    """The programs shipped under examples/."""
    config = EXAMPLES / "pyproject.toml"
    table = tomllib.loads(config.read_text(encoding="utf-8"))
    return _load(config, table["tool"]["tfjax"]["verify"])
