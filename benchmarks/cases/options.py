"""What the user chose about a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Times in seconds and memory in GiB are for each case."""

    cache: Path
    work: Path
    jobs: int = 1
    verify: bool = True
    fresh: bool = False
    compile_timeout_s: float = 120.0
    verify_timeout_s: float = 600.0
    memory_gib: float = 12.0
