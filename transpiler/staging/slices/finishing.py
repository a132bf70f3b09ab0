"""From two raw slices to two bodies: dead code out, call-time reads of static variables resolved,
loops joined with the modules they run through."""
# pyright: basic

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ....ir.nodes import (
    AnnotatedAssign,
    Argument,
    Assign,
    Attribute,
    AugmentedAssign,
    Call,
    Constant,
    Expression,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    Lambda,
    List,
    Name,
    NamedExpression,
    Node,
    Pass,
    Return,
    Statement,
    Try,
    Tuple,
    Unary,
    Unhandled,
    While,
    With,
    children,
    map_children,
    replace_node,
    walk,
)
from ..control_flow.assignment import defined_names
from ..frame import Frame
from ..nodes import LoopCode, ModuleRead, Optional, Pending, StaticRead
from ..sites import Site


@dataclass(slots=True, eq=False)
class Finished:
    """The two bodies, and the static variables that the object keeps."""

    init: list[Statement]
    body: list[Statement]
    stored: list[str] = field(default_factory=list[str])


def finish(frame: Frame, extra_reads: set[str] | None = None) -> Finished:
    """Resolves both slices of a split frame."""
    from .dead_stores import without_dead_stores
    from .module_loops import with_module_loops

    def call_reads(body: list[Statement]) -> set[str]:
        reads, recomputed = _call_reads(frame, body)
        return reads.names | recomputed

    init = [fill(s) for s in frame.init]
    body = with_module_loops(without_dead_stores(frame.body, set()), call_reads)
    reads, recomputed = _call_reads(frame, body)
    body = live_statements(body, reads.names | recomputed, wrapped=True)
    # Loops over modules need less than the loops they replace.
    body = _joined_loops(body, None)
    reads, recomputed = _call_reads(frame, body)
    body = live_statements(body, reads.names | recomputed)
    stored = sorted(reads.static - recomputed, key=lambda n: reads.order.get(n, 0))
    body = [_resolve(s, set(stored)) for s in body]
    kept = set(stored) | (extra_reads or set())
    init = live_statements(without_dead_stores(init, kept), None, kept)
    once = _built_once(frame, init)
    if once is not None:
        init = live_statements(without_dead_stores([fill(s) for s in once], kept), None, kept)
    return Finished(without_returns(tidy(init, True)), tidy(body, True), stored)


def _built_once(frame: Frame, init: list[Statement]) -> list[Statement] | None:
    """The constructor where each layer that has a variable of its own there becomes an attribute by
    that name; None if there is no such layer."""
    kept = {t.id for s in init if isinstance(s, Assign) for t in s.targets if isinstance(t, Name)}
    named: dict[Site, str] = {}
    for statement in frame.init:
        match statement:
            case Optional(statement=Assign(targets=(Name(id=name),), value=Pending(site=site))):
                if site.emitted and name in kept:
                    named[site] = name
            case _:
                pass

    def visit(node: Node) -> Node:
        match node:
            case Assign(targets=(Attribute(),), value=Pending(site=site)) if site in named:
                return replace_node(node, value=Name(named[site]))
            case Optional(statement=inner, defines=defines):
                return Optional(_statement(visit(inner)), defines)
            case _:
                return map_children(node, visit)

    return [_statement(visit(s)) for s in frame.init] if named else None


def without_returns(body: list[Statement]) -> list[Statement]:
    """`if c: return` with code after it is `if not c:` around that code: what the object keeps is
    stored at the end."""
    for index, statement in enumerate(body):
        match statement:
            case Return():
                return body[:index]
            case If(then=then, otherwise=otherwise):
                rest = body[index + 1 :]
                leaves = [bool(b) and isinstance(b[-1], Return) for b in (then, otherwise)]
                if not any(leaves):
                    continue
                new_then = list(then[:-1]) if leaves[0] else [*then, *rest]
                new_else = list(otherwise[:-1]) if leaves[1] else [*otherwise, *rest]
                joined = replace_node(
                    statement,
                    then=tuple(without_returns(new_then)),
                    otherwise=tuple(without_returns(new_else)),
                )
                return [*body[:index], *tidy([joined], False)]
            case _:
                continue
    return body


def fill(node: Statement) -> Statement:
    """Constructor calls in place of `Pending`."""

    def visit(inner: Node) -> Node:
        if isinstance(inner, Pending):
            construct = inner.site.details.get("construct")
            if isinstance(construct, Expression):
                return visit(construct)
            return inner
        if isinstance(inner, Optional):
            return Optional(_statement(visit(inner.statement)), inner.defines)
        new = map_children(inner, visit)
        match inner, new:
            case Assign(value=Pending()), Assign(
                targets=(Name(id=name),), value=Lambda(parameters=parameters, body=body)
            ):
                # A function that builds a layer of a list, under the name of the layer.
                return FunctionDef(name, parameters, (Return(body),))
            case _:
                return new

    return _statement(visit(node))


