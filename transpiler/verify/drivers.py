"""Drivers: small modules that build and call the model of a case, compiled with the user's code.

Against TensorFlow a driver runs as it is, against JAX its translation does: what a caller of the
model has to write differently is the compiler's business, not the verifier's.
"""

from __future__ import annotations

TARGET_SETUP = """
def build_model():
    import inspect
    # A function that builds layers itself has become a class.
    build = getattr(m, "build", None) or m.Build
    wanted = inspect.signature(build).parameters
    return build(**({"rngs": nnx.Rngs(0)} if "rngs" in wanted else {}))
"""
"""Code that runs after the import of a translated driver as `m`."""
TARGET_BUILD = "build_model()"
