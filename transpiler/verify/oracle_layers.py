"""What each layer of the source gives in one call, as tensors `layer/NUMBER/PATH/LEAF`."""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from .oracle_hooks import CallRecorder
from .oracle_tree import SourceTree
from .trees import flatten


def record_layers(
    call: Callable[[Any], Any], inputs: Any, tree: SourceTree, recorder: CallRecorder
) -> dict[str, Any]:
    """Numbered in the order in which the calls of layers end. The call runs eagerly."""
    eager = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    results: list[tuple[Any, Any]] = []
    recorder.results = results
    try:
        call(inputs)
    finally:
        recorder.results = None
        tf.config.run_functions_eagerly(eager)
    tensors: dict[str, Any] = {}
    for number, (layer, result) in enumerate(results):
        place = f"layer/{number}/{tree.path_of(layer) or type(layer).__name__}"
        for path, leaf in flatten(result):
            array = np.asarray(leaf) if hasattr(leaf, "numpy") else None
            if array is not None and array.dtype.kind not in "OSU":
                tensors[f"{place}/{path}"] = array
    return tensors
