"""Whether the translated code gives tensors of the same shapes and dtypes as its source."""

from .claims import Claim, Proof, Verdict
from .pairs import Pair
from .run import prove

__all__ = ["Claim", "Pair", "Proof", "Verdict", "prove"]
