"""In which order a package imports what it passes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from ..files import Lead


class Importer(Protocol):
    """`needs`: the modules that a module imports from; `asked`: the names that it takes from
    packages which pass them on, by (package, name)."""

    @property
    def needs(self) -> Mapping[str, None]: ...

    @property
    def asked(self) -> set[tuple[str, str]]: ...


def in_order(
    package: str, leads: Iterable[Lead], modules: Mapping[str, Importer]
) -> tuple[Lead, ...]:
    """The names by the alphabet, but what a module takes from the package before what the package
    has from that module."""
    waiting = sorted(leads)
    names = {lead.name for lead in waiting}
    needed = {
        lead.name: names & _asked(lead.module, package, modules) - {lead.name} for lead in waiting
    }
    done: list[Lead] = []
    while waiting:
        there = {lead.name for lead in done}
        ready = next((lead for lead in waiting if needed[lead.name] <= there), waiting[0])
        waiting.remove(ready)
        done.append(ready)
    return tuple(done)


def _asked(module: str, package: str, modules: Mapping[str, Importer]) -> set[str]:
    """The names that a module, or one that it imports from, takes from the package."""
    names: set[str] = set()
    seen = {package}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in modules and name not in seen:
            seen.add(name)
            names |= {asked for owner, asked in modules[name].asked if owner == package}
            waiting.extend(modules[name].needs)
    return names
