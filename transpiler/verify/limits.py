"""Limits of a worker process, which sets them on itself before it runs any user code."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from dataclasses import dataclass

GIB = 1 << 30
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


@dataclass(frozen=True, slots=True)
class Limits:
    """wall_s and cpu_s in seconds, for each of the two workers; sizes in GiB."""

    wall_s: float = 300.0
    cpu_s: int = 600
    memory_gib: float = 12.0
    file_gib: float = 4.0
    network: bool = False


def apply_limits(limits: Limits) -> None:
    """Set the resource limits of this process and its children; best effort for the network."""
    memory, file_size = int(limits.memory_gib * GIB), int(limits.file_gib * GIB)
    wanted = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: limits.cpu_s,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
    if not limits.network:
        _leave_network()


def _leave_network() -> None:
    """A network namespace of its own, where the kernel lets us; otherwise nothing changes."""
    with contextlib.suppress(OSError, AttributeError):
        unshare = ctypes.CDLL(None, use_errno=True).unshare
        if os.geteuid() == 0:
            unshare(CLONE_NEWNET)
        else:
            unshare(CLONE_NEWUSER | CLONE_NEWNET)
