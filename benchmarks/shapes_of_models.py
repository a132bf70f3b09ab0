"""Inferred shapes against built models: `python -m benchmarks.shapes_of_models [MODULE...]`.

The models of `tf_keras.applications` are followed in their source, and built by TensorFlow. The
shapes that each kind of layer gives are compared as multisets, and so are the models' outputs.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tfjax.rules.api import SourceApi
from tfjax.rules.language.ruleset import RuleSet
from tfjax.transpiler.analysis import Analysis, analyse
from tfjax.transpiler.analysis.values import Graph, Tensor, Value, items_of
from tfjax.transpiler.frontend import ProjectTable, lower, parse_module
from tfjax.transpiler.own_modules import project_api

PACKAGE = "tf_keras.src.applications"
MODELS = {
    "convnext": "ConvNeXtTiny",
    "densenet": "DenseNet121",
    "efficientnet": "EfficientNetB0",
    "efficientnet_v2": "EfficientNetV2B0",
    "inception_resnet_v2": "InceptionResNetV2",
    "inception_v3": "InceptionV3",
    "mobilenet": "MobileNet",
    "mobilenet_v2": "MobileNetV2",
    "mobilenet_v3": "MobileNetV3Small",
    "nasnet": "NASNetMobile",
    "regnet": "RegNetX002",
    "resnet": "ResNet50",
    "resnet_rs": "ResNetRS50",
    "resnet_v2": "ResNet50V2",
    "vgg16": "VGG16",
    "vgg19": "VGG19",
    "xception": "Xception",
}
Shape = tuple[int | None, ...] | None


def inferred(module: str, rules: RuleSet) -> Analysis:
    """Follows `model = MODULE.MODEL(weights=None)`; nothing is imported."""
    found = importlib.util.find_spec("tf_keras")
    assert found is not None and found.origin is not None
    folder = Path(found.origin).parent / "src" / "applications"
    texts = {
        f"{PACKAGE}.{name}": (folder / f"{name}.py").read_text("utf-8")
        for name in dict.fromkeys((module, "imagenet_utils", "resnet"))
    }
    texts["driver"] = (
        f"from {PACKAGE} import {module}\nmodel = {module}.{MODELS[module]}(weights=None)\n"
    )
    parsed = {n: parse_module(t, name=n, path=n) for n, t in texts.items()}
    table = ProjectTable.build(parsed, project_api(SourceApi.load(), parsed))
    lowered = {n: lower(p, table, "keras2").module for n, p in parsed.items()}
    return analyse(lowered, rules, "keras2", only=["driver"])


def inferred_shapes(analysis: Analysis) -> Counter[tuple[str, Shape]]:
    return Counter(
        (symbol.rpartition(".")[2], shape)
        for _, symbol, value in analysis.layers
        for shape in _shapes(value)
    )


def _shapes(value: Value) -> Iterator[Shape]:
    """Open sizes are None, as in Keras; a tensor of unknown rank is None as a whole."""
    if isinstance(value, Tensor):
        yield None if value.dims is None else tuple(d.constant for d in value.dims)
    elif isinstance(value, Graph):
        yield from _shapes(value.outputs)
    else:
        for item in items_of(value) or ():
            yield from _shapes(item)


def built_shapes(module: str) -> Counter[tuple[str, Shape]]:
    """The same of the model that TensorFlow builds. A shared layer counts once a call."""
    applications: Any = importlib.import_module(f"{PACKAGE}.{module}")
    model = getattr(applications, MODELS[module])(weights=None)
    return Counter(_layers(model))


def _layers(model: Any) -> Iterator[tuple[str, Shape]]:
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _layers(layer)
            continue
        # The first node of a layer in a nested model is that of its own building.
        shape: Any = layer.output_shape
        shapes = shape if isinstance(shape, list) else [shape]
        for one in shapes:  # pyright: ignore[reportUnknownVariableType]
            yield type(layer).__name__, tuple(one)  # pyright: ignore[reportUnknownArgumentType]


def compare(module: str, rules: RuleSet) -> tuple[int, int, list[str]]:
    """How many shapes agree, how many are inferred as unknown, and what contradicts."""
    analysis = inferred(module, rules)
    ours, theirs = inferred_shapes(analysis), built_shapes(module)
    kinds = {kind for kind, _ in theirs}
    unknown = sum(n for (_, shape), n in ours.items() if shape is None)
    agreed = sum((ours & theirs).values())
    wrong = [
        f"inferred {kind} {shape} x{n}"
        for (kind, shape), n in (ours - theirs).items()
        if kind in kinds and shape is not None
    ]
    wrong += [c.message for c in analysis.conflicts]
    return agreed, unknown, wrong


def main(names: Sequence[str]) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    rules = RuleSet.load()
    contradictions = 0
    for module in names or MODELS:
        agreed, unknown, wrong = compare(module, rules)
        contradictions += len(wrong)
        print(f"{MODELS[module]:20} {agreed:5} agree {unknown:4} unknown {len(wrong):4} wrong")
        for text in wrong[:5]:
            print(f"    {text}")
    return 1 if contradictions else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("modules", nargs="*", choices=[[], *MODELS])
    raise SystemExit(main(arguments.parse_args().modules))
