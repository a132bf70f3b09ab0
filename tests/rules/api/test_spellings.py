"""Every spelling of a symbol leads to its one canonical name."""

from __future__ import annotations

import pytest
from tfjax.rules.api import SourceApi

API = SourceApi.load()

SPELLINGS = [
    # TensorFlow: aliases, compat modules, definition paths
    ("tf.reduce_sum", "tf.reduce_sum"),
    ("tf.math.reduce_sum", "tf.reduce_sum"),
    ("tensorflow.reduce_sum", "tf.reduce_sum"),
    ("tensorflow.compat.v2.math.reduce_sum", "tf.reduce_sum"),
    ("tensorflow.python.ops.math_ops.reduce_sum", "tf.reduce_sum"),
    ("tf.math.log", "tf.math.log"),
    ("tf.compat.v1.log", "tf.math.log"),
    ("tf.linalg.matmul", "tf.matmul"),
    ("tf.half", "tf.float16"),
    ("tensorflow.python.framework.dtypes.float32", "tf.float32"),
    ("tf.newaxis", "tf.newaxis"),
    ("tf.raw_ops.MatMul", "tf.raw_ops.MatMul"),
    # v1: its own objects stay v1, shared objects do not
    ("tf.compat.v1.concat", "tf.concat"),
    ("tf.compat.v1.get_variable", "tf.compat.v1.get_variable"),
    ("tf.compat.v1.nn.conv2d", "tf.compat.v1.nn.conv2d"),
    ("tf.compat.v1.reduce_sum", "tf.compat.v1.reduce_sum"),
    ("tf.compat.v1.compat.v1.placeholder", "tf.compat.v1.placeholder"),
    ("tf.placeholder", "tf.compat.v1.placeholder"),
    ("tf.log", "tf.math.log"),
    # Keras: packages, aliases, modules that TF respells
    ("tf.keras.layers.Dense", "keras.layers.Dense"),
    ("tensorflow.keras.layers.Dense", "keras.layers.Dense"),
    ("tensorflow.compat.v2.keras.layers.Dense", "keras.layers.Dense"),
    ("tensorflow.compat.v1.keras.layers.Dense", "keras.layers.Dense"),
    ("tf_keras.layers.Dense", "keras.layers.Dense"),
    ("keras.api._v2.keras.layers.Dense", "keras.layers.Dense"),
    ("keras._tf_keras.keras.layers.Dense", "keras.layers.Dense"),
    ("keras.layers.Convolution2D", "keras.layers.Conv2D"),
    ("keras.layers.MaxPool2D", "keras.layers.MaxPooling2D"),
    ("keras.models.Model", "keras.Model"),
    ("keras.layers.Layer", "keras.Layer"),
    ("keras.layers.Input", "keras.Input"),
    ("keras.models.Sequential", "keras.Sequential"),
    ("tf.keras.optimizers.Optimizer", "keras.Optimizer"),
    ("tf.losses.MSE", "keras.losses.mean_squared_error"),
    ("tf.optimizers.Adam", "keras.optimizers.Adam"),
    ("keras.backend.sum", "keras.backend.sum"),
    # Keras: definition paths of several versions
    ("tf_keras.src.layers.core.dense.Dense", "keras.layers.Dense"),
    ("keras.src.layers.core.dense.Dense", "keras.layers.Dense"),
    ("keras.engine.training.Model", "keras.Model"),
    ("tf_keras.src.engine.training.Model", "keras.Model"),
    ("tensorflow.python.keras.layers.core.Dense", "keras.layers.Dense"),
    ("tensorflow.python.keras.layers.recurrent_v2.LSTM", "keras.layers.LSTM"),
    ("tensorflow.python.keras.optimizer_v2.adam.Adam", "keras.optimizers.legacy.Adam"),
    ("keras.src.ops.numpy.add", "keras.ops.add"),
    ("keras.src.models.Functional", "keras.models.Functional"),
    ("tf_keras.src.engine.functional.Functional", "keras.models.Functional"),
    ("tf_keras.src.layers.VersionAwareLayers", "keras.layers.VersionAwareLayers"),
    (
        "tf_keras.src.applications.imagenet_utils.obtain_input_shape",
        "keras.applications.imagenet_utils.obtain_input_shape",
    ),
    # Members
    ("tf.GradientTape.gradient", "tf.GradientTape.gradient"),
    ("tf.keras.layers.Dense.build", "keras.layers.Dense.build"),
    ("tf.keras.layers.Dense.add_weight", "keras.layers.Dense.add_weight"),
    ("tf.losses.Reduction.AUTO", "keras.losses.Reduction.AUTO"),
    ("tf.half.min", "tf.float16.min"),
    ("tf.Module.__init__", "tf.Module.__init__"),
    # Not ours, or not there
    ("numpy.sum", None),
    ("tf.no_such_name", None),
    ("tf.keras.layers.NoSuchLayer", None),
    ("keras.layers.Dense.no_such_method", None),
    ("tfp.distributions.Normal", None),
    ("tf.", None),
    ("", None),
]


@pytest.mark.parametrize(("spelling", "canonical"), SPELLINGS)
def test_canonical(spelling: str, canonical: str | None) -> None:
    assert API.canonical(spelling) == canonical


@pytest.mark.parametrize(
    ("module", "canonical"),
    [
        ("tensorflow", "tf"),
        ("tf_keras", "keras"),
        ("tensorflow.keras", "keras"),
        ("tensorflow.keras.layers", "keras.layers"),
        ("tensorflow.nn", "tf.nn"),
        ("tensorflow.compat.v1", "tf.compat.v1"),
        ("tensorflow.compat.v1.math", "tf.compat.v1.math"),
        ("tf_keras.src.backend", "keras.backend"),
        ("tf_keras.src.layers", "keras.layers"),
        ("tf_keras.src.engine.training", "keras.engine.training"),
        ("tensorflow.python.ops.math_ops", "tf.python.ops.math_ops"),
    ],
)
def test_modules(module: str, canonical: str) -> None:
    assert API.is_module(module)
    assert API.canonical(module) == canonical


@pytest.mark.parametrize("name", ["tf.reduce_sum", "tf.keras.layers.Dense", "numpy", "tf.nope"])
def test_not_modules(name: str) -> None:
    assert not API.is_module(name)


def test_canonical_names_are_their_own_canonical_names() -> None:
    wrong = [name for name in API.names() if API.canonical(name) != name]
    assert wrong == []


def test_longest_prefix_keeps_the_attributes_that_are_no_api() -> None:
    assert API.longest_prefix("tf.__version__.split") == ("tf.__version__", ("split",))
    assert API.longest_prefix("tf.nn.relu") == ("tf.nn.relu", ())
    assert API.longest_prefix("numpy.sum") is None


def test_aliases_are_listed() -> None:
    assert "keras.layers.Convolution2D" in API.aliases("keras.layers.Conv2D")
    assert "tf.math.reduce_sum" in API.aliases("tf.reduce_sum")
