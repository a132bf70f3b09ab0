"""The commands by name. A module is imported when its command runs, so that others start fast."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

PROGRAM = "tfjax-compile"

# name -> (module, attribute, summary); modules are relative to this package.
COMMANDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "compile": (".compile_command", "compile_command", "Compile files (the default)."),
        "shapes": (".shapes_command", "shapes_command", "Infer shapes and dtypes; find conflicts."),
        "verify": (".verify_command", "verify_command", "Compile in memory, then run both sides."),
        "weights": (".weights", "weights_group", "Convert checkpoints for translated programs."),
        # A package above this one; only its name is known here.
        "agents": ("...agents.cli", "agents_group", "Fill what no rule covers with a local model."),
        "rules": (".rules", "rules_group", "Write, check and prove translation rules."),
    }
)


def load_command(arguments: list[str]) -> tuple[str, click.Command, list[str]]:
    """The program name, the command and its arguments. A first word that names no command is a
    path to compile; a path with the name of a command is written `./verify`."""
    if arguments and arguments[0] in COMMANDS:
        name, rest = arguments[0], arguments[1:]
        return f"{PROGRAM} {name}", _load(name), rest
    return PROGRAM, _load("compile"), arguments


def summaries() -> str:
    """The list of commands for `--help`."""
    return "\n".join(f"  {name:<10} {text}" for name, (_, _, text) in COMMANDS.items())


def _load(name: str) -> click.Command:
    module, attribute, _ = COMMANDS[name]
    command = getattr(importlib.import_module(module, __package__), attribute)
    if not isinstance(command, click.Command):
        raise TypeError(f"{module}:{attribute} is no command")
    return command
