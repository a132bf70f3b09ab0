"""The sandbox's filter as data, and the modes by name: no framework needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tfjax.transpiler.verify.modes import ALL, BASIC, parse_modes
from tfjax.transpiler.verify.sandbox import devices, filter_program

TRY = """
import os, socket, sys
from pathlib import Path
from tfjax.transpiler.verify.sandbox import enter
held = enter([Path(sys.argv[1])], network=False, processes=False)
print(*held)
def attempt(name, function):
    try:
        function()
        print(name, "done")
    except OSError as error:
        print(name, type(error).__name__)
attempt("socket", lambda: socket.socket())
attempt("fork", os.fork)
attempt("kill", lambda: os.kill(os.getppid(), 0))
attempt("outside", lambda: open(sys.argv[2], "w"))
attempt("shared", lambda: open("/dev/shm/" + str(os.getpid()), "w"))
attempt("inside", lambda: open(sys.argv[1] + "/x", "w"))
import threading
thread = threading.Thread(target=lambda: print("thread done"))
thread.start(); thread.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's")
def test_what_a_closed_process_may_do(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    outside = tmp_path / "outside.txt"
    command = [sys.executable, "-c", TRY, str(inside), str(outside)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    held, results = out[0].split(), dict(line.split() for line in out[1:])
    assert results["inside"] == results["thread"] == "done"
    if "calls" in held:
        assert results["socket"] == results["fork"] == results["kill"] == "PermissionError"
    if "files" in held:
        assert results["outside"] == results["shared"] == "PermissionError"
        assert not outside.exists()


def test_a_device_is_driven_through_its_files(tmp_path: Path) -> None:
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm", "dri/renderD128", "accel0", "shm", "sda"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    names = {str(path.relative_to(tmp_path)) for path in devices(tmp_path)}
    assert names == {"nvidia0", "nvidiactl", "nvidia-uvm", "dri/renderD128", "accel0", "shm"}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_the_filter_stays_inside(machine: str) -> None:
    code = filter_program(machine, os.getpid(), network=False, processes=False)
    assert code is not None
    count = len(code) // 8
    for i in range(count):
        yes, no = code[8 * i + 2], code[8 * i + 3]
        assert i + 1 + max(yes, no) < count or code[8 * i] == 0x06


def test_an_unknown_machine_has_no_filter() -> None:
    assert filter_program("vax", 1, network=False, processes=False) is None


def test_modes_by_name() -> None:
    assert parse_modes("basic") == BASIC
    assert parse_modes("all") == ALL
    assert parse_modes("nnx, train") == ("outputs", "train", "nnx")
    with pytest.raises(ValueError, match="no mode `x`"):
        parse_modes("x")
    with pytest.raises(ValueError, match="at least one"):
        parse_modes(",")
