"""Application of rules: pure functions from source calls to target expressions."""

from ...rules.language.facts import Facts, Known, NoFacts
from .calls import rewrite_attribute, rewrite_call, rewrite_method, rewrite_value
from .captures import Capture
from .layers import LayerPlan, construct_layer, layer_needs
from .model import Dropped, Kept, Note, Outcome, Refused, Rewritten
from .needs import SizeNeed
from .shapes import BoundShape, shape_rule
from .weights import BoundStep, BoundWeight

__all__ = [
    "BoundShape",
    "BoundStep",
    "BoundWeight",
    "Capture",
    "Dropped",
    "Facts",
    "Kept",
    "Known",
    "LayerPlan",
    "NoFacts",
    "Note",
    "Outcome",
    "Refused",
    "Rewritten",
    "SizeNeed",
    "construct_layer",
    "layer_needs",
    "rewrite_attribute",
    "rewrite_call",
    "rewrite_method",
    "rewrite_value",
    "shape_rule",
]
