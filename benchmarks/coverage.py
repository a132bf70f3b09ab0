"""How much of real code the rules know: call sites, and model files with every symbol known.

usage: python -m benchmarks.coverage FOLDER... [--against RULES] [--top N] [--blockers N]
       [--json OUT]

FOLDERs hold unpacked packages; their Python files are parsed, never run. A use of a TF or Keras
symbol is *known* when a record or a pass of the compiler decides what becomes of it, and *handled*
when that is not a refusal. Types in annotations and methods for Keras' serialisation do not count:
the first become plain types, the second go. A model file is one that defines a class or uses a
layer of Keras.
--against compares with the rules of another folder, such as those of an earlier version.
--blockers ranks the symbols that keep model files from being handled whole, those first that do so
with the fewest others: each file counts 1 / n for each of its n such symbols.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tfjax.ir.nodes import (
    AnnotatedAssign,
    ClassDef,
    FunctionDef,
    Module,
    Node,
    OpCall,
    Parameter,
    Symbol,
    children,
)
from tfjax.rules.api import SourceApi
from tfjax.rules.language import RuleSet
from tfjax.rules.language.records import Rule, Status
from tfjax.transpiler.frontend import SourceSyntaxError
from tfjax.transpiler.frontend.lower import lower_text

BASES = frozenset({"keras.Model", "keras.Layer", "keras.Sequential", "tf.Module"})
SERIALISATION = frozenset({"get_config", "from_config", "get_build_config", "build_from_config"})
MAX_BYTES = 2_000_000


@dataclass(slots=True)
class Coverage:
    """Shares over all files; `unknown` counts the files of each symbol that nothing decides."""

    files: int = 0
    model_files: int = 0
    sites: int = 0
    known: int = 0
    handled: int = 0
    whole_known: int = 0
    whole_handled: int = 0
    unknown: Counter[str] = field(default_factory=Counter[str])
    blocked: list[list[str]] = field(default_factory=list[list[str]])  # of each such model file

    def add(self, uses: Sequence[str], is_model: bool, statuses: Statuses) -> None:
        found = [statuses.of(symbol) for symbol in uses]
        self.files += 1
        self.sites += len(found)
        self.known += sum(status != "none" for status in found)
        self.handled += sum(status not in ("none", "refuse") for status in found)
        self.unknown.update({s for s, status in zip(uses, found, strict=True) if status == "none"})
        if is_model:
            self.model_files += 1
            self.whole_known += "none" not in found
            pairs = zip(uses, found, strict=True)
            stops = sorted({s for s, status in pairs if status in ("none", "refuse")})
            self.whole_handled += not stops
            if stops:
                self.blocked.append(stops)

    def blockers(self) -> list[tuple[str, float, int, int]]:
        """Symbols with their weight, the model files they stand in, and those they block alone."""
        weights: defaultdict[str, float] = defaultdict(float)
        files, alone = Counter[str](), Counter[str]()
        for stops in self.blocked:
            files.update(stops)
            alone.update(stops if len(stops) == 1 else [])
            for symbol in stops:
                weights[symbol] += 1 / len(stops)
        ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
        return [(symbol, weight, files[symbol], alone[symbol]) for symbol, weight in ranked]

    def rows(self) -> Iterator[tuple[str, str]]:
        yield "files with TF or Keras", str(self.files)
        yield "call sites and other uses", str(self.sites)
        yield "uses known", _share(self.known, self.sites)
        yield "uses handled", _share(self.handled, self.sites)
        yield "model files", str(self.model_files)
        yield "model files known whole", _share(self.whole_known, self.model_files)
        yield "model files handled whole", _share(self.whole_handled, self.model_files)


class Statuses:
    """What one set of rules says of symbols."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._api = SourceApi.load()
        self._passes = {
            record.symbol
            for record in rules.records()
            if isinstance(record, Status) and record.kind == "pass"
        } | BASES | {"keras.Input", "keras.layers.InputLayer"}  # fmt: skip
        self._found: dict[str, str] = {}

    def of(self, symbol: str) -> str:
        """ "rule", "pass", "drop", "keep", "refuse" or "none"."""
        if symbol not in self._found:
            self._found[symbol] = self._status(symbol)
        return self._found[symbol]

    def _status(self, symbol: str) -> str:
        if symbol in self._passes:
            return "pass"
        record = self._rules.for_symbol(symbol)
        if not isinstance(record, Rule):  # a value says more than a pattern that covers it
            record = self._rules.for_value(symbol) or record
        if record is None:
            owner, _, member = symbol.rpartition(".")
            known = self._api.symbol(owner)
            if known is not None and known.kind == "dtype":
                record = self._rules.for_member("tf.DType", member)
        if record is None:
            return "none"
        return record.kind if isinstance(record, Status) else "rule"


