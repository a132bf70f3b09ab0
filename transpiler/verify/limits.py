"""Limits of a worker process, which sets them on itself before it runs any user code."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import sandbox

GIB = 1 << 30
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


@dataclass(frozen=True, slots=True)
class Limits:
    """wall_s and cpu_s in seconds, for each of the two workers; sizes in GiB.

    file_gib: of one file, and of all files in the program's working folder together.
    network, processes: whether the program may open sockets, and start other processes.
    """

    wall_s: float = 300.0
    cpu_s: int = 600
    memory_gib: float = 12.0
    file_gib: float = 4.0
    network: bool = False
    processes: bool = False


def apply_limits(
    limits: Limits, writable: Sequence[Path] | None = None, *, device: bool = False
) -> tuple[str, ...]:
    """Set the limits of this process for good. With `writable` the sandbox is closed, too: writes
    are confined to these folders. Returns which parts of it hold (see `sandbox`).

    device: the process computes on a GPU or TPU. Their drivers reserve more addresses than there is
    memory, so that what is written counts there, not what is mapped.
    """
    memory, file_size = int(limits.memory_gib * GIB), int(limits.file_gib * GIB)
    wanted = {
        resource.RLIMIT_DATA if device else resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (limits.cpu_s, limits.cpu_s + 5),  # SIGXCPU first, SIGKILL later
        resource.RLIMIT_FSIZE: (file_size, file_size),
        resource.RLIMIT_CORE: (0, 0),
    }
    for kind, (soft, hard) in wanted.items():
        _, most = resource.getrlimit(kind)
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (soft, hard))
    if not limits.network:
        _leave_network()
    if writable is None:
        return ()
    places = [*writable, *(sandbox.devices() if device else ())]
    return sandbox.enter(places, network=limits.network, processes=limits.processes)


def _leave_network() -> None:
    """A network namespace of its own, where the kernel lets us; otherwise nothing changes."""
    with contextlib.suppress(OSError, AttributeError):
        unshare = ctypes.CDLL(None, use_errno=True).unshare
        if os.geteuid() == 0:
            unshare(CLONE_NEWNET)
        else:
            unshare(CLONE_NEWUSER | CLONE_NEWNET)
