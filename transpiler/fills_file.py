"""Fills as a file: what agents have found and proved, for runs without a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .fills import Fill, parse_fill
from .frontend import SourceSyntaxError

VERSION = 1


class FillsError(Exception):
    """A file that holds no fills: the path and the reason."""


def read_fills(path: Path) -> tuple[Fill, ...]:
    """Raises FillsError for a file that is missing, no JSON, or holds code of another form."""
    try:
        data: Any = json.loads(path.read_text("utf-8"))
        if data["version"] != VERSION:
            raise FillsError(f"{path}: version {data['version']} of the format is not known")
        fills = tuple(Fill(str(o["key"]), str(o["code"]), str(o["by"])) for o in data["fills"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FillsError(f"{path} holds no fills: {error}") from error
    for fill in fills:
        try:
            parse_fill(fill.code)
        except (SourceSyntaxError, ValueError) as error:
            raise FillsError(f"{path}: fill {fill.key}: {error}") from error
    return fills


def fills_text(fills: Sequence[Fill]) -> str:
    """The file's text; the same for the same fills."""
    ordered = sorted(fills, key=lambda fill: fill.key)
    data = [{"key": fill.key, "by": fill.by, "code": fill.code} for fill in ordered]
    return json.dumps({"version": VERSION, "fills": data}, indent=2) + "\n"
