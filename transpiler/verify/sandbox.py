"""What user code may not do, enforced by the kernel on the process itself; no privileges needed.

seccomp (a filter of system calls, which cannot be taken off again): no socket of any kind, no new
process, no signal to another process, no access to another process' memory. Threads are allowed.

Landlock (rules for the file system, Linux 5.13 on): nothing is written, created, renamed or removed
outside the folders given. Reading is not restricted: programs import from anywhere. A GPU or TPU is
driven through files that are written to: a process that computes there is given these, too.

Each part that the kernel lacks is left out; `enforced` in the result names those that hold.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Sequence
from pathlib import Path

_LOAD, _EQUAL, _BITS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER_MODE = 38, 22, 2

# Numbers of the system calls: (audit architecture, by name).
_X86_64 = (
    0xC000003E,
    {
        "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "kill": 62, "ptrace": 101,
        "tkill": 200, "tgkill": 234, "process_vm_readv": 310, "process_vm_writev": 311,
        "io_uring_setup": 425, "pidfd_send_signal": 424, "clone3": 435,
    },
)  # fmt: skip
_AARCH64 = (
    0xC00000B7,
    {
        "socket": 198, "clone": 220, "kill": 129, "ptrace": 117, "tkill": 130, "tgkill": 131,
        "process_vm_readv": 270, "process_vm_writev": 271, "io_uring_setup": 425,
        "pidfd_send_signal": 424, "clone3": 435,
    },
)  # fmt: skip
_MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_WRITE_FILE, _TRUNCATE, _REFER = 1 << 1, 1 << 14, 1 << 13
_CHANGES = sum(1 << bit for bit in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12))
"""Write, remove, make: the rights of Landlock's first version."""

_DEVICES = ("nvidia*", "nvidia-caps/*", "dri/*", "kfd", "accel*", "vfio/*", "shm")
"""In /dev: of CUDA, ROCm and TPUs, and the folder in which their drivers share memory."""


def devices(root: Path = Path("/dev")) -> list[Path]:
    """The files by which a GPU or TPU is driven, those that are there."""
    return sorted(path for pattern in _DEVICES for path in root.glob(pattern))


def enter(writable: Sequence[Path], *, network: bool, processes: bool) -> tuple[str, ...]:
    """Closes the sandbox around this process, for good. Returns what holds: "files", "calls"."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ()
    held: list[str] = []
    if _restrict_files(libc, writable):
        held.append("files")
    if _filter_calls(libc, network=network, processes=processes):
        held.append("calls")
    return tuple(held)


def _instruction(code: int, k: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, k)


def filter_program(machine: str, pid: int, *, network: bool, processes: bool) -> bytes | None:
    """The filter for a process, in the kernel's format; None for an unknown machine."""
    if machine not in _MACHINES:
        return None
    arch, numbers = _MACHINES[machine]
    allow, deny = _instruction(_RETURN, _ALLOW), _instruction(_RETURN, _ERRNO | errno.EPERM)
    absent = _instruction(_RETURN, _ERRNO | errno.ENOSYS)
    program = [_instruction(_LOAD, _ARCH), _instruction(_EQUAL, arch, 1, 0), deny]
    program += [_instruction(_LOAD, _NUMBER), _instruction(_AT_LEAST, _X32, 0, 1), deny]

    def on(name: str, *then: bytes) -> None:
        if name in numbers:
            program.append(_instruction(_EQUAL, numbers[name], 0, len(then)))
            program.extend(then)

    argument = _instruction(_LOAD, _FIRST_ARGUMENT)
    if not network:
        on("socket", deny)
        on("io_uring_setup", deny)
    if not processes:
        on("fork", deny)
        on("vfork", deny)
        on("clone3", absent)  # the C library falls back to clone
        on("clone", argument, _instruction(_BITS, _CLONE_THREAD, 1, 0), deny, allow)
    for name in ("kill", "tgkill"):
        on(name, argument, _instruction(_EQUAL, pid, 1, 0), deny, allow)
    for name in ("tkill", "pidfd_send_signal", "ptrace", "process_vm_readv", "process_vm_writev"):
        on(name, deny)
    return b"".join([*program, allow])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _filter_calls(libc: ctypes.CDLL, *, network: bool, processes: bool) -> bool:
    code = filter_program(platform.machine(), os.getpid(), network=network, processes=processes)
    if code is None:
        return False
    program = _Program(len(code) // 8, code)
    return libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0


def _restrict_files(libc: ctypes.CDLL, writable: Sequence[Path]) -> bool:
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    handled = _CHANGES | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = ctypes.create_string_buffer(struct.pack("Q", handled))
    ruleset = libc.syscall(_LANDLOCK_CREATE, rules, 8, 0)
    if ruleset < 0:
        return False
    try:
        for path in (*writable, Path("/dev/null")):
            _permit(libc, ruleset, path, handled)
        return libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _permit(libc: ctypes.CDLL, ruleset: int, path: Path, handled: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = handled if path.is_dir() else handled & (_WRITE_FILE | _TRUNCATE)
    rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, place))
    libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0)
    os.close(place)
