"""The texts of prompts, as templates with `$name`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / f"{name}.md").read_text("utf-8"))


def prompt(template: str, /, **values: str) -> str:
    """The text of a template. Raises KeyError for a value that is missing."""
    return _template(template).substitute(values).strip() + "\n"
