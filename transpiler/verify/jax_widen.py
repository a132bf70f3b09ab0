"""Single precision that a translation names is double precision: `oracle_widen.py` for JAX."""
# pyright: basic

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
from jax._src import dtypes

_WIDER = {"float32": np.dtype("float64"), "complex64": np.dtype("complex128")}
_CHECK = "check_and_canonicalize_user_dtype"


@contextmanager
def widened_dtypes() -> Generator[None]:
    """float32 means float64 wherever JAX is told a dtype. A version of JAX that is told in another
    way keeps single precision, which the comparison finds and names."""
    told = getattr(dtypes, _CHECK, None)
    if told is None:
        yield
        return

    def wide(dtype: Any, *rest: Any, **named: Any) -> Any:
        found = told(dtype, *rest, **named)
        return _WIDER.get(getattr(found, "name", ""), found)

    with patch.object(dtypes, _CHECK, wide):
        yield
