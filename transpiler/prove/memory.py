"""The memory of a process, where the system tells it (Linux)."""

from __future__ import annotations

from pathlib import Path

MIB = 1024


def resident(pid: int | str = "self", peak: bool = False) -> int:
    """MiB in memory, now or at most so far; 0 where the system does not tell."""
    wanted = "VmHWM:" if peak else "VmRSS:"
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in lines.splitlines():
        if line.startswith(wanted):
            return int(line.split()[1]) // MIB
    return 0
