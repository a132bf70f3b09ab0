"""Symbolic sizes: what cancels, and what cannot be said."""

from __future__ import annotations

import pickle

import pytest
from tfjax.ir.dims import Dim

batch, width = Dim.hidden("batch"), Dim.named("width")
heads, size = Dim.named("heads"), Dim.named("size")


def test_hidden_sizes_cancel_against_themselves() -> None:
    whole = batch * width * size
    assert whole.exact_div(batch * width) == size
    assert (batch * Dim.of(6)) // (batch * Dim.of(2)) == Dim.of(3)
    assert whole.is_hidden
    assert not whole.exact_div(batch).is_hidden


def test_another_hidden_size_does_not_cancel() -> None:
    rest = (batch * size) // Dim.hidden("length")
    assert rest.is_hidden
    with pytest.raises(ValueError, match="no code can say"):
        rest.to_expression()


def test_an_exact_quotient_times_its_divisor_is_the_whole() -> None:
    part = size.exact_div(heads)
    assert heads * part == size
    assert (heads * width * part).exact_div(width) == size


def test_a_floor_is_kept() -> None:
    part = size // heads
    assert heads * part != size


def test_common_factors_of_a_quotient_go() -> None:
    assert (Dim.of(3) * size * width) // (Dim.of(3) * heads * width) == size // heads


def test_what_the_divisor_divides_leaves_a_quotient() -> None:
    one = Dim.of(1)
    assert (size - heads) // heads + one == size // heads
    assert (size + Dim.of(2) * heads * width).ceil_div(heads) == size.ceil_div(heads) + Dim.of(
        2
    ) * width
    assert (size - heads) // (heads + one) != size // (heads + one) - one


def test_sums_of_products_divide_without_rest() -> None:
    one = Dim.of(1)
    rows, columns = (size - one) // heads + one, (width - one) // heads + one
    assert (rows * columns * size).exact_div(rows * columns) == size
    assert (size * size - width * width) // (size + width) == size - width
    assert (size + one) // (width + one) != one


def test_what_sizes_keep_does_not_count() -> None:
    n, half = Dim.named("n"), Dim.named("n") // Dim.of(2)
    assert hash(half) == hash(Dim.named("n") // Dim.of(2))
    assert repr(half) == repr(Dim.named("n") // Dim.of(2)) and "Quotient" in repr(half)
    assert half.variables() == n.variables() == tuple(n.atoms())
    assert half.substitute(lambda v: None) is half
    copy = pickle.loads(pickle.dumps(half))
    assert copy == half and hash(copy) == hash(half)


def test_numbers_are_those_of_the_operations() -> None:
    a, b = Dim.named("a"), Dim.named("b")
    one = next(iter(a.atoms())).key
    other = next(iter(b.atoms())).key
    size = (a + Dim.of(3)).ceil_div(Dim.of(2)) * b - Dim.extremum("max", a, b // Dim.of(4))
    assert size.evaluate({one: 4, other: 9}) == 4 * 9 - 4
    assert size.evaluate({one: 1, other: 40}) == 2 * 40 - 10
    assert size.evaluate({one: 1}) is None
    assert (a // (b - Dim.of(2))).evaluate({one: 6, other: 2}) is None
