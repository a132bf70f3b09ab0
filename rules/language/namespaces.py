"""The names that templates may use without declaring them."""

from __future__ import annotations

TARGETS = {
    "jnp": "jax.numpy",
    "jax": "jax",
    "lax": "jax.lax",
    "nnx": "flax.nnx",
    "optax": "optax",
    "np": "numpy",
    "math": "math",
    "functools": "functools",
    "operator": "operator",
    "os": "os",
    "shutil": "shutil",
    "glob": "glob",
    "warnings": "warnings",
    "compat": "tf_compat",
}
"""First name of a dotted path in a template -> canonical module. `compat` is the helper module of
the output.
"""

SOURCES = ("tf", "keras", "tensorflow", "tf_keras")

_BUILTINS = """
    abs all any bool bytes callable complex dict divmod enumerate filter float frozenset getattr
    hasattr hash id int isinstance issubclass iter len list map max min next object open pow print
    range
    repr reversed round set setattr slice sorted str sum super tuple type zip
    Ellipsis Exception FileExistsError FileNotFoundError IndexError KeyError MemoryError
    NotImplementedError OSError PermissionError RuntimeError TimeoutError TypeError ValueError
"""
BUILTINS = frozenset(_BUILTINS.split())
"""Python names that templates may print; none of them is ever called here."""

RESERVED = frozenset({"rngs", "self", "training", "target"})
"""Metavariables that the compiler supplies."""


def canonical_target(dotted: str) -> str | None:
    """`jnp.sum` -> `jax.numpy.sum`; None when the first name is no target namespace."""
    head, dot, rest = dotted.partition(".")
    module = TARGETS.get(head)
    return None if module is None else module + dot + rest


def is_source(dotted: str) -> bool:
    return dotted.partition(".")[0] in SOURCES
