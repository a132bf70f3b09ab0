"""Programs that take their process down."""

import ctypes
import mmap
import os


def exits():
    os._exit(3)


def spins():
    while True:
        pass


def hogs():
    return [mmap.mmap(-1, 1 << 28) for _ in range(400)]


def crashes():
    ctypes.string_at(0)


def raises():
    raise ValueError("no such thing")


def quits():
    raise SystemExit(0)
