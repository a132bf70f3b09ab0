"""Kinds, signatures, flavours, bases and members of TensorFlow and Keras symbols."""

from __future__ import annotations

import pytest
from tfjax.rules.api import FLAVOURS, Flavour, SourceApi, bind

API = SourceApi.load()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tf.reduce_sum", "function"),
        ("tf.GradientTape", "class"),
        ("tf.float32", "dtype"),
        ("tf.newaxis", "constant"),
        ("tf.nn", "module"),
        ("tf.Tensor.shape", "property"),
        ("tf.Tensor.numpy", "method"),
        ("tf.data.Dataset.from_tensor_slices", "staticmethod"),
        ("keras.Layer.from_config", "classmethod"),
        ("keras.layers.Dense", "class"),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    symbol = API.symbol(name)
    assert symbol is not None
    assert symbol.kind == kind


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("tf.reduce_sum", "(input_tensor, axis=None, keepdims=False, name=None)"),
        ("tf.concat", "(values, axis, name='concat')"),
        ("tf.zeros", "(shape, dtype=tf.float32, name=None, layout=None)"),
        ("tf.GradientTape", "(persistent=False, watch_accessed_variables=True)"),
        ("tf.TensorArray.write", "(index, value, name=None)"),
        ("tf.Variable.assign", "(value, use_locking=False, name=None, read_value=True)"),
        ("keras.backend.sum", "(x, axis=None, keepdims=False)"),
    ],
)
def test_signatures(name: str, signature: str) -> None:
    assert str(API.signature(name)) == signature


def test_constants_have_values() -> None:
    symbol = API.symbol("tf.newaxis")
    assert symbol is not None
    assert symbol.value == "None"


def test_unknown_symbols() -> None:
    assert API.symbol("tf.nope") is None
    assert API.signature("keras.layers.Nope", "keras2") is None
    assert API.methods("tf.reduce_sum") == {}


@pytest.mark.parametrize(
    ("name", "flavours"),
    [
        ("keras.layers.Dense", ("keras2", "keras3")),
        ("keras.ops.add", ("keras3",)),
        ("keras.layers.VersionAwareLayers", ("keras2",)),
        ("tf.reduce_sum", ()),
    ],
)
def test_flavours(name: str, flavours: tuple[Flavour, ...]) -> None:
    assert API.flavours(name) == flavours


def test_flavours_differ_in_parameters_and_defaults() -> None:
    keras2 = API.signature("keras.layers.Dense", "keras2")
    keras3 = API.signature("keras.layers.Dense", "keras3")
    assert keras2 is not None
    assert keras3 is not None
    assert "lora_rank" not in keras2
    assert "lora_rank" in keras3
    optimizers = [API.signature("keras.optimizers.SGD", flavour) for flavour in FLAVOURS]
    assert ["loss_scale_factor" in s for s in optimizers if s is not None] == [False, True]


@pytest.mark.parametrize("keyword", ["input_shape", "input_dim", "name", "dtype", "trainable"])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_layers_take_the_keywords_of_the_base_layer(flavour: Flavour, keyword: str) -> None:
    signature = API.signature("keras.layers.Dense", flavour)
    assert signature is not None
    assert bind(signature, [1], {keyword: 2}).ok


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("layer", ["Dense", "Conv2D", "LSTM", "Embedding", "BatchNormalization"])
def test_layers_refuse_unknown_keywords(flavour: Flavour, layer: str) -> None:
    signature = API.signature(f"keras.layers.{layer}", flavour)
    assert signature is not None
    problems = bind(signature, [1, 1], {"no_such_argument": 2}).problems
    assert ("unknown_keyword", "no_such_argument") in [(p.kind, p.name) for p in problems]


def test_batch_size_is_a_layer_keyword_of_keras_2_only() -> None:
    found = [API.signature("keras.layers.Dense", flavour) for flavour in FLAVOURS]
    assert ["batch_size" in s for s in found if s is not None] == [True, False]


def test_legacy_optimizers_take_lr_and_decay() -> None:
    signature = API.signature("keras.optimizers.legacy.Adam", "keras2")
    assert signature is not None
    assert bind(signature, [], {"lr": 1, "decay": 2}).ok
    assert not bind(signature, [], {"learning": 1}).ok


def test_lr_is_a_keyword_of_keras_2_optimizers_only() -> None:
    found = [API.signature("keras.optimizers.Adam", flavour) for flavour in FLAVOURS]
    assert [s.accepts_keyword("lr") for s in found if s is not None] == [True, False]


def test_models_take_inputs_and_outputs() -> None:
    for flavour in FLAVOURS:
        signature = API.signature("keras.Model", flavour)
        assert signature is not None
        bound = bind(signature, ["x", "y"], {"name": "z"})
        assert bound.values == {"inputs": "x", "outputs": "y", "name": "z"}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("cls", "base"),
    [
        ("keras.layers.Dense", "keras.Layer"),
        ("keras.layers.Dense", "keras.layers.Layer"),
        ("keras.layers.Dense", "keras.layers.Dense"),
        ("keras.Sequential", "keras.Model"),
        ("keras.Model", "keras.Layer"),
        ("keras.optimizers.Adam", "keras.Optimizer"),
        ("keras.losses.BinaryCrossentropy", "keras.Loss"),
        ("keras.metrics.Mean", "keras.Metric"),
        ("keras.initializers.GlorotUniform", "keras.Initializer"),
        ("keras.regularizers.L2", "keras.Regularizer"),
        ("keras.callbacks.EarlyStopping", "keras.callbacks.Callback"),
        (
            "keras.optimizers.schedules.CosineDecay",
            "keras.optimizers.schedules.LearningRateSchedule",
        ),
    ],
)
def test_subclasses(cls: str, base: str, flavour: Flavour) -> None:
    assert API.is_subclass(cls, base, flavour)


def test_not_subclasses() -> None:
    assert not API.is_subclass("keras.layers.Dense", "keras.Model")
    assert not API.is_subclass("tf.reduce_sum", "keras.Layer")
    assert not API.is_subclass("tf.nope", "keras.Layer")


def test_members_include_inherited_ones() -> None:
    members = API.methods("keras.layers.Dense", "keras2")
    assert {"build", "call", "add_weight", "get_config", "trainable_variables"} <= set(members)
    assert members["add_weight"].kind == "method"
    assert members["trainable_variables"].kind == "property"
    assert members["build"].name == "keras.layers.Dense.build"


def test_method_signatures() -> None:
    assert str(API.method_signature("keras.layers.Dense", "build", "keras2")) == "(input_shape)"
    keras2, keras3 = (API.method_signature("keras.Layer", "add_weight", f) for f in FLAVOURS)
    assert keras2 is not None
    assert keras3 is not None
    # `add_weight("kernel", shape)` of Keras 2 is `add_weight(shape, initializer)` in Keras 3.
    assert keras2.names[:2] == ("name", "shape")
    assert keras3.names[:2] == ("shape", "initializer")
    assert API.method_signature("keras.layers.Dense", "__init__") == API.signature(
        "keras.layers.Dense"
    )


def test_every_row_reads() -> None:
    for flavour in FLAVOURS:
        for name in API.names(flavour):
            symbol = API.symbol(name, flavour)
            assert symbol is not None
            if symbol.signature is not None:
                assert str(symbol.signature).startswith("(")
