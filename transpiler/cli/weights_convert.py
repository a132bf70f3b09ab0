"""`tfjax-compile weights convert CHECKPOINT`: for the translation, or back for the source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..diagnostics import codes
from .config import ConfigError
from .console import Console

if TYPE_CHECKING:
    from ..weights.match import Matched
    from ..weights.tensor import Reader
    from ..weights.weight_map import WeightMap

OK, LEFT, USAGE = 0, 1, 2
FORMS = ("safetensors", "orbax", "weights.h5", "keras", "h5")
EPILOG = """\b
Exit codes: 0 converted; 1 arrays are missing, left over or of another shape,
and nothing was written; 2 usage error, or a file that is missing, cut off or
damaged."""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE")
@click.option("--map", "map_path", type=click.Path(path_type=Path), metavar="FILE",
              help="The weight map that `weights map` wrote.")  # fmt: skip
@click.option("--source", metavar="PATH", multiple=True,
              help="Make the map from these sources instead; may be repeated.")  # fmt: skip
@click.option("--program", metavar="NAME", help="The program, where there are several.")
@click.option("--to", "form", type=click.Choice(FORMS),
              help="Form of the output, where its name does not tell.")  # fmt: skip
@click.option("--prefix", help="What stands before the keys in a TensorFlow checkpoint.")
@click.option("--partial", is_flag=True, help="Write what fits, and list the rest.")
@click.option("--no-optimizer", is_flag=True, help="Leave the optimizer's state out.")
@click.option("--optimizer", default="", metavar="CLASS",
              help="The class whose state goes back, where the file does not tell.")  # fmt: skip
@click.option("--key-map", type=click.Path(path_type=Path), metavar="FILE",
              help="Where the key map is written (default: OUTPUT.keys.json).")  # fmt: skip
def weights_convert(
    checkpoint: Path,
    output: Path,
    map_path: Path | None,
    source: tuple[str, ...],
    program: str | None,
    form: str | None,
    prefix: str | None,
    partial: bool,
    no_optimizer: bool,
    optimizer: str,
    key_map: Path | None,
) -> int:
    """Convert a checkpoint by a weight map.

    CHECKPOINT is a .weights.h5, .keras or .h5 file of Keras, a TensorFlow checkpoint (its prefix or
    folder) or a SavedModel; OUTPUT is safetensors or an Orbax folder. From safetensors the way back
    leads to .weights.h5, .keras and .h5. Arrays are read and written one at a time."""
    from ..weights.tensor import CheckpointError
    from ..weights.weight_map import MapError
    from ..weights.writing import form_of

    console = Console()
    chosen = form or form_of(output)
    if chosen is None:
        raise click.UsageError("the name of the output tells no form: use --to")
    if (map_path is None) == (not source):
        raise click.UsageError("give the weight map with --map, or --source to make one")
    try:
        weight_map = _map(console, map_path, source, program)
        if weight_map is None:
            return LEFT
        if chosen in ("safetensors", "orbax"):
            job = _Forward(weight_map, prefix, not no_optimizer, partial, key_map)
            return job.run(console, checkpoint, output, chosen)
        name = None if no_optimizer else optimizer.lower().replace("_", "")
        return _back(console, weight_map, checkpoint, output, chosen, name)
    except ConfigError as error:
        console.show([error.diagnostic], {})
    except MapError as error:
        console.show([codes.WEIGHT_MAP.at(str(map_path), None, str(error))], {})
    except CheckpointError as error:
        console.show([codes.CHECKPOINT_UNREADABLE.at(str(checkpoint), None, str(error))], {})
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}"
        console.show([codes.OUTPUT_UNWRITABLE.at(str(output), None, message)], {})
    return USAGE


def _map(
    console: Console, path: Path | None, source: tuple[str, ...], program: str | None
) -> WeightMap | None:
    """The map of the program; None where its sources have none. Raises MapError, ConfigError."""
    from ..weights.weight_map import MapError, read_map

    if path is not None:
        return read_map(path, program)
    from .weights_map import maps_of

    maps, _ = maps_of(
        console,
        source,
        program=program,
        keras=None,
        roots=(),
        follow_imports=False,
        rules=(),
        config_path=None,
    )
    if len(maps) > 1:
        names = ", ".join(one.program for one in maps)
        raise MapError(f"name one program with --program: {names}")
    return maps[0] if maps else None


class _Forward:
    """To the parameters of the translation."""

    def __init__(
        self,
        weight_map: WeightMap,
        prefix: str | None,
        optimizer: bool,
        partial: bool,
        key_map: Path | None,
    ) -> None:
        self.weight_map, self.prefix, self.optimizer = weight_map, prefix, optimizer
        self.partial, self.key_map = partial, key_map

    def run(self, console: Console, checkpoint: Path, output: Path, form: str) -> int:
        from ..weights.files import open_checkpoint

        reader = open_checkpoint(checkpoint)
        try:
            return self._run(console, reader, checkpoint, output, form)
        finally:
            reader.close()

    def _run(
        self, console: Console, reader: Reader, checkpoint: Path, output: Path, form: str
    ) -> int:
        from ..weights.convert import plan
        from ..weights.match import match
        from ..weights.optimizer_state import ORDER
        from ..weights.writing import write_key_map, write_parameters

        matched = match(reader, self.weight_map, self.prefix, optimizer=self.optimizer)
        _say(console, matched, checkpoint, warn=self.partial)
        if not matched.complete and not self.partial:
            return LEFT
        planned = plan(reader, self.weight_map, matched)
        if not planned:
            return LEFT
        state = matched.optimizer
        said = {"optimizer": reader.optimizer, ORDER: state.order} if state.slots else {}
        more = {name: value for name, value in said.items() if value}
        write_parameters(output, form, planned, self.weight_map.program, more)
        names = self.key_map or output.with_name(f"{output.name}.keys.json")
        write_key_map(names, self.weight_map, planned)
        total = sum(one.entry.nbytes for one in planned)
        console.say(f"{output}: {len(planned)} arrays, {total:,} bytes; keys in {names}")
        return OK


def _back(
    console: Console,
    weight_map: WeightMap,
    checkpoint: Path,
    output: Path,
    form: str,
    optimizer: str | None,
) -> int:
    """`optimizer`: its class, empty where the checkpoint tells; None leaves its state out."""
    from ..weights.back import match_back
    from ..weights.files import open_checkpoint
    from ..weights.optimizer_back import FORMS as WITH_STATE
    from ..weights.optimizer_back import StateBack, state_back, with_state
    from ..weights.weight_map import MapError
    from ..weights.writing import write_keras

    if form not in weight_map.layouts:
        reason = weight_map.unsaved.get(form, "no layout in the map")
        raise MapError(f"Keras cannot write `{weight_map.program}` as {form}: {reason}")
    layout = weight_map.layouts[form]
    reader = open_checkpoint(checkpoint)
    try:
        matched, state = match_back(reader, weight_map, layout), StateBack()
        if optimizer is not None and form in WITH_STATE:
            told: dict[str, str] = dict(getattr(reader, "metadata", {}))
            told |= {"optimizer": optimizer} if optimizer else {}
            state = state_back(reader, weight_map, told)
            matched = with_state(matched, state)
        _say(console, matched, checkpoint)
        if not matched.complete:
            return LEFT
        full = state.layout(layout, weight_map, reader)
        write_keras(output, form, full, lambda source: state.read(source, reader, weight_map))
    finally:
        reader.close()
    count = sum(bool(data.source) for data in layout.datasets)
    of_state = f", {len(state.sources)} arrays of the optimizer" if state.sources else ""
    console.say(f"{output}: {count} variables{of_state}")
    return OK


def _say(console: Console, matched: Matched, checkpoint: Path, *, warn: bool = False) -> None:
    """All that does not fit, one line each."""
    problems = [
        ("\n  ".join((f"{len(lines)} {title}:", *lines)), "--partial writes what fits")
        for title, lines in (
            ("missing in the checkpoint", matched.missing),
            ("left over in the checkpoint", matched.extra),
            ("of another shape", matched.misshaped),
        )
        if lines
    ]
    if matched.optimizer.problem:
        text = f"the optimizer's state: {matched.optimizer.problem}"
        problems.append((text, "--no-optimizer leaves it out"))
    for message, hint in problems:
        problem = codes.WEIGHTS_MISMATCH.at(
            str(checkpoint),
            None,
            message,
            hint=None if warn else hint,
            severity="warning" if warn else "error",
        )
        console.show([problem], {})
    for note in matched.notes:
        console.say(note)
    if matched.ignored:
        console.say(f"{len(matched.ignored)} arrays are no parameters of the translation")
