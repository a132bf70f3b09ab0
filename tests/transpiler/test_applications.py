"""Models of `keras.applications` in user code: their source comes along."""

from __future__ import annotations

import pytest
from tfjax.transpiler import applications

from tests.harness import broken_invariants, check_compile, compile_texts

HEAD = """\
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.applications import MobileNet, ResNet50, VGG16


"""
FROZEN = (
    HEAD
    + """\
def net(classes):
    base = VGG16(include_top=False, weights=None, input_shape=(64, 64, 3), pooling="avg")
    base.trainable = False
    inputs = keras.Input((64, 64, 3))
    x = base(inputs, training=False)
    return keras.Model(inputs, layers.Dense(classes, kernel_initializer="lecun_normal")(x))
"""
)


@pytest.mark.parametrize("flavour", ["2", "3"])
def test_the_source_comes_along(flavour: str) -> None:
    project = compile_texts({"model": FROZEN}, flavour)
    user, library = project.files
    assert user.text.startswith(
        """\
from flax import nnx

from applications.vgg16 import VGG16


class Net(nnx.Module):
    def __init__(self, classes, *, rngs: nnx.Rngs):
        self.vgg16 = VGG16(input_shape=(64, 64, 3), rngs=rngs)
        self.dense = nnx.Linear(512, classes, rngs=rngs)

    def __call__(self, inputs):
        x = self.vgg16(inputs)
        return self.dense(x)
"""
    )
    assert library.path.as_posix() == "applications/vgg16.py"
    assert (user.status, library.status) == ("translated", "translated")
    assert broken_invariants(user, project) == []
    assert [d.code for d in user.diagnostics] == ["TJ6020"]


def test_a_model_is_compiled_for_its_use() -> None:
    library = compile_texts({"model": FROZEN}, "3").files[1]
    code = library.text[library.text.index("def __init__") :]
    assert code.startswith("def __init__(self, input_shape=None, *, rngs: nnx.Rngs):")
    assert "if " not in code
    assert "load_weights" not in library.text and "get_file" not in library.text
    assert "https://storage" not in library.text
    assert code.rstrip().endswith("x = jnp.mean(x, axis=(1, 2))\n        return x")


def test_what_calls_disagree_on_stays() -> None:
    other = "\n\ndef whole():\n    return VGG16(weights=None)\n"
    library = compile_texts({"model": FROZEN + other}, "3").files[1]
    assert "include_top=True" in library.text and "if include_top:" in library.text
    assert "weights=" not in library.text


def test_pretrained_weights_are_reported() -> None:
    file = check_compile(
        HEAD + "def net():\n    return MobileNet(include_top=False)\n", flavour="2"
    )
    (warning,) = [d for d in file.diagnostics if d.code == "TJ6022"]
    assert (warning.severity, warning.line) == ("warning", 7)
    assert "weights convert" in (warning.hint or "")


def test_rescaling_that_pretrained_weights_need_stays() -> None:
    def library(weights: str) -> str:
        call = f"keras.applications.EfficientNetB0(include_top=False, weights={weights})"
        return (
            compile_texts({"m": f"import keras\n\ndef net():\n    return {call}\n"}).files[1].text
        )

    assert library("'imagenet'").count("math.sqrt(") > library("None").count("math.sqrt(")


def test_layers_on_top_and_the_tensor_to_go_on_from() -> None:
    file = check_compile(
        HEAD
        + """\
def net():
    inputs = keras.Input((32, 32, 3))
    base = ResNet50(weights=None, include_top=False, input_tensor=inputs)
    x = layers.GlobalMaxPooling2D()(base.output)
    return keras.Model(inputs, layers.Dense(2, kernel_initializer="lecun_normal")(x))
""",
        flavour="2",
    )
    assert (
        """\
        self.res_net50 = ResNet50(rngs=rngs)
        self.dense = nnx.Linear(self.res_net50.stack_fn_layer.out_features, 2, rngs=rngs)

    def __call__(self, inputs):
        features = self.res_net50(inputs)
        x = jnp.max(features, axis=(1, 2))
        return self.dense(x)
"""
        in file.text
    )


def test_a_layer_in_between() -> None:
    file = check_compile(
        HEAD
        + """\
def net():
    base = VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
    return keras.Model(base.input, base.get_layer("block2_pool").output)
""",
        flavour="3",
    )
    assert "from applications.vgg16 import VGG16Features" in file.text


def test_a_model_that_uses_another_file_brings_it() -> None:
    text = HEAD + "def net():\n    return keras.applications.ResNet50V2(weights=None)\n"
    project = compile_texts({"model": text}, "2")
    paths = [file.path.as_posix() for file in project.files]
    assert paths == ["model.py", "applications/resnet.py", "applications/resnet_v2.py"]
    assert {file.status for file in project.files} == {"translated"}


def test_a_folder_of_that_name_is_left_alone() -> None:
    texts = {"model": FROZEN, "applications.own": "VALUE = 1\n"}
    paths = [f.path.as_posix() for f in compile_texts(texts, "3").files]
    assert paths == ["model.py", "applications/own.py", "keras_applications/vgg16.py"]


def test_functions_beside_the_models_have_rules() -> None:
    file = check_compile(
        """\
        from tensorflow.keras.applications.vgg16 import preprocess_input


        def prepare(x):
            return preprocess_input(x)
        """
    )
    assert "applications" not in file.text


def test_without_keras_the_call_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "find_spec", lambda name: None)
    project = compile_texts({"model": FROZEN}, "3")
    (file,) = project.files
    (error,) = [d for d in file.diagnostics if d.severity == "error"]
    assert (error.code, error.line) == ("TJ2010", 7)
    assert "install" in (error.hint or "")


def test_arguments_that_the_model_does_not_have_are_refused() -> None:
    before = HEAD + "def net():\n    return VGG16(weights=None, colour='red')\n"
    check_compile(before, flavour="3", left=["TJ2002"])
