"""What every node of the tree has."""

from __future__ import annotations

from dataclasses import dataclass, field

from .span import Span


@dataclass(slots=True, eq=False)
class Node:
    """Any IR node. `span` is the source text it was lowered from; None for nodes made by the
    compiler."""

    span: Span | None = field(default=None, kw_only=True, repr=False)
