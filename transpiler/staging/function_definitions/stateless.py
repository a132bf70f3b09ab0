"""Functions that apply layers without weights or state: what is left of them is a function."""

from __future__ import annotations

from ....ir.nodes import Argument, Call, FunctionDef, Name, replace_node, walk
from ..frame import Frame
from ..nodes import ModuleRead, Pending
from ..plans import Plan
from ..values import GraphModel, Instance, Value, is_dynamic


def is_stateless(frame: Frame, plan: Plan, returned: Value) -> bool:
    """Whether a function that was staged built nothing: it only maps its tensors to tensors."""
    if plan.kind != "class" or plan.definition.owner is not None or not is_dynamic(returned):
        return False
    if isinstance(returned, (GraphModel, Instance)) or plan.specialised:
        return False
    if plan.needs_rngs or plan.modes or frame.inputs.keys() - {t.name for t in plan.tensors}:
        return False
    if any(site.emitted or site.stored for site in frame.sites):
        return False
    nodes = (n for s in (*frame.init, *frame.body) for n in walk(s))
    return not any(isinstance(n, (Pending, ModuleRead)) for n in nodes)


def without_dropped(plan: Plan, node: Call) -> Call:
    """The call without the arguments that the function no longer takes."""
    source = plan.definition.node
    if not plan.dropped or not isinstance(source, FunctionDef):
        return node
    names = [p.name for p in source.parameters if p.kind in ("positional", "positional_only")]
    kept: list[Argument] = []
    for index, argument in enumerate(node.arguments):
        by_position = argument.keyword is None and not argument.star and index < len(names)
        name = names[index] if by_position else argument.keyword
        if name not in plan.dropped:
            kept.append(argument)
        elif by_position and index + 1 < len(node.arguments):
            # What follows would take its place.
            rest = zip(names[index + 1 :], node.arguments[index + 1 :], strict=False)
            named = [a if a.keyword or a.star else replace_node(a, keyword=n) for n, a in rest]
            named += node.arguments[len(names) :]
            kept += [a for a in named if a.keyword not in plan.dropped]
            break
    return replace_node(node, arguments=tuple(kept))


def unread_parameters(node: FunctionDef, new: FunctionDef) -> set[str]:
    """Parameters that the source reads and the translation does not: names of layers."""
    left, read = _names(new), _names(node)
    return {p.name for p in node.parameters if p.name in read and p.name not in left}


def _names(node: FunctionDef) -> set[str]:
    return {n.id for s in node.body for n in walk(s) if isinstance(n, Name)}
