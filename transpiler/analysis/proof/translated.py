"""The modules of a translation as IR: read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ....ir.nodes import Module
from ....rules.api import Flavour
from ...emit import Emitted
from ...frontend import ParsedModule, ProjectTable, lower
from ..type_comments import with_types
from .gaps import without_gaps


@dataclass(frozen=True, slots=True)
class Translated(Mapping[str, Module]):
    """Modules by name. Those of `emitted` are read past what is not translated; `gaps` are the
    statements that stand for it, by identity, in what was read so far."""

    parsed: Mapping[str, ParsedModule]
    table: ProjectTable
    flavour: Flavour
    emitted: Mapping[str, Emitted] = field(default_factory=dict[str, Emitted])
    gaps: set[int] = field(default_factory=set[int])
    read: dict[str, Module] = field(default_factory=dict[str, Module])

    def __getitem__(self, name: str) -> Module:
        found = self.read.get(name)
        if found is None:
            parsed = self.parsed[name]
            # Comments are carried along, and tell here what they tell of the source.
            found = with_types(lower(parsed, self.table, self.flavour).module, parsed.text)
            if name in self.emitted:
                found, passed = without_gaps(found, self.emitted[name])
                self.gaps.update(passed)
            self.read[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.parsed)

    def __len__(self) -> int:
        return len(self.parsed)

    def __contains__(self, name: object) -> bool:
        return name in self.parsed
