"""Programs that take their process down."""

import ctypes
import mmap
import os
import signal
import socket


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


def bombs():
    while True:
        os.fork()


def allocates():
    return mmap.mmap(-1, 100 << 30)


def writes():
    with open("/tmp/tfjax_faulty_wrote_this", "w") as file:
        file.write("x")


def calls_out():
    socket.create_connection(("127.0.0.1", 9), timeout=5)


def kills():
    os.kill(os.getppid(), signal.SIGKILL)
