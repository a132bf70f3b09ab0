"""Reading: what comes back byte for byte, and what is a coded diagnostic."""

import os
import socket
from pathlib import Path

import pytest
from tfjax.transpiler.diagnostics import Diagnostic
from tfjax.transpiler.files import SourceFile, read_source
from tfjax.transpiler.files.encoding import find_cookie


def read(path: Path, **options: int) -> SourceFile | Diagnostic:
    return read_source(path, Path(path.name), "m", **options)


def source_of(tmp_path: Path, data: bytes) -> SourceFile:
    path = tmp_path / "m.py"
    path.write_bytes(data)
    source = read(path)
    assert isinstance(source, SourceFile), source
    assert source.encode(source.text) == data
    return source


def problem_of(tmp_path: Path, data: bytes) -> Diagnostic:
    path = tmp_path / "m.py"
    path.write_bytes(data)
    problem = read(path)
    assert isinstance(problem, Diagnostic), problem
    return problem


@pytest.mark.parametrize(
    ("data", "text", "encoding", "newline"),
    [
        (b"", "", "utf-8", "\n"),
        (b"x = 1", "x = 1", "utf-8", "\n"),
        (b"x = 1\r\ny\r\n", "x = 1\r\ny\r\n", "utf-8", "\r\n"),
        (b"x = 1\ry\r", "x = 1\ry\r", "utf-8", "\r"),
        (b"x\ny\r\n", "x\ny\r\n", "utf-8", "\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", "utf-8-sig", "\n"),
        ("s = 'é日'\n".encode(), "s = 'é日'\n", "utf-8", "\n"),
        (b"# coding: latin-1\ns = '\xe9'\n", "# coding: latin-1\ns = 'é'\n", "iso8859-1", "\n"),
        (b"#!/bin/sh\n# vim: fileencoding=cp1252\n'\x80'", None, "cp1252", "\n"),
        (b"# -*- coding: utf-8-sig -*-\n", None, "utf-8", "\n"),
        (b"\xef\xbb\xbf# coding: utf8\n", "# coding: utf8\n", "utf-8-sig", "\n"),
        (b"x = '\x0c'\n", "x = '\x0c'\n", "utf-8", "\n"),
    ],
)
def test_round_trip(tmp_path: Path, data: bytes, text: str | None, encoding: str, newline: str):
    source = source_of(tmp_path, data)
    assert text is None or source.text == text
    assert (source.encoding, source.newline) == (encoding, newline)


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"x = 1\ns = 'caf\xe9'\n", "TJ1002", (2, 9)),
        ("# ü\r\ns = 'é".encode() + b"\xff'", "TJ1002", (2, 7)),
        (b"# coding: utf-8\n\xff", "TJ1002", (2, 1)),
        (b"# coding: klingon\n", "TJ1003", (1, 1)),
        (b"\n# coding: rot13\n", "TJ1003", (2, 1)),
        (b"\xef\xbb\xbf# coding: latin-1\n", "TJ1003", (1, 1)),
        (b"x = 1\n\x00\n", "TJ1008", (1, 1)),
        ("x = 1\n".encode("utf-16"), "TJ1008", (1, 1)),
        (b"\x7fELF\x02\x01\x01\x00", "TJ1008", (1, 1)),
        (b"# coding: utf-7\n+AGE-\n", "TJ1002", (1, 1)),
    ],
)
def test_bad_bytes(tmp_path: Path, data: bytes, code: str, place: tuple[int, int]):
    problem = problem_of(tmp_path, data)
    assert (problem.code, (problem.line, problem.column)) == (code, place)


def test_latin1_without_cookie_says_what_to_do(tmp_path: Path):
    problem = problem_of(tmp_path, b"s = '\xe9'\n")
    assert problem.message == "byte 0xe9 is not valid utf-8"
    assert problem.hint is not None
    assert "# -*- coding: latin-1 -*-" in problem.hint


def test_utf16_says_what_it_looks_like(tmp_path: Path):
    hint = problem_of(tmp_path, "x = 1\n".encode("utf-16")).hint
    assert hint is not None
    assert "UTF-16" in hint


def test_cookie_counts_only_in_the_first_two_lines():
    assert find_cookie(b"\n\n# coding: latin-1\n") is None
    assert find_cookie(b"x = 1\n# coding: latin-1\n") is None
    assert find_cookie(b"# a\n# coding=latin-1\n") == ("latin-1", 2)


def test_a_file_of_50_mb_is_refused_without_being_read(tmp_path: Path):
    path = tmp_path / "big.py"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    problem = read(path)
    assert isinstance(problem, Diagnostic)
    assert problem.code == "TJ1004"
    assert "52,428,800 bytes" in problem.message
    assert problem.hint is not None
    assert "--max-file-size" in problem.hint


def test_the_limit_is_inclusive(tmp_path: Path):
    path = tmp_path / "m.py"
    path.write_bytes(b"x = 1\n")
    assert isinstance(read(path, max_bytes=6), SourceFile)
    assert isinstance(read(path, max_bytes=5), Diagnostic)


def make_missing(path: Path) -> None: ...


def make_dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def make_loop(path: Path) -> None:
    path.symlink_to(path.name)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (make_missing, "TJ1005", "does not exist"),
        (make_dangling, "TJ1005", "symbolic link to `nowhere`"),
        (make_loop, "TJ1009", "leads back to itself"),
        (make_folder, "TJ1007", "a directory"),
        (make_pipe, "TJ1007", "a named pipe"),
        (make_device, "TJ1007", "a device"),
    ],
)
def test_what_is_no_file(tmp_path: Path, make: object, code: str, words: str):
    path = tmp_path / "m.py"
    assert callable(make)
    make(path)
    problem = read(path)
    assert isinstance(problem, Diagnostic)
    assert (problem.code, problem.severity) == (code, "error")
    assert words in problem.message


def test_a_socket_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("m.py")
        problem = read(Path("m.py"))
    assert isinstance(problem, Diagnostic)
    assert problem.code == "TJ1007"


def test_a_component_that_is_a_file(tmp_path: Path):
    (tmp_path / "file").write_text("")
    problem = read(tmp_path / "file" / "m.py")
    assert isinstance(problem, Diagnostic)
    assert problem.code == "TJ1005"


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Permissions do not stop root, who may run the tests: the error is made here.
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "m.py"
    path.write_text("x = 1\n")
    monkeypatch.setattr(Path, "open", refuse)
    problem = read(path)
    assert isinstance(problem, Diagnostic)
    assert problem.code == "TJ1006"
    assert problem.message.endswith("cannot be read: permission denied")


def test_the_executable_bit_is_kept(tmp_path: Path):
    path = tmp_path / "m.py"
    path.write_text("x = 1\n")
    path.chmod(0o755)
    source = read(path)
    assert isinstance(source, SourceFile)
    assert source.executable
