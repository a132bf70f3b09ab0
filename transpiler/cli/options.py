"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .config import CONFIG_METHODS, FLAVOURS, TARGETS, parse_size

F = TypeVar("F", bound=Callable[..., Any])


def number_of_bytes(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    """The bytes of a size such as 10MB. Raises click.BadParameter."""
    try:
        return None if value is None else parse_size(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def shared_options(function: F) -> F:
    """Adds the options of every command that reads sources."""
    options = (
        click.argument("paths", nargs=-1, metavar="PATH..."),
        click.option(
            "--keras",
            type=click.Choice(FLAVOURS),
            help="Keras version of the source (default: auto).",
        ),
        click.option("--target", type=click.Choice(TARGETS), help="Back end (default: nnx)."),
        click.option(
            "--root",
            "roots",
            multiple=True,
            metavar="DIR",
            help="Directory that absolute imports start from; may be repeated.",
        ),
        click.option(
            "--follow-imports",
            is_flag=True,
            help="Compile the project's files that the named ones import, too.",
        ),
        click.option(
            "--rules",
            multiple=True,
            metavar="PATH",
            help="Rules that override the built-in ones; may be repeated.",
        ),
        click.option(
            "--fills",
            metavar="FILE",
            help="Code that agents found earlier for what no rule covers (fills.json).",
        ),
        click.option(
            "--config-methods",
            type=click.Choice(CONFIG_METHODS),
            help="get_config and from_config of layers: drop (default) or keep as plain methods.",
        ),
        click.option("--driver", metavar="FILE", hidden=True),
        click.option("--driver-inputs", metavar="JSON", hidden=True),
        click.option(
            "--max-file-size",
            callback=number_of_bytes,
            metavar="SIZE",
            help="Refuse larger files (default: 10MB).",
        ),
        click.option(
            "--config",
            "config_path",
            metavar="FILE",
            help="Settings, instead of the nearest pyproject.toml with [tool.tfjax].",
        ),
        click.option("--report", "report_path", metavar="FILE", help="Write a JSON report."),
        click.option(
            "--format",
            "form",
            type=click.Choice(("text", "plain", "json", "github", "sarif")),
            default="text",
            help="Form of the diagnostics.",
        ),
        click.option(
            "--color",
            type=click.Choice(("auto", "always", "never")),
            default="auto",
            help="Colours in the text form.",
        ),
        click.option("-v", "--verbose", count=True, help="Notes, a line a file, tracebacks."),
        click.option("-q", "--quiet", is_flag=True, help="Errors only."),
    )
    for option in reversed(options):
        function = option(function)
    return function
