"""Verdicts as JUnit XML: a test suite for each program, a test case for each mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from .verification import VerifyResult


def junit(results: Sequence[VerifyResult]) -> bytes:
    """UTF-8 XML. A program that could not be compared is one test case in error."""
    root = ElementTree.Element("testsuites", name="tfjax-compile verify")
    for result in results:
        _suite(root, result)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _suite(root: ElementTree.Element, result: VerifyResult) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=result.name)
    modes: Mapping[str, Any] = result.data.get("modes", {})
    counts = {"failures": 0, "errors": 0, "skipped": 0}
    said = "; ".join(d.message for d in result.diagnostics) or result.verdict
    failed = [name for name, mode in modes.items() if mode["verdict"] not in ("pass", "skipped")]
    if not modes or (not result.passed and not failed):
        case = ElementTree.SubElement(suite, "testcase", classname=result.name, name="verify")
        if not result.passed:
            counts["errors"] += 1
            ElementTree.SubElement(case, "error", message=said)
    for name, mode in modes.items():
        case = ElementTree.SubElement(suite, "testcase", classname=result.name, name=name)
        worst: Mapping[str, Any] = mode.get("worst") or {}
        text: str = mode.get("message") or worst.get("message") or said
        match mode["verdict"]:
            case "pass":
                pass
            case "skipped":
                counts["skipped"] += 1
                ElementTree.SubElement(case, "skipped", message=mode.get("message", ""))
            case verdict:
                counts["failures"] += 1
                ElementTree.SubElement(case, "failure", message=text, type=verdict)
    suite.set("tests", str(len(list(suite))))
    for name, count in counts.items():
        suite.set(name, str(count))
