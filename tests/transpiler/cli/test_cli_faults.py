"""What goes wrong: a clear message, the right exit code, nothing half-written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tfjax.transpiler import project as compiler


def made(root: str = "out") -> list[str]:
    return sorted(path.as_posix() for path in Path(root).rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name a file or a directory"),
        (["m.py"], "say where to write"),
        (["m.py", "--nonsense"], "No such option"),
        (["m.py", "-o", "out", "--keras", "4"], "'4' is not one of"),
        (["m.py", "-o", "out", "--max-file-size", "big"], "`big` is not a size"),
        (["m.py", "--diff", "--emit", "ir"], "choose one"),
        (["m.py", "--check", "-q", "-v"], "contradict"),
        (["m.py", "m.py", "-o", "-"], "name one file"),
        ([".", "-o", "-"], "name one file"),
        (["--explain", "TJ2O01"], "did you mean"),
        (["--explain", "xyzzy"], "docs/diagnostics.md"),
        (["missing.py", "-o", "out"], "error[TJ1005]: `missing.py` does not exist"),
        (["m.py", "missing.py", "-o", "out"], "error[TJ1005]"),
        (["folder.py", "-o", "out"], "error[TJ1007]: `folder.py` is a directory"),
        (["pipe.py", "-o", "out"], "error[TJ1007]: `pipe.py` is a named pipe"),
        (["loop.py", "-o", "out"], "error[TJ1009]"),
        (["empty", "-o", "out"], "warning[TJ1012]"),
        (["m.py", "sub/m.py", "-o", "out"], "error[TJ1014]"),
        (["m.py", "-o", "."], "error[TJ1015]"),
        (["m.py", "-o", "m.py"], "error[TJ1015]"),
        (["m.py", "-o", "blocker"], "error[TJ1015]"),
        (["m.py", "-o", "blocker/out"], "error[TJ1016]"),
        (["sub", "-o", "blocker"], "error[TJ1016]"),
        (["m.py", "-o", "out", "--config", "missing.toml"], "error[TJ1017]"),
    ],
)
def test_usage_errors(tool, files, arguments: list[str], words: str):
    files({"m.py": "tf\n", "sub/m.py": "tf\n", "blocker": "keep"})
    for folder in ("folder.py", "empty"):
        Path(folder).mkdir()
    os.mkfifo("pipe.py")
    Path("loop.py").symlink_to("loop.py")
    if arguments[-1:] == ["blocker"] and arguments[0] == "m.py":
        Path("blocker").unlink()
        Path("blocker").symlink_to("m.py")
    done = tool(*arguments)
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert made() == []
    assert Path("m.py").read_text() == "tf\n"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("latin.py", b"s = '\xe9'\n", "TJ1002"),
        ("cookie.py", b"# coding: nonsense\n", "TJ1003"),
        ("nul.py", b"a\x00b", "TJ1008"),
        ("bad.py", b"def\n", "TJ1001"),
        ("gap.py", b"tf\n", "TJ2001"),
        ("utf7.py", b"# coding: ascii\n'\xe9'\n", "TJ1002"),
    ],
)
def test_one_bad_file_does_not_stop_the_others(tool, files, name: str, data: bytes, code: str):
    files({"src/a.py": "tf\n", "src/z.py": "tf\n"})
    (Path("src") / name).write_bytes(data)
    done = tool("src", "-o", "out")
    assert done.code == 1
    assert f"[{code}]" in done.err
    assert f"src/{name}" in done.err
    assert {"out/a.py", "out/z.py"} <= set(made())
    assert (f"out/{name}" in made()) == (name == "gap.py")


def test_a_file_above_the_limit(tool, files):
    files({"m.py": "tf\n"})
    with open("big.py", "wb") as file:
        file.truncate(50 * 1024 * 1024)
    done = tool("m.py", "big.py", "-o", "out")
    assert (done.code, made()) == (1, ["out/m.py"])
    assert "error[TJ1004]: the file has 52,428,800 bytes; the limit is 10,485,760" in done.err
    assert tool("m.py", "--check", "--max-file-size", "2").code == 1
    assert tool("m.py", "--check", "--max-file-size", "1k").code == 0


def test_a_link_loop_in_the_input(tool, files):
    files({"src/p/m.py": "tf\n"})
    Path("src/p/up").symlink_to("..")
    done = tool("src", "-o", "out")
    assert (done.code, made()) == (0, ["out/p/m.py"])
    assert "warning[TJ1009]" in done.err


def test_special_files_in_the_input(tool, files):
    files({"src/m.py": "tf\n"})
    os.mkfifo("src/pipe.py")
    Path("src/dir.py").mkdir()
    done = tool("src", "-o", "out")
    assert (done.code, made()) == (1, ["out/m.py"])
    assert done.err.count("[TJ1007]") == 2


def test_an_internal_error_is_reported_for_its_file(tool, files):
    files({"src/boom.py": "tf\n", "src/m.py": "tf\n"})
    done = tool("src", "-o", "out")
    assert (done.code, made()) == (2, ["out/m.py"])
    assert "error[TJ9001]: internal error: ValueError: boom\n --> src/boom.py" in done.err
    assert "Traceback" not in done.err
    assert "second line" not in done.err
    assert "ValueError: boom\nsecond line" in tool("src", "--check", "-v").err


def test_an_internal_error_outside_of_any_file(tool, files, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise RuntimeError("no luck")

    files({"m.py": "tf\n"})
    monkeypatch.setattr(compiler, "compile_project", fail)
    done = tool("m.py", "-o", "out")
    assert done.code == 2
    assert done.err.startswith("error[TJ9001]: internal error: RuntimeError: no luck\n")
    assert "Traceback" not in done.err
    assert "Traceback" in tool("m.py", "-o", "out", "-v").err


def test_output_that_the_encoding_lacks(tool, files, monkeypatch: pytest.MonkeyPatch):
    def compile_to_greek(sources, options):
        file = compiler.CompiledFile(sources[0].relative, sources[0], "'λ'\n")
        return compiler.CompiledProject((file,))

    files({"m.py": "# coding: ascii\ntf\n"})
    monkeypatch.setattr(compiler, "compile_project", compile_to_greek)
    for output in ("out", "-"):
        done = tool("m.py", "-o", output)
        assert (done.code, done.out) == (1, "")
        assert "error[TJ1002]: the output has the character 'λ', which ascii lacks" in done.err
    assert made() == []


def test_an_unwritable_report(tool, files):
    files({"m.py": "tf\n", "blocker": ""})
    done = tool("m.py", "--check", "--report", "blocker/report.json")
    assert done.code == 2
    assert "error[TJ1016]" in done.err


def test_the_report_does_not_overwrite_an_input(tool, files):
    files({"m.py": "tf\n"})
    done = tool("m.py", "--check", "--report", "m.py")
    assert done.code == 2
    assert "error[TJ1015]" in done.err
    assert Path("m.py").read_text() == "tf\n"


def test_interrupt(tool, files, monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    files({"m.py": "tf\n"})
    monkeypatch.setattr(compiler, "compile_project", interrupt)
    done = tool("m.py", "-o", "out")
    assert (done.code, done.err) == (130, "\ntfjax-compile: interrupted\n")
    assert made() == []


def test_verification_that_cannot_start_is_no_pass(tool, files, monkeypatch: pytest.MonkeyPatch):
    # As if the verifier was not installed.
    monkeypatch.setitem(sys.modules, "tfjax.transpiler.verify.project", None)
    files({"m.py": "tf\n"})
    done = tool("verify", "m.py")
    assert done.code == 1
    assert "error[TJ7010]" in done.err
    assert "verify  not run" in done.err
    assert tool("m.py", "--check", "--verify").code == 1


def command(code: str, *arguments: str) -> list[str]:
    program = f"import sys; sys.argv[1:] = {list(arguments)!r}\n{code}"
    return [sys.executable, "-c", program]


MAIN = "from tfjax.transpiler.cli.main import main; main()"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_ends_quietly(tmp_path: Path, unbuffered: str):
    code = (
        "from tfjax.transpiler import project as p\n"
        "def compile(sources, options):\n"
        "    s = sources[0]\n"
        "    return p.CompiledProject((p.CompiledFile(s.relative, s, 'x = 1\\n' * 10**6),))\n"
        f"p.compile_project = compile\n{MAIN}"
    )
    (tmp_path / "m.py").write_text("tf\n")
    with subprocess.Popen(
        command(code, "m.py", "-o", "-"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"x = 1\n"
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(30) == 141
    assert errors == b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(tmp_path: Path, number: int, code: int):
    waiting = (
        # A shell that runs the tests in the background has its children ignore SIGINT.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from tfjax.transpiler import project as p\n"
        "def compile(sources, options):\n"
        "    import time; print('ready', flush=True); time.sleep(60)\n"
        f"p.compile_project = compile\n{MAIN}"
    )
    (tmp_path / "m.py").write_text("tf\n")
    with subprocess.Popen(
        command(waiting, "m.py", "-o", "out"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.05)
        process.send_signal(number)
        errors = process.stderr.read()
        assert process.wait(30) == code
    assert b"Traceback" not in errors
    assert not (tmp_path / "out").exists()


HEAVY = ("tensorflow", "keras", "tf_keras", "jax", "flax", "numpy", "libcst", "lark", "z3", "rich")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["--explain", "TJ2001"]])
def test_light_commands_import_nothing_heavy(arguments: list[str]):
    code = (
        "from tfjax.transpiler.cli.main import run\n"
        f"run({arguments!r})\n"
        f"import sys; print('HEAVY', [m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "HEAVY []"
