"""`tfjax-compile agents serve --model PATH`: a vLLM server in the foreground."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..serve import ServeError, ServeOptions, start, stop


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--model", required=True, type=click.Path(path_type=Path), help="Folder of weights.")
@click.option("--port", default=8103, show_default=True)
@click.option("--name", default="coder", show_default=True, help="The name it is served under.")
@click.option("--device", type=click.Choice(("auto", "cpu", "gpu")), default="auto")
@click.option("--context", default=4096, show_default=True, help="Longest context in tokens.")
@click.option("--python", default=sys.executable, help="An interpreter that has vLLM.")
@click.option("--wait", default=600.0, show_default=True, help="Seconds until it must be healthy.")
@click.option("--log", type=click.Path(path_type=Path), default="vllm.log", show_default=True)
@click.argument("extra", nargs=-1)
def serve_command(
    model: Path,
    port: int,
    name: str,
    device: str,
    context: int,
    python: str,
    wait: float,
    log: Path,
    extra: tuple[str, ...],
) -> int:
    """Start a vLLM server with flags that suit the machine, wait until it is healthy, and keep it
    until interrupted. EXTRA words (after `--`) go to vLLM.

    Exit code 1: it did not come up."""
    options = ServeOptions(model, port, name, device, context, python, wait, extra)
    try:
        process = start(options, log)
    except ServeError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"healthy: http://127.0.0.1:{port}  (log: {log}; interrupt to end it)")
    try:
        return process.wait()
    finally:
        stop(process)
