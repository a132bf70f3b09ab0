"""Classes that extend a layer of Keras and put variables of their own in the place of its.

    def build(self, shape):
        self.kernel = self.add_weight(...)

Where the `call` of the layer then runs, it computes with them. The module that stands for the layer
has variables of its own, so such a class is refused.
"""

from __future__ import annotations

from collections.abc import Collection

from ....ir.nodes import (
    Assign,
    Attribute,
    ClassDef,
    FunctionDef,
    Name,
    Node,
    Unhandled,
    map_children,
    replace_node,
)
from ..project import Finding

CODE = "TJ5004"


def without_replaced_variables(
    module: str, node: ClassDef, symbol: str, weights: Collection[str]
) -> tuple[ClassDef, list[Finding]]:
    """The class with a stop where it assigns one of the variables `weights` of the layer `symbol`,
    and what to tell of each place."""
    found: list[Finding] = []

    def method(member: FunctionDef) -> FunctionDef:
        own = member.parameters[0].name

        def visit(inner: Node) -> Node:
            match inner:
                case Assign(
                    targets=(Attribute(value=Name(id=owner), attribute=name),), value=value
                ) if owner == own and name in weights:
                    message = f"`self.{name}` takes the place of a variable of `{symbol}`"
                    hint = "compute with the variable in `call` instead of calling the parent's"
                    found.append(Finding(module, CODE, message, inner.span, hint))
                    stop = Unhandled(CODE, message, value, span=value.span)
                    return replace_node(inner, value=stop)
                case _:
                    return map_children(inner, visit)

        new = visit(member)
        assert isinstance(new, FunctionDef)
        return new

    body = tuple(
        method(member) if isinstance(member, FunctionDef) and member.parameters else member
        for member in node.body
    )
    return replace_node(node, body=body) if found else node, found
