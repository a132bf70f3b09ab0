"""Where the values part: on traces made by hand, and on wrong translations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tfjax.transpiler.verify import VerifyCase, VerifyResult
from tfjax.transpiler.verify.divergence import calls_until, first_divergence
from tfjax.transpiler.verify.fingerprint import fingerprint
from tfjax.transpiler.verify.jax_trace import Node, Trace

from .cases import cnn, encoder, mlp

Verify = Callable[[VerifyCase], VerifyResult]
R = np.random.default_rng(0)
A, B, C, D = (R.standard_normal((3, 4)).astype(np.float32) for _ in range(4))


def node(value: Any, line: int, *inputs: int) -> Node:
    return Node("op", (("m.py", line),), None, inputs, True, fingerprint(value), value.shape)


def source(*values: Any) -> list[dict[str, Any]]:
    records = [fingerprint(v) for v in values]
    return [r | {"op": "Op", "site": ("s.py", n)} for n, r in enumerate(records) if r is not None]


def target(*nodes: Node) -> Trace:
    start = Node("input", (), None, (), True, fingerprint(A), A.shape)
    return Trace([start, *nodes], {"out": len(nodes)})


def test_equal_values_do_not_part() -> None:
    assert first_divergence(target(node(B, 1, 0), node(C, 2, 1)), source(B, C)) is None


def test_another_layout_agrees() -> None:
    assert first_divergence(target(node(B.T, 1, 0), node(C, 2, 1)), source(B, C)) is None


def test_a_step_of_its_own_is_no_error() -> None:
    """A value without counterpart, from which one that agrees is computed."""
    assert first_divergence(target(node(D, 1, 0), node(C, 2, 1)), source(B, C)) is None


def test_the_first_wrong_value_on_the_way() -> None:
    trace = target(node(B, 1, 0), node(D, 2, 1), node(D + A, 3, 2))
    found = first_divergence(trace, source(B, C, C + A))
    assert found is not None
    assert (found[1].target, found[1].after) == (("m.py", 2), ("m.py", 1))
    assert found[1].agreed == ("s.py", 0)


def test_a_branch_that_agrees_later_does_not_hide_it() -> None:
    trace = target(node(D, 1, 0), node(B, 2, 0), node(D + B, 3, 1, 2))
    found = first_divergence(trace, source(C, B, C + B))
    assert found is not None
    assert found[1].target == ("m.py", 1)


def test_what_is_damped_on_its_way_does_not_hide_it() -> None:
    """Line 1 is wrong; line 2 makes little of it, line 3 makes much of it again."""
    damped = B * np.float32(1 + 5e-6)
    trace = target(node(D, 1, 0), node(damped, 2, 1), node(C * np.float32(1 + 5e-5), 3, 2))
    found = first_divergence(trace, source(A + 1, B, C))
    assert found is not None
    assert found[1].target == ("m.py", 1)
    # With nothing large before it, the small difference is the place.
    trace = target(node(B, 1, 0), node(C * np.float32(1 + 5e-5), 2, 1))
    found = first_divergence(trace, source(B, C))
    assert found is not None
    assert found[1].target == ("m.py", 2)


def test_a_missing_last_step() -> None:
    found = first_divergence(target(node(B, 1, 0)), source(B, C))
    assert found is not None
    assert (found[1].target, found[1].after) == (None, ("m.py", 1))


def test_a_missing_last_step_that_changes_the_shape() -> None:
    """The output is the last value of its shape in the source, and none of its outputs."""
    trace, values = target(node(B, 1, 0)), source(B, B[:, :2])
    assert first_divergence(trace, values) is None
    found = first_divergence(trace, values, {"out": B[:, :2]})
    assert found is not None
    assert (found[1].target, found[1].after) == (None, ("m.py", 1))


def test_what_may_be_missing_before_another_layout() -> None:
    trace = target(node(B, 1, 0), node(B.reshape(-1), 2, 1))
    found = first_divergence(trace, source(B, C))
    assert found is not None
    assert found[1].after == ("m.py", 1)


def test_values_that_only_another_order_tells_apart() -> None:
    """One-hot rows have the same moments wherever their ones are."""
    one, two = np.eye(3, 4, dtype=np.float32), np.eye(3, 4, k=1, dtype=np.float32)
    trace = target(node(two[:, :, None], 1, 0), node(C, 2, 1))
    found = first_divergence(trace, source(one, B))
    assert found is not None
    assert found[1].target == ("m.py", 1)


def test_the_first_value_that_is_not_finite() -> None:
    bad = np.where(B > 0, B, np.nan)
    found = first_divergence(target(node(bad, 1, 0), node(bad + C, 2, 1)), source(B, C))
    assert found is not None
    assert found[1].target == ("m.py", 1)


def test_what_a_mask_puts_in_does_not_hide_the_rest() -> None:
    wrong, kept = B * np.float32(1.01), C > 0
    masked = [np.where(kept, value, np.float32(-1e9)) for value in (B, wrong)]
    trace = target(node(wrong, 1, 0), node(masked[1], 2, 1), node(D + A, 3, 2))
    found = first_divergence(trace, source(B, masked[0], D))
    assert found is not None
    assert found[1].target == ("m.py", 1)


def test_outputs_that_are_swapped() -> None:
    trace = target(node(B, 1, 0), node(C, 2, 0))
    trace.outputs = {"0": 1, "1": 2}
    assert first_divergence(trace, source(B, C), {"0": B, "1": C}) is None
    found = first_divergence(trace, source(B, C), {"0": C, "1": B})
    assert found is not None
    assert found[1].after == ("m.py", 1)


def test_an_output_that_tells_nothing_and_what_it_is_made_of() -> None:
    mask = Node("ne", (("m.py", 1),), None, (0,), True, None, (3, 4))
    trace = target(mask, node(np.zeros((3, 4), np.float32), 2, 1))
    found = first_divergence(trace, source(B), {"out": B})
    assert found is not None
    assert (found[1].target, found[1].unseen) == (("m.py", 2), (("m.py", 1),))


def test_a_small_difference_that_is_known() -> None:
    trace = target(node(B, 1, 0), node(C * np.float32(1 + 4e-6), 2, 1))
    assert first_divergence(trace, source(B, C), {"out": C}) is None
    found = first_divergence(trace, source(B, C), {"out": C}, {"out"})
    assert found is not None
    assert found[1].target == ("m.py", 2)


def test_the_calls_out_to_the_function_that_goes_on() -> None:
    after = (("h.py", 1), ("m.py", 5), ("m.py", 9), ("d.py", 2))
    assert calls_until(after, (("h.py", 7), ("m.py", 6), ("m.py", 9), ("d.py", 2))) == (
        ("m.py", 5),
    )
    assert calls_until(after, (("m.py", 5), ("m.py", 9), ("d.py", 2))) == ()


def test_small_rounding_tells_more() -> None:
    """Line 2 is wrong by a tenth; what follows damps it to less than agrees by default."""
    damped = C * np.float32(1 + 4e-6)
    trace = target(
        node(B, 1, 0), node(B * np.float32(0.9) + 1, 2, 1), node(damped, 3, 2), node(D, 4, 3)
    )
    found = first_divergence(trace, source(B, C, A + 1))
    assert found is not None
    assert found[1].target == ("m.py", 2)


@pytest.mark.verify
@pytest.mark.parametrize(
    ("case", "lines"),
    [
        (mlp(wrong="epsilon=1e-6"), {34, 23}),
        (mlp(wrong="approximate=True"), {41}),
        (mlp(wrong="transposed=True"), {36}),
        (mlp(wrong="detached=True"), {24, 40}),
        (mlp(wrong="width=17"), {41, 25}),
        (mlp(wrong="last=lambda x: x"), {42}),
        (cnn(wrong="bn_epsilon=1e-5"), {13, 8}),
        (encoder(wrong="momentum=0.9"), {22}),
    ],
)
def test_the_place_is_named(verify: Verify, case: VerifyCase, lines: set[int]) -> None:
    found = verify(case).divergence
    assert found is not None
    named = [found.target, found.after, *found.made[:1], *found.used]
    assert lines <= {place[1] for place in named if place is not None}
