"""ruff as the judge of the emitter's output."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

_COMMON = ["--isolated", "--line-length", "100", "--target-version", "py311"]


def formatted(text: str) -> str:
    """The text as `ruff format` would have it."""
    command = [sys.executable, "-m", "ruff", "format", *_COMMON, "-"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode()


def complaints(text: str, ignore: Sequence[str] = ()) -> str:
    """What `ruff check` has to say; "" for nothing."""
    command = [sys.executable, "-m", "ruff", "check", *_COMMON, "--select", "E,W,F,I,UP"]
    command += ["--output-format", "concise", "--quiet"]
    command += ["--ignore", ",".join(ignore)] if ignore else []
    done = subprocess.run([*command, "-"], input=text.encode(), capture_output=True, check=False)
    return done.stdout.decode()
