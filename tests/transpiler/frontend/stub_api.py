"""A small API table: the front end's tests say what the API has, and do not hang on real data."""

from __future__ import annotations

from tfjax.rules.api import Flavour, Signature, parse_signature
from tfjax.rules.api.spelling import respell

MODULES = {
    "tf",
    "tf.math",
    "tf.nn",
    "keras",
    "keras.layers",
    "keras.backend",
    "keras.models",
    "keras.utils",
    "keras.ops",
    "keras.activations",
}
SIGNATURES = {
    "tf.reduce_sum": "(input_tensor, axis=None, keepdims=False, name=None)",
    "tf.nn.relu": "(features, name=None)",
    "tf.shape": "(input, out_type=None, name=None)",
    "tf.stack": "(values, axis=0, name='stack')",
    "tf.float32": "",
    "tf.Variable": "(initial_value=None, trainable=None)",
    "tf.GradientTape": "(persistent=False)",
    "keras.layers.Dense": "(units, activation=None, use_bias=True, **kwargs)",
    "keras.layers.Conv2D": "(filters, kernel_size, strides=(1, 1), padding='valid', **kwargs)",
    "keras.layers.Conv3D": "(filters, kernel_size, strides=(1, 1, 1), padding='valid', **kwargs)",
    "keras.layers.Add": "(**kwargs)",
    "keras.layers.Input": "(shape=None, batch_size=None)",
    "keras.layers.Layer": "(*, name=None, **kwargs)",
    "keras.backend.mean": "(x, axis=None, keepdims=False)",
    "keras.backend.image_data_format": "()",
    "keras.backend.int_shape": "(x)",
    "keras.ops.shape": "(x)",
    "keras.ops.mean": "(x, axis=None, keepdims=False)",
    "keras.utils.get_file": "(fname, origin)",
    "keras.Model": "(*args, **kwargs)",
    "keras.models.Functional": "(inputs, outputs, name=None)",
}
ALIASES = {
    "tf.math.reduce_sum": "tf.reduce_sum",
    "keras.models.Model": "keras.Model",
    "keras.Input": "keras.layers.Input",
    "keras.src.layers": "keras.layers",
    "keras.src.backend": "keras.backend",
    "keras.src.engine.training.Model": "keras.Model",
}


ONE_FLAVOUR: dict[str, tuple[Flavour, ...]] = {
    "keras.ops.mean": ("keras3",),
    "keras.ops.shape": ("keras3",),
    "keras.backend.mean": ("keras2",),
}


class StubApi:
    """The methods of `rules.api.SourceApi` that the front end calls."""

    def canonical(self, dotted_path: str) -> str | None:
        path = respell(dotted_path)
        path = ALIASES.get(path, path)
        return path if path in MODULES or path in SIGNATURES else None

    def is_module(self, dotted: str) -> bool:
        return self.canonical(dotted) in MODULES

    def flavours(self, canonical: str) -> tuple[Flavour, ...]:
        return ONE_FLAVOUR.get(canonical, ("keras2", "keras3"))

    def signature(self, canonical: str, flavour: Flavour | None = None) -> Signature | None:
        text = SIGNATURES.get(canonical)
        return parse_signature(text) if text else None
