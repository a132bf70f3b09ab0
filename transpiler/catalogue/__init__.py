"""The catalogue: what becomes of every TF and Keras symbol that a record speaks of."""

from .entries import STATUSES, Entry, catalogue, find
from .forms import FORMS, render

__all__ = ["FORMS", "STATUSES", "Entry", "catalogue", "find", "render"]
