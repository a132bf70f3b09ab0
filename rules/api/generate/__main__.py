"""Entry point: `python -m tfjax.rules.api.generate [OUT] [--only source|target]`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tfjax.rules.api.generate")
    parser.add_argument("out", nargs="?", type=Path, default=DATA)
    parser.add_argument("--only", choices=("source", "target"))
    options = parser.parse_args()
    # Set before the frameworks are imported: the v1 Keras names exist in the Keras 2 package only,
    # and nothing here needs an accelerator.
    os.environ.update(
        CUDA_VISIBLE_DEVICES="",
        JAX_PLATFORMS="cpu",
        KERAS_BACKEND="tensorflow",
        TF_CPP_MIN_LOG_LEVEL="3",
        TF_USE_LEGACY_KERAS="1",
    )
    logging.disable(logging.WARNING)
    # `tf.compat.v1.flags.FLAGS` parses the command line when an attribute is read.
    del sys.argv[1:]

    from . import source, target, write

    if options.only != "target":
        source.generate(options.out / "source")
    if options.only != "source":
        target.generate(options.out / "target")
    write.versions(options.out / "versions.tsv")


if __name__ == "__main__":
    main()
