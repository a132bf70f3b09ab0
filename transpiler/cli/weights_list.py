"""`tfjax-compile weights list CHECKPOINT`: its arrays, one a line."""

from __future__ import annotations

from pathlib import Path

import click

from ..diagnostics import codes
from .console import Console

OK, USAGE = 0, 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("checkpoint", type=click.Path(path_type=Path))
def weights_list(checkpoint: Path) -> int:
    """Print key, shape and dtype of every array of a checkpoint of any kind.

    Exit codes: 0 done; 2 the file is missing, cut off or damaged."""
    from ..weights.files import open_checkpoint
    from ..weights.tensor import CheckpointError

    try:
        reader = open_checkpoint(checkpoint)
    except CheckpointError as error:
        Console().show([codes.CHECKPOINT_UNREADABLE.at(str(checkpoint), None, str(error))], {})
        return USAGE
    for entry in reader.entries.values():
        click.echo(f"{entry.key}  {list(entry.shape)}  {entry.dtype}")
    reader.close()
    return OK
