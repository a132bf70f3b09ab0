"""The case benchmark, with a stand-in for the compiler."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cases import cli, fetch
from benchmarks.cases.case import Case, case_from_json, select
from benchmarks.cases.compile import COMMAND_VARIABLE, read_report
from benchmarks.cases.driver import driver_source
from benchmarks.cases.limits import run_limited
from benchmarks.cases.result import CaseResult, Check, load_result

RECORD: dict[str, Any] = {
    "id": "toy_net",
    "difficulty": "very hard",
    "core": True,
    "keras": "k2",
    "file": "toy/net.py",
    "mod": "toy.net",
    "build": "m.Net(4, tf.zeros([2]))",
    "call": "model([x, y],\n      training=False)",
    "inputs": {"x": "f32[2,3]", "y": "i32[2]<5"},
    "path": ["toy"],
    "setup": "import toy as T",
}

# Copies the driver and reports what its first argument says; waits for ever on "hang".
COMPILER = """
import json, pathlib, shutil, sys, time
status, arguments = sys.argv[1], sys.argv[2:]
if status == "hang":
    time.sleep(600)
if status == "crash":
    sys.exit("Segmentation fault, so to speak")
out = pathlib.Path(arguments[arguments.index("-o") + 1])
out.mkdir()
shutil.copy(arguments[0], out)
assert pathlib.Path(arguments[1]).read_text() == "NET = 1\\n"
diagnostic = {"code": "TJ2001", "path": "a/net.py", "severity": "error", "message": "no rule"}
left = status == "partial"
report = {
    "files": [{"status": status, "diagnostics": [diagnostic] if left else []}],
    "diagnostics": [],
    "counts": {"ledger": {"unhandled": int(left)}},
}
pathlib.Path(arguments[arguments.index("--report") + 1]).write_text(json.dumps(report))
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A case list with one case, whose package is in the cache."""
    (tmp_path / "cache/toy/toy").mkdir(parents=True)
    (tmp_path / "cache/toy/toy/net.py").write_text("NET = 1\n")
    (tmp_path / "cases.json").write_text(json.dumps([RECORD]))
    (tmp_path / "packages.json").write_text(json.dumps({"toy": "toy==1"}))
    (tmp_path / "compiler.py").write_text(COMPILER)
    return tmp_path


def bench(toy: Path, status: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> CaseResult:
    monkeypatch.setenv(COMMAND_VARIABLE, f"{sys.executable} {toy / 'compiler.py'} {status}")
    arguments = ["--cases", str(toy / "cases.json"), "--cache", str(toy / "cache")]
    arguments += ["--work", str(toy / "work"), "--tier", "all", "--no-verify", *options]
    assert cli.main(arguments) == 0
    result = load_result(toy / "work/toy_net/result.json")
    assert result is not None
    return result


def test_selects_by_tier_core_and_name() -> None:
    case = case_from_json(RECORD)
    other = case_from_json({**RECORD, "id": "other", "difficulty": "easy", "core": False})
    assert select([case, other], "very_hard", []) == [case]
    assert select([case, other], "core", []) == [case]
    assert select([case, other], "all", []) == [case, other]
    assert select([case, other], "all", ["other"]) == [other]
    with pytest.raises(ValueError, match="no such case: third"):
        select([case, other], "all", ["third"])


def test_driver_imports_what_the_expressions_use() -> None:
    assert driver_source(case_from_json(RECORD)) == textwrap.dedent(
        '''\
        """Driver of the case toy_net."""

        import tensorflow as tf
        import toy.net as m

        import toy as T


        def build():
            return m.Net(4, tf.zeros([2]))


        def call(model, x, y):
            return model([x, y], training=False)
        '''
    )


@pytest.mark.parametrize(
    ("keras", "line"), [("k2", "from tensorflow import keras"), ("k3", "import keras")]
)
def test_driver_takes_the_keras_of_the_case(keras: str, line: str) -> None:
    case = case_from_json({**RECORD, "keras": keras, "build": "m.Net(keras.layers.Dense(2))"})
    assert line in driver_source(case).splitlines()


@pytest.mark.parametrize(
    ("statuses", "unhandled", "expected"),
    [
        (["translated", "unchanged"], 0, "ok"),
        (["translated", "partial"], 2, "partial"),
        (["translated"], 1, "partial"),
        (["translated", "failed"], 0, "failed"),
        ([], 0, "failed"),
    ],
)
def test_reads_the_report(statuses: list[str], unhandled: int, expected: str) -> None:
    result = CaseResult("a", "easy")
    files = [{"status": status, "diagnostics": []} for status in statuses]
    counts = {"ledger": {"unhandled": unhandled}}
    read_report({"files": files, "diagnostics": [], "counts": counts}, result)
    assert (result.compiled, result.unhandled) == (expected, unhandled)


def test_errors_come_before_warnings() -> None:
    result = CaseResult("a", "easy")
    warning = {"code": "TJ1", "path": "m.py", "severity": "warning", "message": "perhaps"}
    error = {"code": "TJ2", "path": "p/m.py", "severity": "error", "message": "no"}
    files = [{"status": "partial", "diagnostics": [warning, error]}]
    report = {"files": files, "diagnostics": [], "counts": {"ledger": {"unhandled": 0}}}
    read_report(report, result)
    assert result.top == "TJ2 m.py: no"


def test_runs_a_case_and_keeps_the_result(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = bench(toy, "partial", monkeypatch, "--json", str(toy / "out.json"))
    assert (result.compiled, result.unhandled, result.top) == (
        "partial",
        1,
        "TJ2001 net.py: no rule",
    )
    written = json.loads((toy / "out.json").read_text())
    assert written["totals"]["very_hard"]["partial"] == 1
    assert written["cases"][0]["diagnostics"][0]["code"] == "TJ2001"


def test_a_kept_result_is_used_until_asked_otherwise(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench(toy, "translated", monkeypatch)
    bench(toy, "translated", monkeypatch)
    assert "(kept)" in capsys.readouterr().err
    bench(toy, "translated", monkeypatch, "--fresh")
    assert "(kept)" not in capsys.readouterr().err


def test_a_crash_of_the_compiler_is_a_result(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = bench(toy, "crash", monkeypatch)
    assert result.compiled == "failed"
    assert "so to speak" in result.top


def test_a_compiler_that_hangs_is_ended(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = bench(toy, "hang", monkeypatch, "--compile-timeout", "0.5")
    assert (result.top, result.settled) == ("the compiler ran past 0 s", False)


def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--cases", str(tmp_path / "none.json")]) == 2
    assert "no case list" in capsys.readouterr().err


def ended(pid: int) -> bool:
    """Whether a process is gone or about to be, within a few seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            if "Z (zombie)" in Path(f"/proc/{pid}/status").read_text():
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_a_limited_command_leaves_no_children(tmp_path: Path) -> None:
    code = "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid)"
    outcome = run_limited(
        [sys.executable, "-c", code],
        log=tmp_path / "log",
        timeout_s=60,
        memory_gib=4,
        cwd=tmp_path,
    )
    assert outcome.code == 0
    assert ended(int(outcome.tail))


