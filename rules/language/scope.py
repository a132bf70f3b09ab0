"""The names that templates of one record may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...ir.nodes import Expression
from .errors import Place, invalid
from .functions import FUNCTIONS
from .records import Parameter
from .template import Names, Text, template
from .types import pattern_names

UNUSED_TYPES = {"Ignored", "Noted", "Fixed", "Regularizer"}
"""Types whose parameters need not appear in a template."""


@dataclass(slots=True)
class Scope:
    """The names that templates of one record may use, and which were used."""

    layer: bool = False
    family: bool = False
    parameters: list[Parameter] = field(default_factory=list[Parameter])
    inputs: list[Parameter] = field(default_factory=list[Parameter])
    used: set[str] = field(default_factory=set[str])

    @property
    def variables(self) -> set[str]:
        names = {p.name for p in (*self.parameters, *self.inputs)}
        for parameter in (*self.parameters, *self.inputs):
            names |= pattern_names(parameter.type)
        if self.family:
            names.add("target")
        names.add("rngs")
        if self.layer:
            names.add("training")
        return names

    def names(self, *extra: str) -> Names:
        return Names(self.variables | set(extra), FUNCTIONS, used=self.used.add)

    def template(self, text: Text, *extra: str) -> Expression:
        return template(text, self.names(*extra))

    def check_unused(self, place: Place) -> None:
        """Raises RuleError for a parameter that no clause uses and whose type does not say that it
        is dropped.
        """
        for parameter in self.parameters:
            if parameter.name in self.used or parameter.name == "self":
                continue
            if parameter.type.kind not in UNUSED_TYPES:
                message = f"parameter `{parameter.name}` is declared and not used"
                hint = "use it in a template, or give it the type Ignored, Noted or Fixed[value]"
                raise invalid(place, message, hint)
