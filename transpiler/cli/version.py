"""The version of the tool."""

from __future__ import annotations

from functools import cache


@cache
def tool_version() -> str:
    """The installed version; "0+unknown" when run from a tree that is not installed."""
    # Imported late: it costs a third of the time of `--explain`.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tfjax")
    except PackageNotFoundError:
        return "0+unknown"
