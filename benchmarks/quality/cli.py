"""Compare translations with ports by hand: length of the code and what XLA says it costs.

The cases are those of `benchmarks.cases`, whose kept outputs in the cache are measured; a case that
has none is compiled. Printed are, for each case with a port in ports.toml: lines of code of source,
translation and port, and, as ratios of the translation to the port, for the forward pass and the
gradient: floating-point operations as written and as compiled, and bytes accessed as compiled.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ..cases.case import load_cases
from ..cases.fetch import FetchError, fetch
from .compare import Comparison, compare
from .ports import load_ports
from .table import markdown, print_table


def main(argv: Sequence[str] | None = None) -> int:
    """0 when every comparison was made, 1 when one could not be, 2 for wrong usage."""
    args = _parser().parse_args(argv)
    ports = load_ports()
    try:
        cases = {c.id: c for c in load_cases(args.cases)}
    except (OSError, ValueError, KeyError) as error:
        print(f"cannot use the case list: {error}", file=sys.stderr)
        return 2
    wanted = [c for i, c in cases.items() if i in ports and (not args.only or i in args.only)]
    rows: list[Comparison] = []
    for case in wanted:
        port = ports[case.id]
        try:
            folder = fetch(port.package, port.requires, args.cache) if port.requires else None
        except FetchError as error:
            rows.append(Comparison(case.id, problem=str(error)))
            continue
        rows.append(compare(case, port, args.cache.resolve(), folder))
        print(
            f"[{len(rows)}/{len(wanted)}] {case.id} {rows[-1].problem}", file=sys.stderr, flush=True
        )
    print_table(rows, Console(width=max(Console().width, 130)))
    if args.markdown:
        args.markdown.write_text(markdown(rows), encoding="utf-8")
    if args.json:
        args.json.write_text(json.dumps([r.to_json() for r in rows], indent=1) + "\n")
    return int(any(r.problem for r in rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="the case list")
    parser.add_argument(
        "--cache", type=Path, required=True, help="folder of the packages and outputs"
    )
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="may be repeated")
    parser.add_argument("--markdown", type=Path, metavar="OUT", help="write the table as Markdown")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures as JSON")
    return parser
