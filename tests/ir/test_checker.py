"""The checker finds what is wrong with a tree."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tfjax.ir import nodes as ir
from tfjax.ir.checker import check
from tfjax.ir.parser import parse_ir


def problems(body: str, stage: str = "target") -> list[str]:
    module = parse_ir(f"(module m m.py [{body}])")
    assert isinstance(module, ir.Module)
    return [f"{one.kind}: {one.message}" for one in check(module, cast(Any, stage))]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("(assign [x] 1) (do (call print [(arg x)]))", []),
        ("(do x)", ["undefined-name: `x` is not defined"]),
        ("(import numpy [(alias * -)]) (do x)", []),
        ("(def f [(param a default=b)] [(return a)])", ["undefined-name: `b` is not defined"]),
        ("(class A [] [(assign [x] 1) (def f [] [(return x)])])",
         ["undefined-name: `x` is not defined"]),
        ("(do (comprehension list x - [(generator x (list []) [])]))", []),
        ("(do @tf.nn.relu)", ["source-symbol: `tf.nn.relu` is left"]),
        ("(do (op keras.layers.Dense {units=1} [] @keras.layers.Dense))",
         ["source-symbol: `keras.layers.Dense` is left"]),
        ("(do (unhandled TJ2001 no @tf.nn.relu))", []),
        ("(do @jax.nn.relu)", []),
    ],
)  # fmt: skip
def test_target(body: str, expected: list[str]) -> None:
    body = body.replace("(alias * -)", "(alias * None)")
    assert problems(body) == expected


def test_spans() -> None:
    assert problems("(do (tuple [1@1:2-1:3 2@1:2-1:3])@1:1-1:9)", "source") == [
        "span: Constant at 1:2 starts before the one before it ends"
    ]
    assert problems("(do 1@1:1-1:9)@1:1-1:5", "source") == [
        "span: Constant at 1:1 is outside of its parent at 1:1"
    ]


@pytest.mark.parametrize(
    "statement",
    [
        ir.ExpressionStatement(cast(Any, ir.Pass())),
        ir.Return(cast(Any, "x")),
        ir.If(ir.Constant(1), cast(Any, (ir.Constant(1),)), ()),
        ir.Assign(cast(Any, [ir.Name("x")]), ir.Constant(1)),
        cast(Any, ir.Name("x")),
        ir.ExpressionStatement(ir.Expression()),
    ],
)
def test_types(statement: ir.Statement) -> None:
    assert [one.kind for one in check(ir.Module("m", "m.py", (statement,)), "source")] == ["type"]
