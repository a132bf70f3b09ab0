"""What each option does when all is well."""

import io
import json
import sys
from pathlib import Path

import pytest
from tfjax.transpiler.cli.main import run


class Stdin(io.TextIOWrapper):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))


def tree(root: str) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode()
        for path in sorted(Path(root).rglob("*"))
        if path.is_file()
    }


def test_a_file_into_a_directory(tool, files):
    files({"m.py": "tf\r\n"})
    done = tool("m.py", "-o", "out")
    assert (done.code, done.out) == (0, "")
    assert done.err == "1 file: 1 translated; 1 note (shown with -v)\n"
    assert tree("out") == {"m.py": "jnp\r\n"}


def test_a_directory_into_a_directory(tool, files):
    files({"src/a.py": "tf\n", "src/p/b.py": "x\n", "src/readme.md": "tf"})
    assert tool("src", "-o", "out").code == 0
    assert tree("out") == {"a.py": "jnp\n", "p/b.py": "x\n"}


def test_a_file_into_a_file(tool, files):
    files({"m.py": "tf\n", "other/keep.py": "keep"})
    assert tool("m.py", "-o", "other/n.py").code == 0
    assert tree("other") == {"keep.py": "keep", "n.py": "jnp\n"}


def test_a_file_beside_its_source(tool, files):
    files({"m.py": "tf\n"})
    assert tool("m.py", "-o", "m_jax.py").code == 0
    assert tree(".") == {"m.py": "tf\n", "m_jax.py": "jnp\n"}


def test_standard_output(tool, files):
    files({"m.py": "tf\r\n"})
    assert tool("m.py", "-o", "-").out == "jnp\r\n"


