"""Options and loading that the commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ...transpiler.cli.config import FLAVOURS, ConfigError, load_config
from ...transpiler.cli.console import Console
from ...transpiler.cli.inputs import Search, read_inputs
from ...transpiler.cli.run import rule_paths
from ...transpiler.diagnostics.codes import MODEL_UNAVAILABLE
from ...transpiler.files import SourceFile
from ..model.messages import Model, ModelError

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_FOLDER = ".tfjax/agents"
KEY_VARIABLE = "TFJAX_MODEL_KEY"


def source_options(function: F) -> F:
    """Which sources are compiled, and how."""
    options = (
        click.argument("paths", nargs=-1, required=True, metavar="PATH..."),
        click.option("--keras", type=click.Choice(FLAVOURS), help="Keras version of the source."),
        click.option("--root", "roots", multiple=True, metavar="DIR", help="Where imports start."),
        click.option("--follow-imports", is_flag=True, help="Compile what the files import, too."),
        click.option("--rules", multiple=True, metavar="PATH", help="Rules over built-in ones."),
        click.option("--config", "config_path", metavar="FILE", help="Settings."),
        click.option(
            "--playbooks",
            multiple=True,
            type=click.Path(path_type=Path),
            help="Folder with general/, style/, task/ or client/ playbooks; may be repeated.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def model_options(function: F) -> F:
    """Which model answers."""
    options = (
        click.option("--endpoint", metavar="URL", help="An OpenAI-compatible server (vLLM)."),
        click.option("--model", metavar="NAME", help="The model's name at the endpoint."),
        click.option("--engine", metavar="PATH", help="A model for vLLM's engine in this process."),
        click.option(
            "--replay", type=click.Path(path_type=Path), help="Recorded answers; no model."
        ),
        click.option(
            "--record", type=click.Path(path_type=Path), help="Append the answers to this file."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def load_model(
    endpoint: str | None,
    model: str | None,
    engine: str | None,
    replay: Path | None,
    record: Path | None,
    concurrent: int = 4,
) -> Model:
    """The model that the options name. Raises click.UsageError."""
    given = [option for option in (endpoint, engine, replay) if option is not None]
    if len(given) != 1:
        raise click.UsageError("name one model: --endpoint URL, --engine PATH or --replay FILE")
    found: Model
    try:
        if replay is not None:
            from ..model.replay import ReplayModel

            found = ReplayModel(replay)
        elif engine is not None:
            from ..model.engine import EngineModel

            found = EngineModel(engine)
        else:
            from ..model.http import HttpModel

            key = os.environ.get(KEY_VARIABLE)
            found = HttpModel(str(endpoint), model, concurrent=concurrent, key=key)
    except ModelError as error:
        raise click.UsageError(unavailable(error)) from None
    if record is not None:
        from ..model.replay import RecordingModel

        return RecordingModel(found, record)
    return found


def unavailable(error: ModelError) -> str:
    """What is said of a model that cannot be asked."""
    code = MODEL_UNAVAILABLE
    hint = f"\nhint: {error.hint}" if error.hint else ""
    return f"{code.code} {code.name}: {error}{hint}"


def load_sources(
    paths: tuple[str, ...],
    roots: tuple[str, ...],
    follow: bool,
    rules: tuple[str, ...],
    config_path: str | None,
    console: Console,
) -> tuple[tuple[SourceFile, ...], tuple[Path, ...], str]:
    """Sources, rule files, and the Keras version of the settings. Shows what cannot be read.

    Raises click.ClickException when nothing can be done."""
    explicit = Path(config_path) if config_path is not None else None
    first = Path(paths[0])
    try:
        config = load_config(first if first.is_dir() else first.parent, explicit)
        rule_files = rule_paths(rules, config)
    except ConfigError as error:
        console.show([error.diagnostic], {})
        raise click.ClickException("the settings cannot be used") from None
    inputs = read_inputs(paths, config.max_file_size, None, Search(tuple(map(Path, roots)), follow))
    console.show(inputs.diagnostics, {source.name: source.text for source in inputs.sources})
    if inputs.usage_error:
        raise click.UsageError("a path cannot be read")
    return inputs.sources, rule_files, config.keras or "auto"
