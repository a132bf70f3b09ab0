"""`tfjax-compile agents COMMAND`: each command is a module of its own, imported when it runs."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

# name -> (module, attribute, summary)
AGENT_COMMANDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "plan": (".commands.plan", "plan_command", "Show what is left, as a plan of steps."),
        "run": (".commands.run", "run_command", "Fill what is left, then compile with it."),
        "log": (".commands.log", "log_command", "Browse prompts, samples and verdicts of a run."),
        "serve": (".commands.serve", "serve_command", "Serve a local model with vLLM."),
        "promote": (".commands.promote", "promote_command", "Make rules of accepted fills."),
        "judge": (".commands.judge", "judge_command", "Score an output against its checklist."),
        "playbook": (".commands.playbook", "playbook_command", "Distil playbooks from pairs."),
    }
)


class AgentGroup(click.Group):
    """Finds its commands in `AGENT_COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(AGENT_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in AGENT_COMMANDS:
            return None
        module, attribute, _ = AGENT_COMMANDS[cmd_name]
        try:
            command = getattr(importlib.import_module(module, __package__), attribute)
        except ModuleNotFoundError as error:
            if error.name != "httpx":
                raise
            raise click.ClickException("this needs the agents extra: tfjax[agents]") from None
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the table, so that help imports nothing.
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in AGENT_COMMANDS.items()])


@click.command(cls=AgentGroup, context_settings={"help_option_names": ["-h", "--help"]})
def agents_group() -> None:
    """Let a local language model write what no rule covers; tests against TensorFlow decide."""
