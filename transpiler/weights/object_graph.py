"""The object graph of a TensorFlow checkpoint: which variable is which attribute of which object.

A checkpoint's keys are the shortest paths through this graph, so they change when something else
(an optimizer) refers to a variable too; the paths by attributes of the model stay. The format is
tensorflow/core/protobuf/trackable_object_graph.proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .wire import Fields, fields, number

KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
VALUE = "VARIABLE_VALUE"
SUFFIX = f"/.ATTRIBUTES/{VALUE}"
DEEPEST = 3
"""How far below the root of a checkpoint the program is looked for."""


@dataclass(frozen=True, slots=True)
class Node:
    """`children`: attribute -> number of the node; `key`: where its value lies, if it has one."""

    children: Mapping[str, int]
    key: str = ""
    name: str = ""


def parse_graph(data: bytes, place: str) -> list[Node]:
    """The nodes, the root first. Raises CheckpointError."""
    return [_node(fields(one, place), place) for one in fields(data, place).get(1, [])]


def _node(node: Fields, place: str) -> Node:
    references = [fields(c, place) for c in node.get(1, [])]
    children = {_text(c, 2): number(c, 1, 0) for c in references}
    for attribute in (fields(a, place) for a in node.get(2, [])):
        if _text(attribute, 1) == VALUE:
            return Node(children, _text(attribute, 3), _text(attribute, 2))
    return Node(children)


def _text(record: Fields, index: int) -> str:
    value = record.get(index, [b""])[-1]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def resolve(nodes: Sequence[Node], root: int, key: str) -> str | None:
    """The key of the value that lies at a path, given as the key of another checkpoint."""
    place = root
    for part in key.removesuffix(SUFFIX).split("/"):
        child = nodes[place].children.get(part.replace(".S", "/").replace("..", "."))
        if child is None or child >= len(nodes):
            return None
        place = child
    return nodes[place].key or None


def starts(nodes: Sequence[Node]) -> Iterator[tuple[str, int]]:
    """Path and number of the nodes near the root, each once, nearest first."""
    seen: set[int] = set()
    level = [("", 0)]
    for _ in range(DEEPEST + 1):
        following: list[tuple[str, int]] = []
        for path, place in level:
            if place in seen or place >= len(nodes):
                continue
            seen.add(place)
            yield path, place
            below = nodes[place].children.items()
            following += [(f"{path}{name}/", child) for name, child in below]
        level = following
