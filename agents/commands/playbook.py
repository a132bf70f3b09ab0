"""`tfjax-compile agents playbook PAIRS --to FILE`: a client playbook from golden pairs."""

from __future__ import annotations

import asyncio
import difflib
from pathlib import Path
from typing import Any

import click

from ...transpiler.files import write_file
from ..distil import DistilError, Unit, distil, read_pairs, units_of
from ..model.messages import Model, ModelError
from .options import load_model, model_options


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("pairs", type=click.Path(exists=True, file_okay=False, path_type=Path))
@model_options
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="The playbook, in a folder client/ or task/ of your own.",
)
@click.option("--yes", is_flag=True, help="Write the file; without it the change is only shown.")
def playbook_command(pairs: Path, target: Path, yes: bool, **given: Any) -> int:
    """Distil a playbook from PAIRS, a folder of name_tf.py / name_jax.py files: definitions are
    aligned by name, a model words what was done. Review it: the change is shown as a diff."""
    try:
        units = list(units_of(read_pairs(pairs)))
        text = asyncio.run(_work(units, load_model(**given)))
    except (DistilError, ModelError) as error:
        raise click.ClickException(str(error)) from None
    old = target.read_text("utf-8") if target.exists() else ""
    name = target.name
    changes = difflib.unified_diff(
        old.splitlines(keepends=True), text.splitlines(keepends=True), name, name
    )
    click.echo("".join(changes), nl=False)
    if yes and text != old:
        write_file(target, text.encode())
    elif text != old:
        click.echo("(nothing written: say --yes)", err=True)
    return 0


async def _work(units: list[Unit], model: Model) -> str:
    try:
        return await distil(units, model)
    finally:
        await model.close()
