"""Facts given in a test, by name."""

from __future__ import annotations

from tfjax.ir.nodes import Name
from tfjax.transpiler.rewrite import Known, NoFacts


class GivenFacts(NoFacts):
    """`values={"n": 3}`, `shapes={"x": (2, 3)}`, `dtypes={"x": "float32"}`, `types={"p": str}`."""

    def __init__(self, values=None, shapes=None, dtypes=None, types=None, static=()):
        self.values, self.shapes = values or {}, shapes or {}
        self.dtypes, self.types, self.static = dtypes or {}, types or {}, static

    def constant(self, e, /):
        if isinstance(e, Name) and e.id in self.values:
            return Known(self.values[e.id])
        return super().constant(e)

    def is_static(self, e, /):
        return super().is_static(e) or (isinstance(e, Name) and e.id in self.static)

    def python_type(self, e, /):
        if isinstance(e, Name) and e.id in self.types:
            return self.types[e.id]
        return super().python_type(e)

    def shape(self, e, /):
        return self.shapes.get(e.id) if isinstance(e, Name) else None

    def dtype(self, e, /):
        return self.dtypes.get(e.id) if isinstance(e, Name) else None
