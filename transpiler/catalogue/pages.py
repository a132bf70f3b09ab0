"""The catalogue as pages of the documentation: one for each family, and their index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .entries import STATUSES, Entry
from .forms import as_markdown, counts, proved_with

HEAD = "<!-- Written by `make docs` from the rules. -->\n\n"


def pages(entries: Sequence[Entry]) -> Mapping[str, str]:
    """The text of the pages by file name."""
    families: dict[str, list[Entry]] = {}
    for entry in entries:
        families.setdefault(f"{entry.place.partition('/')[0]}-{entry.family}", []).append(entry)
    found = {f"{name}.md": _page(name, families[name]) for name in sorted(families)}
    return {"README.md": _index(entries, families), **found}


def write_pages(entries: Sequence[Entry], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(entries).items():
        (folder / name).write_text(text, encoding="utf-8")


def _page(name: str, entries: Sequence[Entry]) -> str:
    return f"{HEAD}# {name.replace('-', ': ', 1)}\n\n{as_markdown(entries)}"


def _index(entries: Sequence[Entry], families: Mapping[str, Sequence[Entry]]) -> str:
    head = " | ".join(STATUSES)
    lines = [
        f"{HEAD}# Catalogue of symbols\n",
        "What becomes of each TF and Keras symbol: translated by a rule, translated by a pass of",
        "the compiler, kept on the host, dropped, or refused with a reason. The same from the",
        "command line: `tfjax-compile rules list`, `tfjax-compile rules show SYMBOL`.\n",
        "The last column of the pages is the level of the proof and the number of cases that ran",
        f"on both sides ({proved_with() or 'none is recorded'}): see [the rules](../rules.md).\n",
        f"| family | {head} |",
        "|---|" + "---:|" * len(STATUSES),
    ]
    for name in sorted(families):
        row = " | ".join(str(number) for number in counts(families[name]).values())
        lines.append(f"| [{name}]({name}.md) | {row} |")
    total = " | ".join(str(number) for number in counts(entries).values())
    return "\n".join([*lines, f"| all | {total} |", ""])
