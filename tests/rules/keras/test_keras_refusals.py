"""What layer rules refuse or note, and the weight table. Runs no framework."""

import pytest
from proof_reading import read
from tfjax.ir.nodes import Constant, OpCall
from tfjax.rules.language import RuleSet
from tfjax.rules.language.facts import NoFacts
from tfjax.transpiler.rewrite import Refused, construct_layer
from tfjax.transpiler.shapes.shape_rules import FUNCTIONS
from tfjax.transpiler.verify.project import weight_rules

RULES = RuleSet.load()
SIZES = {"C": Constant(4), "D": Constant(4), "E": Constant(4), "rank(x)": Constant(4)}
REFUSED = [
    ("keras.layers.Conv2D(4, 3, data_format='channels_first')", "TJ2013"),
    ("keras.layers.MaxPool2D(data_format='channels_first')", "TJ2013"),
    ("keras.layers.LSTM(4, recurrent_dropout=0.2)", "TJ2013"),
    ("keras.layers.BatchNormalization(axis=[1, 2])", "TJ2013"),
    ("keras.layers.LayerNormalization(axis=(1, 2))", "TJ2013"),
    ("keras.layers.GroupNormalization(2, axis=1)", "TJ2013"),
    ("keras.layers.ReLU(threshold=1.0)", "TJ2013"),
    ("keras.layers.UpSampling2D(interpolation='bicubic')", "TJ2013"),
    ("keras.layers.MultiHeadAttention(2, 4, value_dim=3)", "TJ2013"),
    ("keras.layers.Normalization(axis=1)", "TJ2013"),
    ("keras.layers.RandomCrop(3, 3)", "TJ2010"),
    ("keras.layers.Cropping2D(cropping)", "TJ3001"),
    ("keras.layers.EinsumDense('ab,bc->ca', 4)", "TJ3002"),
]
NOTED = [
    ("keras.layers.SpatialDropout1D(0.5)", "TJ6003"),
    ("keras.layers.Conv2D(4, 3, kernel_regularizer=r)", "TJ6004"),
    ("keras.layers.Conv2D(4, 3, trainable=False)", "TJ6002"),
]


def plan(text: str):
    op = read(text, "keras3")
    assert isinstance(op, OpCall)
    return construct_layer(op, RULES.for_flavour("keras3"), NoFacts(), SIZES)


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_refused(text: str, code: str) -> None:
    refused = plan(text)
    assert isinstance(refused, Refused)
    assert refused.code == code


@pytest.mark.parametrize(("text", "code"), NOTED)
def test_noted(text: str, code: str) -> None:
    found = plan(text)
    assert not isinstance(found, Refused)
    assert code in [note.code for note in found.notes]


def test_shape_functions_are_all_implemented() -> None:
    from tfjax.rules.language.shapes import SHAPE_FUNCTIONS

    assert set(SHAPE_FUNCTIONS) <= set(FUNCTIONS)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("keras.layers.Dense", "flax.nnx.Linear"),
        ("keras.layers.Conv2D", "flax.nnx.Conv"),
        ("keras.layers.DepthwiseConv2D", "flax.nnx.Conv"),
        ("keras.layers.BatchNormalization", "flax.nnx.BatchNorm"),
        ("keras.layers.MultiHeadAttention", "flax.nnx.MultiHeadAttention"),
        ("keras.layers.SeparableConv2D", "SeparableConv"),
        ("keras.layers.LSTM", "RNN"),
    ],
)
def test_weight_table_has(source: str, target: str) -> None:
    assert (source, target) in {(rule.source, rule.target) for rule in weight_rules(RULES)}


def test_depthwise_weights() -> None:
    [rule] = [r for r in weight_rules(RULES) if r.source == "keras.layers.DepthwiseConv2D"]
    first = rule.weights[0]
    assert (first.source, first.target) == ("depthwise_kernel", "kernel")
    assert first.steps == ({"op": "reshape", "shape": [0, 0, 1, -1]},)
