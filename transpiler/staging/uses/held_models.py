"""Models that the objects of an ordinary class hold: `self.generator = build_generator(...)`."""

from __future__ import annotations

from ....ir.nodes import Attribute, Expression, Name
from ..frame import Frame
from ..sites import Site
from ..values import Instance, Value


def note_model(frame: Frame, target: Attribute, value: Value) -> None:
    """Remembers what an attribute of the object holds, for the methods that follow."""
    match target, value:
        case Attribute(value=Name(id=owner), attribute=name), Instance(site=site):
            if owner == frame.object_name:
                frame.models[name] = site
        case Attribute(value=Name(id=owner), attribute=name), _:
            if owner == frame.object_name:
                frame.models.pop(name, None)
        case _:
            pass


def held_model(frame: Frame, code: Expression) -> Site | None:
    """The model that an attribute of the object holds."""
    match code:
        case Attribute(value=Name(id=owner), attribute=name) if owner == frame.object_name:
            return frame.models.get(name)
        case _:
            return None
