"""Dtype policies of Keras, as names of dtypes."""

from typing import Any


class DTypePolicy:
    """`keras.DTypePolicy`: the dtypes to compute in and to keep weights in."""

    def __init__(self, name: str) -> None:
        self.name = name
        mixed = name.startswith("mixed_")
        self.compute_dtype = name.removeprefix("mixed_")
        self.variable_dtype = "float32" if mixed else name


def get_dtype_policy(identifier: Any) -> DTypePolicy:
    """`keras.dtype_policies.get`: of a name, a policy, or None (float32)."""
    if identifier is None:
        return DTypePolicy("float32")
    return DTypePolicy(identifier) if isinstance(identifier, str) else identifier
