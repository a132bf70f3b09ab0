"""Packages that run on TensorFlow: what they are given and give cannot be JAX arrays."""

from __future__ import annotations

from collections.abc import Mapping

from ....ir.nodes import Attribute, Expression, Import, Module, Name, walk

PACKAGES = frozenset(
    {
        *("keras_core", "keras_cv", "keras_hub", "keras_nlp", "keras_tuner", "kerastuner"),
        *("autokeras", "bayesflow", "ddsp", "deepctr", "edward2", "gpflow", "kapre", "kgcnn"),
        *("larq", "object_detection", "official", "qkeras", "ragged", "sonnet", "spektral"),
        *("tensor2tensor", "tensorlayer", "tfimm", "tf_agents", "tf_slim", "tf2onnx", "trfl"),
        *("tensorflow_addons", "tensorflow_compression", "tensorflow_datasets", "tensorflow_gnn"),
        *("tensorflow_federated", "tensorflow_graphics", "tensorflow_hub", "tensorflow_io"),
        *("tensorflow_model_optimization", "tensorflow_probability", "tensorflow_ranking"),
        *("tensorflow_quantum", "tensorflow_recommenders", "tensorflow_similarity"),
        *("tensorflow_text", "tensorflow_transform", "tensorflow_lattice"),
    }
)


def foreign_names(tree: Module) -> Mapping[str, str]:
    """The names that imports of such packages, and of functools, bind anywhere in a module, with
    what they stand for."""
    found: dict[str, str] = {}
    for node in walk(tree):
        if not isinstance(node, Import) or node.level:
            continue
        for alias in node.names:
            dotted = alias.name if node.module is None else f"{node.module}.{alias.name}"
            root = dotted.partition(".")[0]
            if root in PACKAGES or dotted in ("functools", "functools.partial"):
                whole = node.module is None and alias.alias is None
                found[root if whole else alias.alias or alias.name] = root if whole else dotted
    return found


def callee_name(function: Expression, names: Mapping[str, str]) -> str | None:
    """The dotted name of a callee that one of these names leads to."""
    match function:
        case Name(id=name):
            return names.get(name)
        case Attribute(value=owner, attribute=attribute):
            found = callee_name(owner, names)
            return None if found is None else f"{found}.{attribute}"
        case _:
            return None
