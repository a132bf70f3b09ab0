"""What `try` clauses and parameter types say about the values to try."""

from __future__ import annotations

import pytest
from tfjax.rules.language import RuleSet
from tfjax.rules.language.records import Rule
from tfjax.rules.prove.derive import RuleDomain, derive
from tfjax.rules.prove.domain import (
    AxisOf,
    DomainError,
    Indices,
    ListOf,
    Omitted,
    OneOf,
    TensorDomain,
    Text,
    parse_domain,
)

READ = {
    "tensor(rank=0..2, dims={0, 3})": TensorDomain(ranks=(0, 1, 2), dims=(0, 3)),
    "tensor(values=positive, dtypes={float32, int32})": TensorDomain(
        values="positive", dtypes=("float32", "int32")
    ),
    "like(x)": TensorDomain(like="x"),
    "variable(rank=1)": TensorDomain(ranks=(1,), variable=True),
    "1..3": OneOf((Text("1"), Text("2"), Text("3"))),
    "None | axis_of(x)": OneOf((Text("None"), AxisOf("x"))),
    "axes_of(x)": AxisOf("x", several=True),
    "indices(rank=1, below=5)": Indices(ranks=(1,), below=5),
    "list(tensor(rank=1), 2..3)": ListOf(TensorDomain(ranks=(1,)), (2, 3)),
    "'a' | omitted": OneOf((Text("'a'"), Omitted())),
    "tf.ones((2, 3))": Text("tf.ones((2, 3))"),
}


@pytest.mark.parametrize("text", READ)
def test_read(text: str) -> None:
    assert parse_domain(text) == READ[text]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tensor(ranks=2)", "tensor() has no `ranks`"),
        ("tensor(values=odd)", "values are one of any, finite"),
        ("tensor(rank=x)", "`x` is no set of numbers"),
        ("1 +", "is no domain"),
    ],
)
def test_what_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(DomainError) as caught:
        parse_domain(text)
    assert message in str(caught.value)


def domain_of(text: str) -> RuleDomain:
    (rule,) = RuleSet.parse(text).records()
    assert isinstance(rule, Rule)
    return derive(rule)


def test_types_give_domains() -> None:
    found = domain_of(
        "rule r\n"
        "  from tf.f(x: Tensor[T, (B, D)], axis: int = 0, keep: bool = False, to: DType = None,\n"
        "            mode: str = 'a', f: Callable = None, name: Ignored = None)\n"
        "  where T in floating\n"
        "  to   np.f(x, axis, keep, to, f) if mode == 'b'\n"
        "  to   np.g(x)\n"
    )
    assert found.parameters["x"] == TensorDomain(letter="T", pattern=("B", "D"))
    assert found.parameters["axis"] == OneOf((Omitted(), AxisOf("x")))
    assert found.parameters["mode"] == OneOf((Omitted(), OneOf((Text("'b'"),))))
    assert found.parameters["f"] == found.parameters["name"] == Omitted()
    assert found.dtypes == {"T": ("floating",)}
    assert found.stated == found.missing == ()


def test_a_required_function_has_no_domain() -> None:
    found = domain_of("rule r\n  from tf.f(fn: Callable, x: Tensor)\n  to np.f(fn, x)\n")
    assert found.missing == ("fn",)


def test_try_goes_before_types() -> None:
    found = domain_of(
        "rule r\n  from tf.f(x: Tensor[T, S], n: int)\n  to np.f(x, n)\n"
        "  try x = tensor(rank=2, values=positive), n = 7\n"
    )
    assert found.parameters["n"] == Text("7")
    assert found.parameters["x"] == TensorDomain(ranks=(2,), values="positive", letter="T")
    assert found.stated == ("x", "n")


def test_indices_and_masks_by_convention() -> None:
    found = domain_of(
        "rule r\n  from tf.f(x: Tensor[T], i: Tensor[I], m: Tensor[B])\n  to x[i, m]\n"
    )
    assert isinstance(found.parameters["i"], Indices)
    assert found.dtypes == {"I": ("integer",), "B": ("boolean",)}
