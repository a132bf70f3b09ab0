"""Every float that the source computes in one call: what it is and where it is computed.

The call runs eagerly, operation by operation. The place is the innermost line of the source's own
files; for a layer of a functional model, the line where it was called when the model was built.
"""
# pyright: basic

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from .fingerprint import fingerprint
from .oracle_hooks import CallRecorder

LONGEST = 20_000


def record_trace(
    call: Callable[[Any], Any], inputs: Any, recorder: CallRecorder
) -> list[dict[str, Any]]:
    """One record for each float tensor in order of computation."""
    from tensorflow.python.autograph.core import ag_ctx
    from tensorflow.python.framework import op_callbacks

    records: list[dict[str, Any]] = []

    def note(
        op: Any, _: Any, __: Any, outputs: Any, op_name: Any = None, graph: Any = None
    ) -> None:
        if len(records) >= LONGEST:
            return
        for output in outputs:
            if not isinstance(output, tf.Tensor) or not output.dtype.is_floating:
                continue
            if not hasattr(output, "numpy"):  # inside a function that is being traced
                continue
            found = fingerprint(output.numpy())
            if found is not None:
                name = op.decode() if isinstance(op, bytes) else str(op)
                place = recorder.site()
                records.append(found | {"op": name, "site": place})

    eager = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    op_callbacks.add_op_callback(note)
    # The code of AutoGraph would run in place of the source's own lines.
    plain = ag_ctx.ControlStatusCtx(status=ag_ctx.Status.DISABLED)
    try:
        with plain:
            call(inputs)
    finally:
        op_callbacks.remove_op_callback(note)
        tf.config.run_functions_eagerly(eager)
    return records
