"""The proof levels that the package carries: a line for each symbol, in `rules/proofs.tsv`.

A line holds Keras version, symbol, level, cases, the fingerprint of the rule that was proved, and
for a symbol that is not proved the reason. The head names ladder and libraries. There are no dates:
the same results give the same file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...rules.language.records import Rule
from ...rules.prove.outcome import UnitResult
from ...rules.prove.strata import LADDER
from .cache import fingerprint, versions
from .units import Unit

FILE = Path(__file__).parents[2] / "rules" / "proofs.tsv"
REASON = 90
UNTRIED = "not tried yet"
UNTRIABLE = ("by design", "untried")
"""How the reasons begin of symbols that no numbers can prove."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`level`: L3 (values agree, the output lints), L2 (distributions of random numbers agree), L0
    (static checks alone; `reason` says why)."""

    keras: str
    symbol: str
    level: str
    cases: int
    fingerprint: str
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.keras}:{self.symbol}"


@dataclass(frozen=True, slots=True)
class Proofs:
    """`versions` of the libraries that the proofs hold for."""

    versions: Mapping[str, str]
    by_key: Mapping[str, Proof]

    def of(self, rule: Rule, symbol: str) -> str | None:
        """What the catalogue says of a symbol; None when nothing is known."""
        flavours = ("keras2", "keras3") if rule.flavour is None else (rule.flavour,)
        found = [p for k in flavours if (p := self.by_key.get(f"{k}:{symbol}")) is not None]
        if not found:
            return None
        now = fingerprint(rule)
        if any(proof.fingerprint != now for proof in found):
            return "stale: the rule changed since its proof"
        unproved = [proof for proof in found if proof.level == "L0"]
        if len(unproved) == len(found):
            return f"L0: {unproved[0].reason}"
        cases = sum(proof.cases for proof in found)
        level = min(proof.level for proof in found if proof.level != "L0")
        only = f", not {unproved[0].keras}" if unproved else ""
        return f"{level}, {cases} case{'s' * (cases != 1)}{only}"


def read_proofs(path: Path = FILE) -> Proofs:
    """Without the file: nothing is proved."""
    if not path.is_file():
        return Proofs({}, {})
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    stated: Mapping[str, Mapping[str, str]] = json.loads(head.removeprefix("# "))
    found: dict[str, Proof] = {}
    for line in lines:
        keras, symbol, level, cases, mark, reason = line.split("\t")
        proof = Proof(keras, symbol, level, int(cases), mark, reason)
        found[proof.key] = proof
    return Proofs(stated["versions"], found)


def write_proofs(
    units: Sequence[Unit], results: Iterable[UnitResult], path: Path = FILE
) -> Mapping[str, Proof]:
    """`units` are all that there are; those without a result keep the line that they have, or get
    one that says so."""
    found = {key: proof for key, proof in read_proofs(path).by_key.items()}
    by_key = {unit.key: unit for unit in units}
    for result in results:
        unit = by_key.get(f"{result.keras}:{result.symbol}")
        if unit is not None:
            found[unit.key] = proof_of(unit, result)
    for unit in units:
        untried = Proof(unit.keras, unit.symbol, "L0", 0, fingerprint(unit.rule), UNTRIED)
        found.setdefault(unit.key, untried)
    kept = {key: found[key] for key in sorted(found.keys() & by_key.keys())}
    head = json.dumps({"ladder": LADDER, "versions": versions()}, sort_keys=True)
    lines = [f"# {head}"]
    for p in kept.values():
        lines.append("\t".join((p.keras, p.symbol, p.level, str(p.cases), p.fingerprint, p.reason)))
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return kept


def changed(units: Iterable[Unit], proofs: Proofs) -> set[str]:
    """The keys of those without a proof of their present text."""
    known = {key: proof.fingerprint for key, proof in proofs.by_key.items()}
    return {unit.key for unit in units if known.get(unit.key) != fingerprint(unit.rule)}


def untried(units: Iterable[Unit], proofs: Proofs) -> set[str]:
    """The keys of those of which the record says why nothing can try them."""
    level0 = {key: p for key, p in proofs.by_key.items() if p.reason.startswith(UNTRIABLE)}
    return {
        u.key for u in units if u.key in level0 and level0[u.key].fingerprint == fingerprint(u.rule)
    }


def proof_of(unit: Unit, result: UnitResult) -> Proof:
    level, reason = "L3", ""
    if result.status != "proved":
        level, reason = "L0", _reason(result)
    elif result.random:
        level = "L2"
    mark, cases = fingerprint(unit.rule), result.cases if result.status == "proved" else 0
    return Proof(unit.keras, unit.symbol, level, cases, mark, reason)


def _reason(result: UnitResult) -> str:
    if result.failures:
        text = f"fails: {result.failures[0].message}"
    elif result.untried:
        text = result.untried
    else:
        text = result.notes[0] if result.notes else "no case"
    text = " ".join(text.split())
    return text if len(text) <= REASON else text[: REASON - 3] + "..."
