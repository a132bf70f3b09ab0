"""Layers: needs, constructor, application, weights."""

from __future__ import annotations

import pytest
from tfjax.ir.nodes import Constant, Name
from tfjax.rules.language import BUILTIN, RuleSet
from tfjax.transpiler.rewrite import (
    LayerPlan,
    NoFacts,
    Refused,
    Rewritten,
    construct_layer,
    layer_needs,
)
from tfjax.transpiler.rewrite.snippets import parse_source, show

WORKED = RuleSet.load((BUILTIN / "tf" / "math.rules", BUILTIN / "keras" / "core.rules"))


def plan(source: str, rules: RuleSet = WORKED, **sizes: str) -> LayerPlan:
    found = construct_layer(
        parse_source(source, rules), rules, NoFacts(), {k: Name(v) for k, v in sizes.items()}
    )
    assert isinstance(found, LayerPlan), found
    return found


def applied(found: LayerPlan, *inputs: str, **options: object) -> str:
    module = None if found.construct is None else Name("self.m")
    outcome = found.apply([parse_source(i, WORKED) for i in inputs], module, **options)  # type: ignore[arg-type]
    return (
        show(outcome.expression)
        if isinstance(outcome, Rewritten)
        else f"{outcome.code}: {outcome.message}"
    )


GLOROT = "kernel_init=nnx.initializers.glorot_uniform(), "
DENSE = {
    "keras.layers.Dense(64)": (f"nnx.Linear(n, 64, {GLOROT}rngs=rngs)", "self.m(x)"),
    "keras.layers.Dense(64, 'relu')": (
        f"nnx.Linear(n, 64, {GLOROT}rngs=rngs)",
        "nnx.relu(self.m(x))",
    ),
    "keras.layers.Dense(u, activation='gelu', use_bias=False)": (
        f"nnx.Linear(n, u, use_bias=False, {GLOROT}rngs=rngs)",
        "nnx.gelu(self.m(x), approximate=False)",
    ),
    "keras.layers.Dense(64, tf.tanh, kernel_initializer='zeros')": (
        "nnx.Linear(n, 64, kernel_init=nnx.initializers.zeros, rngs=rngs)",
        "jnp.tanh(self.m(x))",
    ),
    "keras.layers.Dense(64, kernel_initializer=keras.initializers.RandomNormal(stddev=s))": (
        "nnx.Linear(n, 64, kernel_init=nnx.initializers.normal(stddev=s), rngs=rngs)",
        "self.m(x)",
    ),
    "keras.layers.Dense(64, activation=a, kernel_initializer=k)": (
        "nnx.Linear(n, 64, kernel_init=compat.get_initializer(k), rngs=rngs)",
        "compat.get_activation(a)(self.m(x))",
    ),
    "keras.layers.Dense(64, activation=lambda z: tf.sin(z) * 2)": (
        f"nnx.Linear(n, 64, {GLOROT}rngs=rngs)",
        "tf.sin(x=self.m(x)) * 2",
    ),
}


@pytest.mark.parametrize("source", DENSE)
def test_dense(source: str) -> None:
    found = plan(source, D="n")
    assert found.construct is not None
    assert (show(found.construct), applied(found, "x")) == DENSE[source]


def test_needs_are_known_before_the_sizes() -> None:
    needs = layer_needs(parse_source("keras.layers.Dense(64)", WORKED), WORKED, NoFacts())
    assert isinstance(needs, tuple)
    assert [(n.name, n.input, n.kind, n.axis) for n in needs] == [("D", 0, "dim", -1)]
    missing = construct_layer(parse_source("keras.layers.Dense(64)", WORKED), WORKED, NoFacts(), {})
    assert isinstance(missing, Refused) and missing.code == "TJ4001"


def test_weights_depend_on_the_configuration() -> None:
    names = [w.source for w in plan("keras.layers.Dense(64, use_bias=False)", D="n").weights]
    assert names == ["kernel"]
    bias = plan("keras.layers.Dense(64, use_bias=b)", D="n").weights[1]
    assert bias.condition is not None and show(bias.condition) == "b"


def test_captures_are_what_the_application_takes_from_the_configuration() -> None:
    found = plan("keras.layers.Dense(64, activation=a)", D="n")
    (capture,) = found.captures
    assert (capture.name, show(capture.expression)) == ("activation", "compat.get_activation(a)")
    assert applied(found, "x", captured={"activation": Name("self.act")}) == "self.act(self.m(x))"
    assert plan("keras.layers.Dense(64, activation='relu')", D="n").captures == ()


@pytest.mark.parametrize(
    ("training", "expected"),
    [
        (None, "self.m(x)"),
        (Name("training"), "self.m(x, deterministic=not training)"),
        (Constant(True), "self.m(x, deterministic=False)"),
        (Constant(False), "self.m(x, deterministic=True)"),
        (Constant(None), "self.m(x)"),
    ],
)
def test_mode(training: object, expected: str) -> None:
    found = plan("keras.layers.Dropout(0.1)")
    assert found.mode == "deterministic" and [n.code for n in found.notes] == ["TJ6003"]
    assert applied(found, "x", training=training) == expected


