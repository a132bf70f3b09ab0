"""Loaded rules, looked up by symbol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from ...ir.nodes import Expression
from . import cache, codec
from .errors import Place, Problem
from .files import BUILTIN, read_files
from .index import Index
from .records import Kind, Record, Rule, Status, Value

Defaults = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Records are decoded when they are first asked for.

    `flavour` is the Keras version that look-ups are for. `problems` are the warnings of the load.
    """

    index: Index
    blobs: Sequence[bytes]
    target_defaults: Mapping[str, Mapping[str, Any]]
    problems: tuple[Problem, ...] = ()
    flavour: str | None = None
    _decoded: dict[int, Record] = field(default_factory=dict[int, Record], repr=False)

    @staticmethod
    def load(paths: Iterable[Path] = (BUILTIN,), extra: Iterable[Path] = ()) -> RuleSet:
        """Rules of files and folders; `extra` ones override, the last one first. Raises RuleError;
        uses the binary cache.
        """
        groups = [read_files(paths), *(read_files([path]) for path in extra)]
        flat = [
            (str(n) + path, content) for n, group in enumerate(groups) for path, content in group
        ]
        key, folder = cache.digest(flat), cache.cache_folder()
        data = cache.read(folder, key)
        if data is None:
            from .compile import compile_groups

            data = compile_groups(groups, folder=folder)
            cache.write(folder, key, data)
        return _from_data(data)

    @staticmethod
    def parse(text: str, *, api: bool = False, base: Iterable[Path] = ()) -> RuleSet:
        """Rules of one text, over the rules at `base`. With `api`, symbols are checked against the
        API.
        """
        from .compile import compile_groups

        groups = [read_files([path]) for path in base]
        groups.append([("<rules>", text.encode())])
        return _from_data(compile_groups(groups, api=api))

    def for_flavour(self, flavour: str | None) -> RuleSet:
        """The same rules, looked up for another Keras version."""
        return replace(self, flavour=flavour)

    def for_symbol(self, symbol: str, flavour: str | None = None) -> Rule | Status | None:
        """What to do with a call of `symbol` (canonical); methods and attributes are
        `tf.Tensor.name`.
        """
        number = Index.find(self.index.calls, symbol, flavour or self.flavour)
        return None if number is None else cast(Rule | Status, self._record(number))

    def for_value(self, symbol: str, flavour: str | None = None) -> Value | Status | None:
        """What to do with `symbol` where it is not called: constants, dtypes, functions."""
        number = Index.find(self.index.values, symbol, flavour or self.flavour)
        return None if number is None else cast(Value | Status, self._record(number))

    def for_member(self, owner: str, name: str, flavour: str | None = None) -> Rule | Status | None:
        """The record of a method or attribute of `owner`, "tf.Tensor" or "tf.Variable"."""
        return self.for_symbol(f"{owner}.{name}", flavour)

    def named(self, kind: Kind, text: str) -> Rule | Status | None:
        """The record that a string names: `named("activation", "relu")`."""
        symbol = self.index.named.get(f"{kind}:{text}")
        return None if symbol is None else self.for_symbol(symbol)

    def target_default(self, symbol: str, parameter: str) -> Expression | None:
        """The default of a target parameter, if templates pass it by keyword."""
        data = self.target_defaults.get(symbol, {}).get(parameter)
        return None if data is None else codec.decode(data)

    def records(self) -> Iterable[Record]:
        """All records, in load order."""
        return (self._record(number) for number in range(len(self.blobs)))

    def __len__(self) -> int:
        return len(self.blobs)

    def _record(self, number: int) -> Record:
        found = self._decoded.get(number)
        if found is None:
            found = self._decoded[number] = cast(Record, codec.loads(self.blobs[number]))
        return found


def _from_data(data: object) -> RuleSet:
    calls, values, named, blobs, defaults, problems = cast(Any, data)
    return RuleSet(
        Index(calls, values, named),
        blobs,
        defaults,
        tuple(_problem(*problem) for problem in problems),
    )


def _problem(path: str, line: int, column: int, message: str, code: str) -> Problem:
    return Problem(Place(path, line, column), message, code, is_warning=True)
