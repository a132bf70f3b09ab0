"""Dtype policies: what layers compute in, what their variables are, and what they cast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .dtypes import is_float, policy_dtype
from .machine import Machine
from .structures import leaves, rebuilt
from .trail import Cell
from .values import (
    NONE,
    UNKNOWN,
    Arguments,
    Const,
    Instance,
    Layer,
    Tensor,
    Value,
    const,
)

OWN = "__dtype__"
CASTS = "__autocast__"
NAMES: Mapping[str, str] = {
    "compute_dtype": "compute",
    "_compute_dtype": "compute",
    "dtype": "variable",
    "variable_dtype": "variable",
    "dtype_policy": "policy",
    "_dtype_policy": "policy",
}
"""Attributes of layers that tell of their policy."""


def note(m: Machine, attributes: Cell, given: Arguments) -> None:
    """What the constructor of a Keras class is told of dtypes."""
    own = given.keywords.get("dtype", NONE if given.complete else UNKNOWN)
    if own != NONE:
        m.write(attributes, OWN, own)
    if const(given.keywords.get("autocast", Const(True))) is not True:
        m.write(attributes, CASTS, Const(False))


def policy_of(m: Machine, owner: Instance | Layer) -> Value:
    """The name of the policy of a layer, as far as it is known."""
    own = owner.attributes.get(OWN) if isinstance(owner, Instance) else owner.arguments.get("dtype")
    if own is not None and own != NONE:
        return own
    return UNKNOWN if m.policy else Const(m.global_policy)


def compute_dtype(m: Machine, owner: Instance | Layer) -> str | None:
    return policy_dtype(policy_of(m, owner))


def weight_dtype(m: Machine, owner: Instance, kind: Value) -> str | None:
    """What `call` reads a variable as that was made with this `dtype`: with a mixed policy, floats
    become what the layer computes in."""
    policy = policy_of(m, owner)
    computes = policy_dtype(policy)
    if kind == NONE:
        return computes
    own = policy_dtype(kind)
    return own if own == computes or not (is_float(own) and _is_mixed(policy)) else computes


def _is_mixed(policy: Value) -> bool:
    text = const(policy)
    return isinstance(text, str) and text.startswith("mixed_")


def attribute(m: Machine, owner: Instance | Layer, name: str) -> Value | None:
    """`layer.compute_dtype` and the like; None for other attributes."""
    kind = NAMES.get(name)
    return None if kind is None else _part(policy_of(m, owner), kind)


def of_policy(policy: Value, name: str) -> Value | None:
    """`policy.compute_dtype`, where policies are known by their names."""
    if name == "name":
        return policy
    return _part(policy, name.removesuffix("_dtype")) if name in NAMES else None


def _part(policy: Value, kind: str) -> Value:
    computes = policy_dtype(policy)
    if computes is None:
        return UNKNOWN
    mixed = _is_mixed(policy)
    if kind == "policy":
        return policy if mixed else Const(computes)
    return Const("float32" if mixed and kind == "variable" else computes)


def cast(m: Machine, instance: Instance, given: Arguments) -> Arguments:
    """Arguments as the `call` of a layer gets them: floats become what it computes in. In Keras 2
    that is done to the first argument only."""
    if CASTS in instance.attributes:
        return given
    dtype = compute_dtype(m, instance)

    def leaf(value: Value) -> Value:
        if not isinstance(value, Tensor) or not is_float(value.dtype) or value.dtype == dtype:
            return value
        return replace(value, dtype=dtype)

    first = tuple(rebuilt(v, leaf) if _has_other(v, dtype) else v for v in given.positional)
    if m.flavour == "keras2":
        first = (*first[:1], *given.positional[1:])
        return replace(given, positional=first)
    rest = {k: rebuilt(v, leaf) if _has_other(v, dtype) else v for k, v in given.keywords.items()}
    return replace(given, positional=first, keywords=rest)


def _has_other(value: Value, dtype: str | None) -> bool:
    """Whether a float of another dtype is in it."""
    return any(
        isinstance(v, Tensor) and is_float(v.dtype) and v.dtype != dtype for v in leaves(value)
    )