def uses_of(module: Module, api: SourceApi) -> list[str]:
    """The TF and Keras symbols that a module uses, one for each place; modules do not count."""
    found: list[str] = []
    called: set[int] = set()  # what calls name is counted with the call
    for node in _translated(module):
        match node:
            case OpCall(symbol=symbol, function=function):
                found.append(symbol)
                called.add(id(function))
            case Symbol(path=path) if id(node) not in called and not api.is_module(path):
                found.append(path)
            case _:
                pass
    return found


def _translated(node: Node) -> Iterator[Node]:
    """All below a node but annotations and methods that serialise."""
    yield node
    skipped: set[int] = set()
    match node:
        case FunctionDef(returns=returns):
            skipped = {id(returns)}
        case AnnotatedAssign(annotation=annotation):
            skipped = {id(annotation)}
        case ClassDef(body=body):
            skipped = {
                id(s) for s in body if isinstance(s, FunctionDef) and s.name in SERIALISATION
            }
        case _:
            pass
    for child in children(node):
        if isinstance(node, FunctionDef) and isinstance(child, Parameter):
            if child.default is not None:
                yield from _translated(child.default)
        elif id(child) not in skipped:
            yield from _translated(child)


def is_model_file(uses: Sequence[str], text: str) -> bool:
    if any(symbol.startswith("keras.layers.") for symbol in uses):
        return True
    return "class " in text and not BASES.isdisjoint(uses)


def measure(
    folders: Sequence[Path], sets: Sequence[RuleSet], report: Console
) -> tuple[list[Coverage], int]:
    """The coverage by each set of rules, and the number of files that could not be read."""
    api = SourceApi.load()
    results, statuses = [Coverage() for _ in sets], [Statuses(rules) for rules in sets]
    paths = sorted(path for folder in folders for path in folder.rglob("*.py"))
    unread = 0
    for number, path in enumerate(paths):
        if number % 500 == 0 and report.is_terminal:
            report.print(f"{number}/{len(paths)} files")
        try:
            text = path.read_text(encoding="utf-8")
            # Most files mention neither: parsing them would only cost time.
            if len(text) > MAX_BYTES or ("tensorflow" not in text and "keras" not in text):
                continue
            uses = uses_of(lower_text(text, name=path.stem), api)
        except (OSError, UnicodeDecodeError, SourceSyntaxError, SyntaxError):
            unread += 1
            continue
        if uses:
            model = is_model_file(uses, text)
            for result, known in zip(results, statuses, strict=True):
                result.add(uses, model, known)
    return results, unread


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--against", type=Path, metavar="RULES", help="rules to compare with")
    parser.add_argument("--top", type=int, default=20, help="unknown symbols to list")
    parser.add_argument("--blockers", type=int, default=0, help="refused or unknown ones to list")
    parser.add_argument("--json", type=Path, metavar="OUT")
    given = parser.parse_args(arguments)
    console = Console(stderr=False)
    sets = [RuleSet.load()] + ([RuleSet.load([given.against])] if given.against else [])
    (now, *before), unread = measure(given.folders, sets, Console(stderr=True))
    table = Table("", "now", *(["against"] if before else []))
    for row in zip(now.rows(), *(b.rows() for b in before), strict=True):
        table.add_row(row[0][0], *(value for _, value in row))
    console.print(table)
    if unread:
        console.print(f"{unread} files could not be parsed")
    for symbol, count in now.unknown.most_common(given.top):
        console.print(f"  {count:5} files  {symbol}", highlight=False)
    for symbol, weight, files, alone in now.blockers()[: given.blockers]:
        line = f"  {weight:6.1f}  in {files:4} model files, alone in {alone:3}  {symbol}"
        console.print(line, highlight=False)
    if given.json:
        data = [{**asdict(c), "unknown": dict(c.unknown.most_common())} for c in (now, *before)]
        given.json.write_text(json.dumps(data, indent=1) + "\n")
    return 0


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.1f}%)" if whole else "0"


if __name__ == "__main__":
    sys.exit(main())
