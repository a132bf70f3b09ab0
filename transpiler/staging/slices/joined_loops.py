"""Loops of `__call__` run through the modules that `__init__` built in the same loops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Call,
    Constant,
    Expression,
    For,
    List,
    Name,
    NamedExpression,
    Node,
    Statement,
    Tuple,
    While,
    map_children,
    replace_node,
    walk,
)
from ..control_flow.targets import defined_names
from ..nodes import LoopCode, ModuleRead, StaticRead
from ..sites import Site
from .bodies import as_statement, map_bodies


def with_joined_loops(body: list[Statement], iterators: set[Site] | None) -> list[Statement]:
    """Call-time loops over the modules that `__init__` built in the same loop.

    A loop that builds each module once per iteration runs over the lists themselves; any other
    takes the next module from an iterator, since both slices run through the same iterations in the
    same order.
    """
    result: list[Statement] = []
    for statement in body:
        match statement:
            case LoopCode(statement=loop_statement, loop=loop):
                sites = [s for s in loop.sites if _is_read(loop_statement, s)]
                if iterators is None and loop.direct and sites and isinstance(loop_statement, For):
                    result.append(_zipped(loop_statement, sites))
                elif iterators is None and sites:
                    for site in one_for_each_list(sites):
                        held = Attribute(Name("self"), site.attribute or "")
                        iterator = Call(Name("iter"), (Argument(held),))
                        result.append(Assign((Name(_iterator_name(site)),), iterator))
                    result.append(_iterated(loop_statement, set(sites)))
                else:
                    inner = tuple(with_joined_loops(list(loop_statement.body), iterators))
                    result.append(replace_node(loop_statement, body=inner))
            case _:
                result.append(
                    map_bodies(statement, lambda inner: with_joined_loops(inner, iterators))
                )
    return [_plain_reads(s) for s in result] if iterators is None else result


def _is_read(statement: Statement, site: Site) -> bool:
    return any(isinstance(n, ModuleRead) and n.site is site for n in walk(statement))


def one_for_each_list(sites: Sequence[Site]) -> list[Site]:
    """Branches of a loop share a list: one of the sites that each list is filled from."""
    return list({site.attribute: site for site in sites}.values())


def _iterator_name(site: Site) -> str:
    return site.attribute or "modules"


def _singular(site: Site) -> str:
    name = site.attribute or "modules"
    hint = str(site.details.get("singular", site.hint))
    suffix = name.rsplit("_", 1)[-1]
    return f"{hint}_{suffix}" if suffix.isdigit() and not hint.endswith(suffix) else hint


def _zipped(loop: For, sites: list[Site]) -> For:
    names = {site: _singular(site) for site in sites}
    body = tuple(_named_reads(s, names) for s in loop.body)
    used = {n for s in body for n in _names_used(s)}
    lists = [Attribute(Name("self"), s.attribute or "") for s in sites]
    targets = tuple(Name(names[s]) for s in sites)
    target: Expression = targets[0] if len(targets) == 1 else Tuple(targets)
    iterable: Expression = lists[0]
    if len(lists) > 1:
        iterable = Call(Name("zip"), tuple(Argument(e) for e in lists))
    live = [n for n in defined_names((loop.target,)) if n in used]
    if live:
        counter, start = _counter(loop)
        pairs = [(t, e) for t, e in _side_by_side(loop) if used & set(defined_names((t,)))]
        if pairs:
            each = (*(e for _, e in pairs), *lists)
            iterable = Call(Name("zip"), tuple(Argument(e) for e in each))
            target = Tuple((*(t for t, _ in pairs), *targets))
        if counter in live:
            iterable = Call(Name("enumerate"), (Argument(iterable), *start))
            target = Tuple((Name(counter), target))
    return replace_node(loop, target=target, iterable=iterable, body=body)


def _names_used(statement: Statement) -> Iterator[str]:
    """The names in a statement but for those that it only gives a value."""
    given = {
        id(n)
        for inner in walk(statement)
        if isinstance(inner, Assign)
        for target in inner.targets
        for n in walk(target)
        if isinstance(target, Name | Tuple | List)
    }
    for inner in walk(statement):
        match inner:
            case Name() if id(inner) in given:
                pass
            case Name(id=name) | StaticRead(name=name):
                yield name
            case _:
                pass


def _side_by_side(loop: For) -> list[tuple[Expression, Expression]]:
    """The variables of a loop over `zip(...)`, each with what it runs over; the one that counts is
    left out."""
    counter, _ = _counter(loop)
    match loop.iterable, loop.target:
        case _, Name(id=name) if name == counter:
            return []
        case Call(arguments=(argument, *_)), Tuple(elements=(Name(id=name), element)) if (
            name == counter
        ):
            return [(element, argument.value)]
        case Call(function=Name(id="zip"), arguments=arguments), Tuple(elements=elements) if len(
            arguments
        ) == len(elements) and not any(a.star or a.keyword for a in arguments):
            return [(t, a.value) for t, a in zip(elements, arguments, strict=True)]
        case _:
            return [(loop.target, loop.iterable)]


def _counter(loop: For) -> tuple[str, tuple[Argument, ...]]:
    """The variable that counts iterations, if there is one, and where it starts if not at zero."""
    match loop.iterable, loop.target:
        case Call(function=Name(id="range"), arguments=(_,)), Name(id=name):
            return name, ()
        case Call(function=Name(id="range"), arguments=(start, _)), Name(id=name):
            zero = isinstance(start.value, Constant) and start.value.value == 0
            return name, () if zero else (start,)
        case Call(function=Name(id="enumerate"), arguments=(_, *start)), Tuple(
            elements=(Name(id=name), _)
        ):
            return name, tuple(start)
        case _:
            return "", ()


def _named_reads(node: Statement, names: dict[Site, str]) -> Statement:
    def visit(inner: Node) -> Node:
        match inner:
            case ModuleRead(site=site) if site in names:
                return Name(names[site])
            case LoopCode(statement=statement, loop=loop):
                new = visit(statement)
                assert isinstance(new, (For, While))
                return LoopCode(new, loop)
            case _:
                return map_children(inner, visit)

    return as_statement(visit(node))


def _iterated(loop: For | While, sites: set[Site]) -> Statement:
    seen: set[Site] = set()

    def visit(inner: Node) -> Node:
        match inner:
            case ModuleRead(site=site) if site in sites:
                read = Call(Name("next"), (Argument(Name(_iterator_name(site))),))
                if counts[site] == 1:
                    return read
                if site in seen:
                    return Name(_singular(site))
                seen.add(site)
                return NamedExpression(Name(_singular(site)), read)
            case LoopCode(statement=statement):
                return visit(statement)
            case _:
                return map_children(inner, visit)

    counts = {
        site: sum(1 for n in walk(loop) if isinstance(n, ModuleRead) and n.site is site)
        for site in sites
    }
    return as_statement(visit(loop))


def _plain_reads(statement: Statement) -> Statement:
    def visit(node: Node) -> Node:
        match node:
            case ModuleRead(site=site):
                return Attribute(Name("self"), site.attribute or site.hint)
            case LoopCode(statement=inner):
                return visit(inner)
            case _:
                return map_children(node, visit)

    return as_statement(visit(statement))
