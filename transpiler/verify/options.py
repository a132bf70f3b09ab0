"""What the user can choose about a verification."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .limits import Limits
from .modes import BASIC, Mode


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """modes        what is compared, see `modes.py`
    against      an output folder: its files are run instead of what is compiled now
    save_oracle  the folder that the frozen oracle is written to
    layers       the oracle keeps what each layer of the source gives
    write_tests  the folder that the pytest file and its data are written to
    """

    modes: tuple[Mode, ...] = BASIC
    jobs: int = 2
    platform: str = "cpu"
    limits: Limits = field(default_factory=Limits)
    against: Path | None = None
    save_oracle: Path | None = None
    write_tests: Path | None = None
    layers: bool = False
