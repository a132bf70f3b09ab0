"""The ledger and the machine-readable report of a run."""

from .ledger import LEDGER_KINDS, LedgerEntry, LedgerKind, count_by_kind, ledger_in_order

__all__ = ["LEDGER_KINDS", "LedgerEntry", "LedgerKind", "count_by_kind", "ledger_in_order"]
