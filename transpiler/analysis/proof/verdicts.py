"""Findings seen in the light of what lies beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ....ir.nodes import ClassDef, FunctionDef
from ..conflicts import Need
from ..values import Place
from .claims import Claim
from .compare import Finding, unknown
from .pairs import Pair


def beside_gaps(finding: Finding, gaps: Sequence[Place]) -> Finding:
    """What is found where the output leaves out what is not translated."""
    if not gaps:
        return finding
    lines = ", ".join(str(n) for n in sorted({g.span.start_line for g in gaps}))
    where = f"line{'s' if len(gaps) > 1 else ''} {lines} of the output"
    if finding.verdict == "refuted":
        return unknown(f"{finding.reason}, beside what is not translated ({where})")
    text = f"taken: what is not translated changes no shape ({where})"
    return replace(finding, assumptions=(*finding.assumptions, text))


def is_new(need: Need, before: int) -> bool:
    """Whether a size that the translation adds takes part: the need says what it is."""
    keys = [v.key for d in (need.left, need.right) for v in d.atoms()]
    numbers = [k[1] for k in keys if isinstance(k, tuple) and isinstance(k[1], int)]
    return any(n > before for n in numbers)


def asked(solver: object, need: Need, needs: Sequence[Need]) -> bool:
    pair = {need.left, need.right}
    return any({n.left, n.right} == pair and (need.broadcast or not n.broadcast) for n in needs)


def cut(pair: Pair, name: str, target: str, node: FunctionDef | ClassDef | None) -> Claim:
    """Of a function that the proof did not come to."""
    span = None if node is None else node.span
    reason = "the steps of the proof are spent"
    return Claim(pair.module, name, target, span, "unknown", "unknown", reason, called=False)