STATELESS = {
    ("keras.layers.Flatten()", "x"): "x.reshape(x.shape[0], -1)",
    ("keras.layers.MaxPool2D(3, padding='same')", "x"): (
        'nnx.max_pool(x, (3, 3), strides=(3, 3), padding="SAME")'
    ),
    ("keras.layers.MaxPooling2D()", "x"): "nnx.max_pool(x, (2, 2), strides=(2, 2))",
    ("keras.layers.Add()", "a, b"): "a + b",
    ("keras.layers.Add()", "a, b, c"): "a + b + c",
    ("keras.layers.Add()", "a, b, c, d"): "sum([a, b, c, d])",
    ("keras.layers.Add()", "xs"): "sum(xs)",
    ("keras.layers.Flatten()", "x, y"): "TJ2007: `keras.layers.Flatten` takes 1 inputs, got 2",
}


@pytest.mark.parametrize(("source", "inputs"), STATELESS)
def test_stateless_layers_are_code(source: str, inputs: str) -> None:
    found = plan(source)
    assert found.construct is None
    assert applied(found, *inputs.split(", ")) == STATELESS[source, inputs]


def test_call_arguments_form_a_closed_world() -> None:
    found = plan("keras.layers.Dense(4)", D="n")
    assert applied(found, "x", call_arguments={"mask": Name("m")}).startswith("TJ2003")


CUSTOM = """
layer Gru
  from keras.layers.Gru(units: int, go_backwards: bool = False, return_state: bool = False)
  on   x: Tensor[T, (B, S, D)], mask: Any = None, initial_state: Any = None
  to   nnx.RNN(compat.GruCell(D, units, rngs=rngs), reverse=go_backwards)
  call self(x, initial_carry=initial_state, seq_lengths=mask)[-1] if not return_state
  call self(x, initial_carry=initial_state)

layer Norm
  from keras.layers.Norm(axis: int = -1)
  on   x: Tensor[T, (*B, D)]
  when axis == -1 or axis == rank(x) - 1 else TJ2013 "only the last axis"
  mode use_running_average
  to   nnx.BatchNorm(D, rngs=rngs) if axis == -1
  to   nnx.BatchNorm(dim(x, axis), rngs=rngs)

layer Wrapper
  from keras.layers.Wrapper(layer: Layer)
  on   x: Tensor[T, (B, S, D)]
  to   compat.TimeDistributed(construct(layer))

layer LeakyReLU
  from keras.layers.LeakyReLU(negative_slope: float = 0.3)
  on   x: Tensor[T, S]
  call nnx.leaky_relu(x, negative_slope=negative_slope)
"""


@pytest.fixture(scope="module")
def custom() -> RuleSet:
    return RuleSet.parse(
        CUSTOM, base=(BUILTIN / "keras" / "core.rules", BUILTIN / "tf" / "math.rules")
    )


def test_call_templates(custom: RuleSet) -> None:
    found = plan("keras.layers.Gru(8, True)", custom, D="n")
    assert found.construct is not None
    assert show(found.construct) == "nnx.RNN(compat.GruCell(n, 8, rngs=rngs), reverse=True)"
    assert found.call_parameters == ("mask", "initial_state")
    last = applied(found, "x", call_arguments={"mask": Name("m")})
    assert last == "self.m(x, initial_carry=None, seq_lengths=m)[-1]"
    state = plan("keras.layers.Gru(8, return_state=True)", custom, D="n")
    assert applied(state, "x") == "self.m(x, initial_carry=None)"


def test_ranks_and_dims_are_needs(custom: RuleSet) -> None:
    op = parse_source("keras.layers.Norm(axis=3)", custom)
    needs = layer_needs(op, custom, NoFacts())
    assert isinstance(needs, tuple)
    assert [(n.name, n.kind, n.axis) for n in needs] == [
        ("dim(x, 3)", "dim", 3),
        ("rank(x)", "rank", None),
    ]
    sizes = {"dim(x, 3)": Name("c"), "rank(x)": Constant(4)}
    found = construct_layer(op, custom, NoFacts(), sizes)
    assert isinstance(found, LayerPlan) and found.construct is not None
    assert show(found.construct) == "nnx.BatchNorm(c, rngs=rngs)"
    refused = construct_layer(op, custom, NoFacts(), sizes | {"rank(x)": Constant(3)})
    assert isinstance(refused, Refused) and refused.message == "only the last axis"


def test_a_layer_in_a_layer(custom: RuleSet) -> None:
    op = parse_source("keras.layers.Wrapper(keras.layers.Dense(4))", custom)
    needs = layer_needs(op, custom, NoFacts())
    assert isinstance(needs, tuple) and [n.name for n in needs] == ["D"]
    found = construct_layer(op, custom, NoFacts(), {"D": Name("n")})
    assert isinstance(found, LayerPlan) and found.construct is not None
    assert show(found.construct) == f"compat.TimeDistributed(nnx.Linear(n, 4, {GLOROT}rngs=rngs))"


def test_a_layer_as_activation(custom: RuleSet) -> None:
    source = "keras.layers.Dense(4, activation=keras.layers.LeakyReLU(0.1))"
    found = plan(source, custom, D="n")
    assert applied(found, "x") == "nnx.leaky_relu(self.m(x), negative_slope=0.1)"