def _statement(node: Node) -> Statement:
    assert isinstance(node, Statement)
    return node


# ----------------------------------------------------------------------------------------- liveness


@dataclass(slots=True)
class _Reads:
    names: set[str] = field(default_factory=set[str])
    static: set[str] = field(default_factory=set[str])
    first: dict[str, int] = field(default_factory=dict[str, int])
    order: dict[str, int] = field(default_factory=dict[str, int])


def expressions_read(statement: Statement) -> Iterator[Node]:
    """The parts of a statement, itself not entered into nested statements, that are read."""
    match statement:
        case ExpressionStatement(value=Unhandled()):
            return  # it raises
        case Assign(targets=targets, value=value):
            yield value
            for target in targets:
                yield from _target_reads(target)
        case AnnotatedAssign(target=target, value=value):
            if value is not None:
                yield value
            yield from _target_reads(target)
        case AugmentedAssign(target=target, value=value):
            yield value
            if not isinstance(target, Name):
                yield target
        case For(target=target, iterable=iterable):
            yield iterable
            yield from _target_reads(target)
        case _:
            for child in children(statement):
                if isinstance(child, Expression) or not isinstance(child, Statement):
                    yield child


def _target_reads(target: Expression) -> Iterator[Node]:
    match target:
        case Name():
            return
        case Tuple(elements=elements):
            for element in elements:
                yield from _target_reads(element)
        case _:
            yield target


def nested(statement: Statement) -> Iterator[Statement]:
    for child in children(statement):
        if isinstance(child, Statement):
            yield child
        elif not isinstance(child, Expression):
            for inner in children(child):
                if isinstance(inner, Statement):
                    yield inner


def _collect(statement: Statement, live: set[str] | None, reads: _Reads) -> None:
    """Reads of a statement and of what is nested in it; optional statements count only when
    live."""
    match statement:
        case Optional(statement=inner, defines=defines):
            if live is not None and live & set(defines):
                _collect(inner, live, reads)
            return
        case LoopCode(statement=inner):
            _collect(inner, live, reads)
            return
        case If() if live is not None and _is_dead(statement, live):
            return
        case _:
            pass
    for part in expressions_read(statement):
        for node in walk(part):
            match node:
                case StaticRead(name=name, clock=clock):
                    reads.static.add(name)
                    reads.first[name] = min(clock, reads.first.get(name, clock))
                    reads.order.setdefault(name, len(reads.order))
                case Name(id=name):
                    reads.names.add(name)
                case _:
                    pass
    for inner in nested(statement):
        _collect(inner, live, reads)


def _is_dead(statement: Statement, live: set[str]) -> bool:
    """Whether nothing of a statement will be kept: optional code that nobody reads, and tests
    around it."""
    match statement:
        case Optional(statement=inner, defines=defines):
            return not live & set(defines) or _is_dead(inner, live)
        case If(then=then, otherwise=otherwise):
            return all(_is_dead(s, live) for s in (*then, *otherwise))
        case _:
            return False


def _call_reads(frame: Frame, body: list[Statement]) -> tuple[_Reads, set[str]]:
    """What `__call__` reads, and which static variables it computes again instead of reading them
    from the object."""
    recomputed: set[str] = set()
    live: set[str] = set()
    while True:
        reads = _Reads()
        for statement in body:
            _collect(statement, live, reads)
        again = {n for n in reads.static if _must_recompute(frame, n, reads.first.get(n, 0))}
        new = reads.names | again
        if new <= live and again <= recomputed:
            return reads, recomputed
        live |= new
        recomputed |= again


def _must_recompute(frame: Frame, name: str, first_read: int) -> bool:
    """A loop variable, or a variable that changes after it has been read, differs from its final
    value."""
    if name in frame.loop_targets or name in frame.assigned_in_loop:
        return True
    return first_read < frame.assigned_at.get(name, -1)


