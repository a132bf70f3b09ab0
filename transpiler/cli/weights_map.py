"""`tfjax-compile weights map PATH...`: runs both sides and writes which weight becomes which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..diagnostics import codes
from .config import FLAVOURS, ConfigError, load_config
from .console import Console
from .inputs import Search, read_inputs
from .run import rule_paths
from .verification import table

if TYPE_CHECKING:
    from ..weights.weight_map import WeightMap

OK, LEFT, USAGE = 0, 1, 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-o", "--output", default="weights.map.json", metavar="FILE", help="The map.")
@click.option("--program", metavar="NAME", help="Only this one of [[tool.tfjax.verify]].")
@click.option("--keras", type=click.Choice(FLAVOURS), help="Keras version of the source.")
@click.option("--root", "roots", multiple=True, metavar="DIR", help="Where imports start from.")
@click.option("--follow-imports", is_flag=True, help="Read what the named files import, too.")
@click.option("--rules", multiple=True, metavar="PATH", help="Rules over the built-in ones.")
@click.option("--config", "config_path", metavar="FILE", help="Settings from this file.")
def weights_map(paths: tuple[str, ...], output: str, **given: Any) -> int:
    """Write the weight map of the programs in PATH.

    Both sides are run as `verify --mode outputs` does, so that the map is proved; then Keras saves
    the program in every format that it can, which tells the keys.

    Exit codes: 0 every program has its map; 1 one of them does not verify, and is not in the map; 2
    usage error."""
    console = Console()
    try:
        maps, code = maps_of(console, paths, **given)
    except ConfigError as error:
        console.show([error.diagnostic], {})
        return USAGE
    if maps:
        from ..weights.weight_map import write_map

        write_map(Path(output), maps)
        for one in maps:
            console.say(f"{one.program}: {len(one.targets)} parameters, written to {output}")
            for name, reason in one.unsaved.items():
                console.say(f"  Keras cannot write it as {name}: {reason}")
    return code


def maps_of(
    console: Console,
    paths: tuple[str, ...],
    *,
    program: str | None,
    keras: str | None,
    roots: tuple[str, ...],
    follow_imports: bool,
    rules: tuple[str, ...],
    config_path: str | None,
) -> tuple[list[WeightMap], int]:
    """The maps, and the exit code; what is wrong has been said. Raises ConfigError."""
    first = Path(paths[0])
    explicit = Path(config_path) if config_path is not None else None
    config = load_config(first if first.is_dir() else first.parent, explicit)
    inputs = read_inputs(
        paths, config.max_file_size, None, Search(tuple(map(Path, roots)), follow_imports)
    )
    console.show(inputs.diagnostics, {s.name: s.text for s in inputs.sources})
    if inputs.usage_error:
        return [], USAGE
    from .. import project as compiler
    from ..verify.options import VerifyOptions

    options = compiler.Options(
        flavour=keras or config.keras or "auto",
        target=config.target or "nnx",
        rules=rule_paths(rules, config),
    )
    project = compiler.compile_project(inputs.sources, options)
    try:
        from ..verify.weight_maps import weight_maps

        maps, problems = weight_maps(project, config, options, VerifyOptions(), program)
    except ModuleNotFoundError as error:
        message = f"the two sides cannot be run: {error}"
        hint = "install the extra: pip install 'tfjax[verify]'"
        problem = codes.VERIFY_EXTRA_MISSING.at(paths[0], None, message, hint=hint)
        console.show([problem], {})
        return [], LEFT
    console.show([d for one in problems for d in one.diagnostics], {})
    if problems:
        console.say(table(problems))
    return maps, LEFT if problems else OK
