"""Merge layers."""

from __future__ import annotations

from proof_case import Case, case

LINE = (2, 5, 6)
L = "keras.layers."


def merge(layer: str, *inputs: object, **options: object) -> Case:
    return case(L + layer, *inputs, merge=True, **options)


MERGE: list[Case] = [
    merge("Add()", LINE, LINE, target="x0 + x1", gradients=True),
    merge("Add()", LINE, LINE, LINE, LINE, target="sum([x0, x1, x2, x3])"),
    merge("Add()", LINE, (2, 1, 6)),
    merge("Multiply()", LINE, LINE, target="x0 * x1", gradients=True),
    merge("Multiply()", LINE, LINE, LINE, LINE),
    merge("Multiply()", (2, 4, 3, 6), (2, 1, 1, 6)),
    merge("Subtract()", LINE, LINE),
    merge("Average()", LINE, LINE),
    merge("Average()", LINE, LINE, LINE, LINE),
    merge("Maximum()", LINE, LINE, gradients=True),
    merge("Maximum()", LINE, LINE, LINE),
    merge("Minimum()", LINE, LINE),
    merge("Minimum()", LINE, LINE, LINE),
    merge("Concatenate()", LINE, (2, 5, 3), target="jnp.concatenate([x0, x1], axis=-1)"),
    merge("Concatenate(axis=1)", LINE, (2, 3, 6), LINE, gradients=True),
    merge("Concatenate(1, name='cat')", (2, 4), (2, 3)),
    merge("Dot(axes=1)", (3, 4), (3, 4), gradients=True),
    merge("Dot(axes=(2, 1))", LINE, (2, 6, 4), gradients=True),
    merge("Dot(axes=2)", LINE, (2, 3, 6)),
    merge("Dot(axes=[1, 2], normalize=True)", LINE, (2, 3, 5), gradients=True),
    merge("Dot(axes=-1, normalize=True)", (3, 4), (3, 4)),
]
