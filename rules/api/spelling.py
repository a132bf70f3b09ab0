"""Textual normalisation of dotted paths: the many roots of TF and Keras to `tf.` and `keras.`."""

from __future__ import annotations

# Longest first. What is left after the rewrite is looked up in the tables; a rewritten path is
# rewritten again until nothing matches (`tensorflow.compat.v2.keras` -> `tf.keras` -> `keras`).
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("tf.compat.v1.compat.v1", "tf.compat.v1"),
    ("tf.compat.v1.compat.v2", "tf"),
    ("tf.compat.v1.app.flags", "tf.compat.v1.flags"),
    ("tf.app.flags", "tf.compat.v1.flags"),
    ("tf.compat.v2", "tf"),
    ("tf._api.v2", "tf"),
    ("tf._api.v1", "tf.compat.v1"),
    ("tf.python.keras.api._v2.keras", "keras"),
    ("tf.python.keras.api._v1.keras", "tf.compat.v1.keras"),
    ("tf.python.keras", "keras.src"),
    ("tf_keras.api._v1.keras", "tf.compat.v1.keras"),
    ("tf_keras.api._v2.keras", "keras"),
    ("keras.api._v1.keras", "tf.compat.v1.keras"),
    ("keras.api._v2.keras", "keras"),
    ("keras._tf_keras.keras", "keras"),
    ("keras.api", "keras"),
    ("keras.python.keras", "keras.src"),
    ("keras.backend.tensorflow_backend", "keras.backend"),
    ("tensorflow_core", "tf"),
    ("tensorflow", "tf"),
    ("tf.keras", "keras"),
    ("tf_keras", "keras"),
    # TensorFlow resolves these four to the Keras modules of the same name.
    ("tf.initializers", "keras.initializers"),
    ("tf.losses", "keras.losses"),
    ("tf.metrics", "keras.metrics"),
    ("tf.optimizers", "keras.optimizers"),
)


def respell(path: str) -> str:
    """`path` with its root respelled as `tf.` or `keras.`; other roots are returned as they are."""
    while True:
        for old, new in _PREFIXES:
            if path == old or path.startswith(f"{old}."):
                path = new + path[len(old) :]
                break
        else:
            return path


def alternatives(path: str) -> tuple[str, ...]:
    """Spellings to try for a respelled `path`, in order.

    `keras.src.X` is also tried as the public `keras.X`, and `keras.X` as the definition path
    `keras.src.X` (Keras up to 2.12 had no `src`). `tf.compat.v1.X` is also tried as `tf.X` (most
    names are the same object in both), and `tf.X` as `tf.compat.v1.X` (TF 1 code).
    """
    if path.startswith("keras.src."):
        rest = path.removeprefix("keras.src.")
        return path, f"keras.{rest}", *_flattened(rest)
    if path.startswith("keras."):
        rest = path.removeprefix("keras.")
        return path, f"keras.src.{rest}", *_flattened(rest)
    if path.startswith("tf.compat.v1."):
        return path, respell("tf." + path.removeprefix("tf.compat.v1."))
    if path.startswith("tf."):
        return path, "tf.compat.v1." + path.removeprefix("tf.")
    return (path,)


def _flattened(rest: str) -> tuple[str, ...]:
    """Definition paths of other Keras versions, whose modules were cut differently.

    `layers.recurrent.LSTM` -> `keras.layers.LSTM`: first package and last name.
    """
    package, *modules = rest.split(".")
    leaf = modules.pop() if modules else ""
    if not modules or not all(module == module.lower() for module in modules):
        return ()
    package = {"optimizer_v2": "optimizers.legacy"}.get(package, package)
    return (f"keras.{package}.{leaf}",)
