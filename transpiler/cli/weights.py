"""`tfjax-compile weights COMMAND`: checkpoints of the source for its translation, and back."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

# name -> (module, attribute, summary); modules are relative to this package.
WEIGHT_COMMANDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "map": (".weights_map", "weights_map", "Write the weight map of a program."),
        "convert": (".weights_convert", "weights_convert", "Convert a checkpoint."),
        "list": (".weights_list", "weights_list", "List the arrays of a checkpoint."),
    }
)


class WeightGroup(click.Group):
    """Finds its commands in `WEIGHT_COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(WEIGHT_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in WEIGHT_COMMANDS:
            return None
        module, attribute, _ = WEIGHT_COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module, __package__), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the table, so that help imports nothing.
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in WEIGHT_COMMANDS.items()])


@click.command(cls=WeightGroup, context_settings={"help_option_names": ["-h", "--help"]})
def weights_group() -> None:
    """Convert checkpoints of Keras and TensorFlow for translated programs, and back."""
