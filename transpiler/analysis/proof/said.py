"""What a proof tells the user: diagnostics, and notes in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...diagnostics import Diagnostic, codes
from ...files import SourceFile
from ...report import LedgerEntry
from .claims import Claim, Proof


def diagnostics_of_proof(
    proof: Proof, sources: Mapping[str, SourceFile]
) -> dict[str, list[Diagnostic]]:
    """By module: an error for what is refuted, a note for what is not known."""
    found: dict[str, list[Diagnostic]] = {}
    for claim in proof.claims:
        if claim.verdict == "proved":
            continue
        path = sources[claim.module].name
        if claim.verdict == "refuted":
            sizes = ", ".join(f"{name} = {n}" for name, n in sorted(claim.example.items()))
            text = f"`{claim.name}` became `{claim.target}`, which differs: {claim.reason}"
            one = codes.SHAPE_REFUTED.at(
                path,
                claim.span,
                f"{text} (for example, {sizes})" if sizes else text,
                hint="report it: the code that was written is wrong",
            )
        else:
            one = codes.SHAPE_UNPROVED.at(
                path,
                claim.span,
                f"the shapes of `{claim.name}` are not proved: {claim.reason}",
                severity="note",
            )
        found.setdefault(claim.module, []).append(one)
    return found


def noted(ledger: Sequence[LedgerEntry], claims: Sequence[Claim]) -> tuple[LedgerEntry, ...]:
    """The ledger with what was proved of the functions that it lists."""
    texts = {c.span: _text(c) for c in claims if c.span is not None}
    return tuple(
        replace(e, note=f"{e.note}; {texts[e.span]}" if e.note else texts[e.span])
        if e.span in texts and e.kind in ("translated", "kept")
        else e
        for e in ledger
    )


def _text(claim: Claim) -> str:
    dtype = ", but for 64-bit types" if claim.dtype == "x64" else ""
    taken = f" ({'; '.join(claim.assumptions)})" if claim.assumptions else ""
    return f"shapes {claim.verdict}{dtype}{taken}"
