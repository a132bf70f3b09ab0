"""`tfjax-compile rules new SYMBOL`: a record to start from."""

from __future__ import annotations

import click

from ..prove.skeleton import skeleton


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("symbol")
@click.option("--keras", type=click.Choice(("2", "3")), default="3", help="The Keras version.")
def rules_new(symbol: str, keras: str) -> int:
    """Print a record for SYMBOL (tf.math.top_k, keras.layers.Dense) with the parameters and
    defaults of its real signature, to be completed and given to `rules check`.

    Exit code 1: the API has no such symbol."""
    text = skeleton(symbol, f"keras{keras}")
    if text is None:
        click.echo(f"error: the API has no callable `{symbol}`", err=True)
        return 1
    click.echo(text, nl=False)
    return 0
