"""What is known of a program beside its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .facts import Observed


@dataclass(frozen=True, slots=True)
class Given:
    """`callers`: by name, texts of modules that call the source, which only the analysis reads."""

    callers: Mapping[str, str] = field(default_factory=dict[str, str])
    observed: Observed = field(default_factory=Observed)


NOTHING = Given()