def test_standard_input(tool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", Stdin("tf 'é'\n".encode()))
    assert tool("-").out == "jnp 'é'\n"
    monkeypatch.setattr(sys, "stdin", Stdin(b"tf\n"))
    assert tool("-", "-o", "m.py").code == 0
    assert tree(".") == {"m.py": "jnp\n"}


def test_check_writes_nothing(tool, files):
    files({"m.py": "tf\n"})
    assert tool("m.py", "--check", "-o", "out").code == 0
    assert tree(".") == {"m.py": "tf\n"}


def test_diff(tool, files):
    files({"a.py": "same\ntf\n", "b.py": "same\n", "c.py": "tf"})
    done = tool("a.py", "b.py", "c.py", "--diff")
    assert done.code == 0
    assert done.out == (
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n same\n-tf\n+jnp\n"
        "--- a/c.py\n+++ b/c.py\n@@ -1 +1 @@\n"
        "-tf\n\\ No newline at end of file\n+jnp\n\\ No newline at end of file\n"
    )


def test_emit(tool, files):
    files({"a.py": "tf\n", "b.py": "tf"})
    assert tool("a.py", "--emit", "ir").out == "(module a)\n"
    assert tool("a.py", "--keras", "2", "--emit", "types").out == "2\n"
    assert tool("a.py", "--emit", "stages").out == ("# -- ir --\n(module a)\n# -- types --\nauto\n")
    assert tool("a.py", "b.py", "--emit", "python").out == (
        "# ==> a.py <==\njnp\n# ==> b.py <==\njnp\n"
    )
    assert tree(".") == {"a.py": "tf\n", "b.py": "tf"}


def test_report(tool, files):
    files({"a.py": "tf\n", "b_gap.py": "tf\n"})
    assert tool("a.py", "b_gap.py", "-o", "out", "--report", "r/report.json").code == 1
    first = Path("r/report.json").read_bytes()
    report = json.loads(first)
    assert [file["status"] for file in report["files"]] == ["translated", "partial"]
    assert report["counts"]["ledger"]["unhandled"] == 1
    assert tool("b_gap.py", "a.py", "-o", "out", "--report", "r/report.json").code == 1
    assert Path("r/report.json").read_bytes() == first
    assert json.loads(tool("a.py", "--check", "--report", "-").out) != report


def test_forms_for_machines_go_to_standard_output(tool, files):
    files({"m_gap.py": "tf\n"})
    done = tool("m_gap.py", "--check", "--format", "json")
    assert json.loads(done.out)["diagnostics"][0]["code"] == "TJ2001"
    assert done.err == "1 file: 1 partial; 1 error\n"
    assert tool("m_gap.py", "--check", "--format", "github").out.startswith("::error ")
    assert "sarif" in tool("m_gap.py", "--check", "--format", "sarif").out


def test_forms_for_machines_make_way_for_code(tool, files):
    files({"m_gap.py": "tf\n"})
    done = tool("m_gap.py", "-o", "-", "--format", "github")
    assert done.out == "jnp\n"
    assert done.err.startswith("::error ")


def test_notes_are_shown_when_asked(tool, files):
    files({"m.py": "tf\n"})
    assert "TJ6002" not in tool("m.py", "--check").err
    verbose = tool("m.py", "--check", "-v").err
    assert "note[TJ6002]: `name` is left out" in verbose
    assert "translated m.py (1 translated)" in verbose


def test_quiet_shows_errors_only(tool, files):
    files({"m.py": "tf\n", "n_gap.py": "tf\n"})
    assert tool("m.py", "--check", "-q").err == ""
    assert tool("n_gap.py", "--check", "-q", "--format", "plain").err == (
        "n_gap.py:1:1: TJ2001 no rule for `tf.gap`\n"
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "colored"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_color(
    tool,
    files,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    colored: bool,
):
    files({"m_gap.py": "tf\n"})
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in tool("m_gap.py", "--check", *arguments).err) == colored


def test_settings_come_from_the_nearest_project_file(tool, files):
    files({"m.py": "tf\n", "pyproject.toml": "[tool.tfjax]\nkeras = 2\n"})
    assert tool("m.py", "--emit", "types").out == "2\n"
    assert tool("m.py", "--emit", "types", "--keras", "3").out == "3\n"
    files({"other.toml": '[tool.tfjax]\nkeras = "3"\n'})
    assert tool("m.py", "--emit", "types", "--config", "other.toml").out == "3\n"


def test_the_first_word_may_be_a_command(tool, files):
    files({"m.py": "tf\n"})
    assert tool("compile", "m.py", "-o", "out").code == 0
    assert tree("out") == {"m.py": "jnp\n"}


def test_a_path_with_the_name_of_a_command(tool, files):
    files({"verify/m.py": "tf\n"})
    assert tool("./verify", "-o", "out").code == 0
    assert tree("out") == {"m.py": "jnp\n"}


def test_in_place(tool, files):
    files({"src/m.py": "tf\n", "src/out/old.py": "tf\n"})
    assert tool("src", "-o", "src/out").code == 2
    assert tool("src", "-o", "src/out", "--in-place").code == 0
    assert tree("src") == {"m.py": "tf\n", "out/m.py": "jnp\n", "out/old.py": "tf\n"}
    assert tool("src/m.py", "-o", "src/m.py").code == 2
    assert tool("src/m.py", "-o", "src/m.py", "--in-place").code == 0
    assert tree("src")["m.py"] == "jnp\n"


def test_version_help_and_explain(tool):
    assert tool("--version").out.startswith("tfjax-compile 0.")
    done = tool("--help")
    assert done.code == 0
    assert "Exit codes" in done.out
    assert "verify " in done.out
    done = tool("--explain", "TJ2001")
    assert (done.code, done.out.splitlines()[0]) == (0, "# TJ2001 no-rule (error)")


def test_a_second_run_writes_nothing(tool, files):
    files({"m.py": "tf\n"})
    tool("m.py", "-o", "out")
    before = Path("out/m.py").stat().st_mtime_ns
    tool("m.py", "-o", "out")
    assert Path("out/m.py").stat().st_mtime_ns == before


def test_run_takes_the_arguments_and_gives_the_code():
    assert run(["--version"]) == 0
