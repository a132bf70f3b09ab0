"""The checks that a candidate passes before it is trusted, in order, cheapest first.

They are fixed: no model sees or changes them. The static ones are here; the numeric ones run in the
sandbox (`agents/sandbox/trial.py`).
"""

from .static import STATIC, check_static
from .verdict import Verdict

__all__ = ["STATIC", "Verdict", "check_static"]
