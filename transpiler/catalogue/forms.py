"""The catalogue as text for a terminal, JSON, Markdown and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType

from ..prove.record import read_proofs
from .entries import STATUSES, Entry

COLUMNS = ("symbol", "status", "flavour", "becomes", "caveats", "proof", "place")


def render(entries: Sequence[Entry], form: str) -> str:
    """Raises KeyError for an unknown form."""
    return FORMS[form](entries)


def counts(entries: Iterable[Entry]) -> dict[str, int]:
    """The number of symbols by status; a symbol counts once."""
    statuses = {entry.symbol: entry.status for entry in entries}
    found = Counter(statuses.values())
    return {status: found[status] for status in STATUSES}


def brief(entry: Entry) -> str:
    """What becomes of the symbol, in a few words."""
    if entry.status != "translated":
        return entry.reason
    return "; ".join(entry.target)


def as_text(entries: Sequence[Entry]) -> str:
    width = min(max((len(entry.symbol) for entry in entries), default=0), 48)
    lines = [
        f"{entry.symbol:<{width}}  {entry.status:<10}  {_short(brief(entry), 70)}"
        for entry in entries
    ]
    total = ", ".join(f"{number} {status}" for status, number in counts(entries).items() if number)
    return "\n".join([*lines, f"{len({e.symbol for e in entries})} symbols: {total or 'none'}", ""])


def as_json(entries: Sequence[Entry]) -> str:
    data = {
        "counts": counts(entries),
        "proved_with": dict(read_proofs().versions),
        "symbols": [asdict(entry) for entry in entries],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def as_csv(entries: Sequence[Entry]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        caveats = "; ".join(entry.caveats)
        writer.writerow(
            (
                *(entry.symbol, entry.status, entry.flavour or "", brief(entry)),
                *(caveats, entry.proof or "", entry.place),
            )
        )
    return out.getvalue()


def as_markdown(entries: Sequence[Entry]) -> str:
    lines = ["| symbol | status | becomes | to know | proof |", "|---|---|---|---|---|"]
    for entry in entries:
        target = _code(entry.target) if entry.status == "translated" else _cell(entry.reason)
        flavour = f" ({entry.flavour})" if entry.flavour else ""
        know = _cell("; ".join((*entry.caveats, *entry.notes, entry.hint or "")).strip("; "))
        lines.append(
            f"| `{entry.symbol}`{flavour} | {entry.status} | {target} | {know} "
            f"| {entry.proof or ''} |"
        )
    return "\n".join([*lines, ""])


def one(entry: Entry) -> str:
    """Everything about one symbol, for a terminal."""
    lines = [f"{entry.symbol}: {entry.status}" + (f" ({entry.flavour})" if entry.flavour else "")]
    if entry.kind != "status":
        lines.append(f"  record    {entry.kind} {entry.rule}, {entry.place}")
    else:
        lines.append(f"  record    {entry.place}")
    if entry.overrides:
        lines.append("            replaces a built-in record")
    if entry.doc:
        lines.append("  about     " + " ".join(entry.doc.split()))
    lines += _listed("becomes", entry.target)
    lines += _listed("reason", [entry.reason] if entry.reason else [])
    lines += _listed("instead", [entry.hint] if entry.hint else [])
    lines += _listed("caveat", entry.caveats)
    lines += _listed("note", entry.notes)
    lines += _listed("helper", [f"rules/helpers: {name}" for name in entry.helpers])
    lines += _listed("example", [f"{before}  =>  {after}" for before, after in entry.examples])
    if entry.proof:
        lines += _listed("proof", [entry.proof, proved_with()])
    return "\n".join(lines) + "\n"


def proved_with() -> str:
    """The libraries that the proofs hold for."""
    return ", ".join(f"{name} {version}" for name, version in read_proofs().versions.items())


def _listed(label: str, texts: Sequence[str]) -> list[str]:
    return [f"  {label if n == 0 else '':<9} {text}" for n, text in enumerate(texts)]


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(targets: Sequence[str]) -> str:
    return "<br>".join(f"`{_cell(target)}`" for target in targets)


FORMS: Mapping[str, Callable[[Sequence[Entry]], str]] = MappingProxyType(
    {"text": as_text, "json": as_json, "md": as_markdown, "csv": as_csv}
)
