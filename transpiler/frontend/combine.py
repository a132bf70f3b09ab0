"""Several bindings of one name -> the one thing it stands for, if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from .bindings import Binding
from .resolution import ApiModule, ApiObject, External, ProjectDefinition, ProjectModule, Resolution


class Unresolved(Enum):
    NONE = "the literal None"
    OTHER = "a value that only running the program tells"


Outcome = Resolution | Unresolved


def combine(found: Sequence[tuple[Binding, Outcome]]) -> Resolution | None:
    """What a name with these bindings stands for; None when it depends on the run.

    A module of the API survives None as an alternative (`layers = None`, set later); an API object
    does so only when it is imported, since a variable that may be None is a variable.
    """
    if len(found) == 1:
        binding, outcome = found[0]
        if isinstance(outcome, Unresolved):
            return None
        if binding.kind == "parameter" and not isinstance(outcome, ApiModule):
            return None
        return outcome
    values = [outcome for _, outcome in found if not isinstance(outcome, Unresolved)]
    if not values:
        return None
    first = values[0]
    if isinstance(first, ApiModule) and all(
        outcome is Unresolved.NONE or outcome == first for _, outcome in found
    ):
        return first
    imports = [
        (binding, outcome)
        for binding, outcome in found
        if binding.kind == "import" and not isinstance(outcome, Unresolved)
    ]
    if not imports or any(binding.kind == "parameter" for binding, _ in found):
        return first if len(values) == len(found) and len(set(values)) == 1 else None
    return _imported(found, imports)


def _imported(
    found: Sequence[tuple[Binding, Outcome]], imports: Sequence[tuple[Binding, Outcome]]
) -> Resolution | None:
    # What is not imported must be the other branch of a conditional import, or its fallback.
    replaced = any(
        binding.kind != "import" and not (binding.conditional or outcome is Unresolved.NONE)
        for binding, outcome in found
    )
    if replaced:
        return None
    certain = [outcome for binding, outcome in imports if not binding.conditional]
    candidates = [outcome for _, outcome in imports] if not certain else certain[-1:]
    return min(
        (outcome for outcome in candidates if not isinstance(outcome, Unresolved)),
        key=_rank,
        default=None,
    )


def _rank(outcome: Resolution) -> int:
    """API first, then the project, then other software; `min` keeps the first of equals."""
    match outcome:
        case ApiModule() | ApiObject(known=True):
            return 0
        case ProjectDefinition() | ProjectModule():
            return 1
        case ApiObject():
            return 2
        case External():
            return 3
