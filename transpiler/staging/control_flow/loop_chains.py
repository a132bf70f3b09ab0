"""Modules that a loop runs through: each takes the sizes that the one before it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....ir.dims import Dim
from ....ir.nodes import Expression, Name, Subscript, walk
from ..class_definitions.class_state import current_state
from ..frame import Frame
from ..sites import Site
from ..values import Choice, Instance, Tensor, Value
from .loop_targets import parts_of


def record_chains(frame: Frame, element: Value) -> dict[str, Dim]:
    """Tells the modules of a list that each is fed by the one before: which variable carries the
    size, from where. Returns the sizes after the loop that need no such variable."""
    settled: dict[str, Dim] = {}
    chains, frame.chains = frame.chains, {}
    for name, (shadow, entry) in chains.items():
        end = frame.chain_ends.pop(name, None)
        several = [p for p in parts_of(element) if isinstance(p, Choice)]
        if several and end is not None:
            for part in several:
                if _feed_in_turn(list(_sites(part)), shadow, entry, end):
                    settled[name] = end
            continue
        # The modules that the loop runs over, and those that it finds by index.
        sites = [v.site for v in parts_of(element) if isinstance(v, Instance)]
        sites += [s for s in frame.applied if s.loop is not None and _mentions(s, shadow)]
        for site in dict.fromkeys(sites):
            if "use" in site.details:
                from ..function_definitions.builders import chain_use

                chain_use(site, shadow, entry, end)
            elif end is not None:
                inner = site.details.get("chain")
                if inner is not None and end == Dim.named(shadow):
                    end = inner[2]  # a list of lists: the inner loop tells what each module gives
                site.details["chain"] = (shadow, entry, end)
    return settled


def _sites(element: Value) -> Iterator[Site]:
    match element:
        case Choice(then=then, otherwise=otherwise):
            yield from _sites(then)
            yield from _sites(otherwise)
        case Instance(site=site):
            yield site
        case _:
            pass


def _feed_in_turn(sites: list[Site], shadow: str, entry: Dim, end: Dim) -> bool:
    """The lists of a sum of lists: the first module takes what enters, those after it what each of
    them gives. False where the first list is made in a loop, which may be empty."""
    from ..function_definitions.builders import fill_in

    for index, site in enumerate(sites):
        construct = site.details.get("construct")
        if not isinstance(construct, Expression):
            continue
        if index == 0 and site.loop is not None:
            site.details["chain"] = (shadow, entry, end)
            continue
        size = (end if index else entry).to_expression()
        fill_in(site, shadow, size)
    return bool(sites) and sites[0].loop is None


def note_ends(frame: Frame, ends: Mapping[str, Dim | None]) -> None:
    """What leaves a list of modules, as those see it that do not know the variable of the loop: the
    size that each module gives, where that is one for all."""
    state = current_state(frame)
    for name, end in ends.items():
        if state is None or end is None:
            continue
        value = frame.environment.get(name)
        size = value.shape.size(-1) if isinstance(value, Tensor) else None
        code = end.to_expression()
        names = {n.id for n in walk(code) if isinstance(n, Name)}
        in_list = any(isinstance(n, Subscript) for n in walk(code))
        if size is not None and names <= {state.self_name, *state.parameters} and not in_list:
            state.chain_ends[size] = end


def _mentions(site: Site, name: str) -> bool:
    construct = site.details.get("construct")
    return isinstance(construct, Expression) and any(
        isinstance(n, Name) and n.id == name for n in walk(construct)
    )