def test_memory_is_limited(tmp_path: Path) -> None:
    outcome = run_limited(
        [sys.executable, "-c", "import time; time.sleep(0.3); bytearray(2 << 30)"],
        log=tmp_path / "log",
        timeout_s=60,
        memory_gib=1,
        cwd=tmp_path,
    )
    assert "MemoryError" in outcome.tail


def test_unpacks_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "toy-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("toy/net.py", "NET = 1\n")
    monkeypatch.setattr(fetch, "_download", lambda requirement, scratch: wheel)
    folder = fetch.fetch("toy", "toy==1", tmp_path / "cache")
    assert (folder / "toy/net.py").read_text() == "NET = 1\n"
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["toy"]


def test_a_package_that_cannot_be_fetched_fails_its_cases_only(tmp_path: Path) -> None:
    reasons = fetch.fetch_all(["toy"], {}, tmp_path)
    assert reasons == {"toy": "packages.json has no entry 'toy'"}


def test_results_survive_the_disk(tmp_path: Path) -> None:
    result = CaseResult("a", "easy", outputs=Check("pass", 1e-7), key="k")
    result.save(tmp_path / "result.json")
    assert load_result(tmp_path / "result.json") == result
    (tmp_path / "result.json").write_text('{"id": "a"}')
    assert load_result(tmp_path / "result.json") is None


def test_the_case_record_is_closed() -> None:
    assert isinstance(case_from_json(RECORD), Case)
    with pytest.raises(KeyError):
        case_from_json({"id": "x"})