def live_statements(
    body: list[Statement],
    live: set[str] | None,
    roots: set[str] | None = None,
    *,
    wrapped: bool = False,
) -> list[Statement]:
    """Drops optional statements whose variables nobody reads. `live` None: found from the code and
    `roots`. `wrapped`: those that stay are still optional."""
    if live is None:
        live = set(roots or ())
        while True:
            reads = _Reads()
            for statement in body:
                _collect(statement, live, reads)
            found = reads.names | reads.static
            if found <= live:
                break
            live |= found
    wanted = live

    def visit(statement: Statement) -> Statement | None:
        match statement:
            case Optional(statement=inner, defines=defines):
                kept = visit(inner) if wanted & set(defines) else None
                return kept if kept is None or not wrapped else Optional(kept, defines)
            case LoopCode(statement=inner, loop=loop):
                kept = visit(inner)
                assert isinstance(kept, (For, While))
                return LoopCode(kept, loop, span=statement.span)
            case _:
                return map_bodies(
                    statement, lambda inner: [s for s in map(visit, inner) if s is not None]
                )

    return [s for s in (visit(statement) for statement in body) if s is not None]


def map_bodies(statement: Statement, function: object) -> Statement:
    """Applies a function to each statement list directly inside a statement."""
    assert callable(function)
    changes: dict[str, object] = {}
    match statement:
        case If() | For() | While() | With() | Try():
            for name in ("then", "body", "otherwise", "final"):
                inner = getattr(statement, name, None)
                if isinstance(inner, tuple):
                    new = tuple(function(list(inner)))  # pyright: ignore
                    if new != inner:
                        changes[name] = new
        case _:
            return statement
    return replace_node(statement, **changes) if changes else statement


def _resolve(statement: Statement, stored: set[str]) -> Statement:
    def visit(node: Node) -> Node:
        match node:
            case StaticRead(name=name):
                if name in stored:
                    return Attribute(Name("self"), name)
                return Name(name, span=node.span)
            case LoopCode(statement=inner, loop=loop):
                new = visit(inner)
                assert isinstance(new, (For, While))
                return LoopCode(new, loop, span=node.span)
            case _:
                return map_children(node, visit)

    return _statement(visit(statement))


# -------------------------------------------------------------------------------------------- loops


def _joined_loops(body: list[Statement], iterators: set[Site] | None) -> list[Statement]:
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
                    for site in sites:
                        result.append(
                            Assign(
                                (Name(_iterator_name(site)),),
                                Call(
                                    Name("iter"),
                                    (Argument(Attribute(Name("self"), site.attribute or "")),),
                                ),
                            )
                        )
                    result.append(_iterated(loop_statement, set(sites)))
                else:
                    inner = tuple(_joined_loops(list(loop_statement.body), iterators))
                    result.append(replace_node(loop_statement, body=inner))
            case _:
                result.append(map_bodies(statement, lambda inner: _joined_loops(inner, iterators)))
    return [_plain_reads(s) for s in result] if iterators is None else result


def _is_read(statement: Statement, site: Site) -> bool:
    return any(isinstance(n, ModuleRead) and n.site is site for n in walk(statement))


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

    return _statement(visit(node))


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
    return _statement(visit(loop))


def _plain_reads(statement: Statement) -> Statement:
    def visit(node: Node) -> Node:
        match node:
            case ModuleRead(site=site):
                return Attribute(Name("self"), site.attribute or site.hint)
            case LoopCode(statement=inner):
                return visit(inner)
            case _:
                return map_children(node, visit)

    return _statement(visit(statement))


# ------------------------------------------------------------------------------------------ tidying


def tidy(body: list[Statement], top: bool) -> list[Statement]:
    """Blocks that have become empty go; an `if` with only an `else` is turned round; a trailing
    bare return goes."""
    result: list[Statement] = []
    for statement in body:
        new = map_bodies(statement, lambda inner: tidy(inner, False))
        match new:
            case If(then=(), otherwise=()) | For(body=()) | While(body=()):
                continue
            case If(test=test, then=(), otherwise=otherwise):
                new = If(_negated(test), otherwise, (), comments=new.comments)
            case With(body=()):
                new = replace_node(new, body=(Pass(),))
            case _:
                pass
        result.append(new)
    if top:
        while result and isinstance(result[-1], Return) and result[-1].value is None:
            result.pop()
    return result


def _negated(test: Expression) -> Expression:
    from ....ir.nodes import Compare

    opposite = {
        "==": "!=",
        "!=": "==",
        "is": "is not",
        "is not": "is",
        "in": "not in",
        "not in": "in",
    }
    opposite |= {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}
    match test:
        case Unary(operator="not", operand=operand):
            return operand
        case Compare(left=left, operators=(operator,), comparators=comparators) if (
            operator in opposite
        ):
            return Compare(left, (opposite[operator],), comparators)
        case _:
            return Unary("not", test)
