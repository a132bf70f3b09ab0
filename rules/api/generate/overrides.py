"""The few constructors and methods whose Python signature hides what they take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .members import Row

# (table, symbol) -> (the parameter that hides the others, the signature to record)
_SIGNATURES: Mapping[tuple[str, str], tuple[str, str]] = {
    # `Model(inputs, outputs)` makes a functional model; a subclass passes keywords only.
    ("keras2", "keras.Model"): (
        "*args",
        "(inputs=None, outputs=None, name=None, trainable=True, *, dtype=None, dynamic=False, "
        "autocast=None)",
    ),
    ("keras3", "keras.Model"): (
        "*args",
        "(inputs=None, outputs=None, name=None, *, trainable=True, dtype=None, autocast=True, "
        "activity_regularizer=None)",
    ),
    # Keras 3.15 reads the first three from `*args`.
    ("keras3", "keras.Layer.add_weight"): (
        "*args",
        "(shape=None, initializer=None, dtype=None, *, trainable=True, autocast=True, "
        "regularizer=None, constraint=None, aggregation='none', overwrite_with_gradient=False, "
        "name=None)",
    ),
}

# Eager tensors have methods, such as `numpy`, that the common base class lacks.
_MEMBERS_TOO = {"tf": {"tf.__internal__.EagerTensor": "tf.Tensor"}}


def overridden(table: str, rows: Iterable[Row]) -> list[Row]:
    """`rows` with the overrides for `table`. Raises ValueError where one is no longer needed."""
    found = {row[0]: row for row in rows}
    for (where, name), (hidden, text) in _SIGNATURES.items():
        if where != table:
            continue
        _, kind, bases, introspected = found[name]
        if hidden not in introspected:
            raise ValueError(f"{name} now has the signature {introspected}")
        found[name] = (name, kind, bases, text)
    for source, target in _MEMBERS_TOO.get(table, {}).items():
        for name, *fields in list(found.values()):
            if name.startswith(f"{source}."):
                copy = target + name.removeprefix(source)
                found.setdefault(copy, (copy, *fields))
    return list(found.values())
