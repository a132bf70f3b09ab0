"""What JAX and Flax make of shapes and dtypes, for following translated code.

Written down from what the libraries document, one file a family, and tested against
`jax.eval_shape`. Nothing here reads the `gives` clauses of the rules: a proof that used them on
both sides would prove nothing.
"""

from .library import JaxLibrary

__all__ = ["JaxLibrary"]
