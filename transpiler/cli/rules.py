"""`tfjax-compile rules COMMAND`: what rule authors need.

Each command is a module of its own, imported when it runs.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

# name -> (module, attribute, summary); modules are relative to this package.
RULE_COMMANDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "check": (".rules_check", "rules_check", "Check rule files, and prove their rules."),
        "prove": (".rules_prove", "rules_prove", "Prove rules against TensorFlow."),
        "new": (".rules_new", "rules_new", "Print a record to start from."),
        "list": (".rules_list", "rules_list", "List what becomes of each symbol."),
        "show": (".rules_list", "rules_show", "Show the record of a symbol."),
    }
)


class RuleGroup(click.Group):
    """Finds its commands in `RULE_COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(RULE_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in RULE_COMMANDS:
            return None
        module, attribute, _ = RULE_COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module, __package__), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the table, so that help imports nothing.
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in RULE_COMMANDS.items()])


@click.command(cls=RuleGroup, context_settings={"help_option_names": ["-h", "--help"]})
def rules_group() -> None:
    """Look at, write, check and prove translation rules."""
