"""The report: its content, its order, its bytes."""

import hashlib
import json
from pathlib import Path

from tfjax.ir.span import Span
from tfjax.transpiler.diagnostics import codes
from tfjax.transpiler.files import SourceFile
from tfjax.transpiler.project import CompiledFile, CompiledProject
from tfjax.transpiler.report import LedgerEntry, count_by_kind, ledger_in_order
from tfjax.transpiler.report.document import build_report, report_bytes

DROPPED = LedgerEntry("src/a.py", Span(9, 4, 9, 12), "dropped", "layer Dense", code="TJ6002")
WHOLE = LedgerEntry("src/a.py", Span(2, 0, 3, 8), "translated", "classes", Span(4, 0, 6, 8))
INNER = LedgerEntry("src/a.py", Span(2, 0, 2, 8), "translated", "rule sum", Span(4, 0, 4, 8))


def compiled(name: str, **given: object) -> CompiledFile:
    source = SourceFile(Path("src") / name, Path(name), "é = 1\r\n", "iso8859-1", "\r\n", "a")
    return CompiledFile(Path(name), source, "é = 2\r\n", **given)  # pyright: ignore


A = compiled(
    "a.py",
    ledger=(DROPPED, INNER, WHOLE),
    diagnostics=(codes.ARGUMENT_DROPPED.at("src/a.py", Span(9, 4, 9, 12), "`name` is left out"),),
)
B = compiled("b.py", status="failed")


def report(*files: CompiledFile, **given: object):
    project = CompiledProject(files, extra={Path("tf_compat.py"): "x = 1\n"})
    return build_report(
        project, tool_version="1.0", options={"target": "nnx", "keras": "3"}, **given
    )  # pyright: ignore


def test_ledger_order_is_by_place_outer_first():
    assert ledger_in_order([DROPPED, INNER, WHOLE]) == (WHOLE, INNER, DROPPED)


def test_ledger_counts_have_all_kinds():
    assert count_by_kind([DROPPED]) == {
        "kept": 0,
        "translated": 0,
        "moved": 0,
        "dropped": 1,
        "unhandled": 0,
    }


def test_a_file():
    data = report(A)["files"][0]
    assert data["path"] == "src/a.py"
    assert data["output"] == "a.py"
    assert data["status"] == "translated"
    assert data["source_sha256"] == hashlib.sha256(b"\xe9 = 1\r\n").hexdigest()
    assert data["output_sha256"] == hashlib.sha256(b"\xe9 = 2\r\n").hexdigest()
    assert data["ledger"][0] == {
        "span": [2, 0, 3, 8],
        "kind": "translated",
        "by": "classes",
        "target": [4, 0, 6, 8],
        "note": None,
        "code": None,
    }
    assert data["diagnostics"][0]["code"] == "TJ6002"


def test_a_failed_file_has_no_output():
    data = report(B)["files"][0]
    assert (data["output"], data["output_sha256"], data["status"]) == (None, None, "failed")


def test_the_run():
    unreadable = codes.UNREADABLE.at("c.py", None, "cannot be read")
    document = report(A, B, diagnostics=[unreadable])
    assert (document["report"], document["version"]) == ("tfjax", 1)
    assert document["tool"] == {"name": "tfjax-compile", "version": "1.0"}
    assert list(document["options"]) == ["keras", "target"]
    assert document["counts"]["files"] == {
        "unchanged": 0,
        "translated": 1,
        "partial": 0,
        "failed": 1,
    }
    assert document["counts"]["diagnostics"] == {"error": 1, "warning": 0, "note": 1}
    assert document["diagnostics"][0]["path"] == "c.py"
    assert document["extra_files"] == {"tf_compat.py": hashlib.sha256(b"x = 1\n").hexdigest()}
    assert document["verification"] is None


def test_bytes_do_not_depend_on_the_order_of_files():
    assert report_bytes(report(A, B)) == report_bytes(report(B, A))


def test_bytes_are_json_whatever_the_path():
    source = SourceFile(Path("\udce9.py"), Path("\udce9.py"), "x\n")
    data = report_bytes(report(CompiledFile(Path("\udce9.py"), source, "x\n")))
    assert json.loads(data)["files"][0]["path"] == "\udce9.py"
