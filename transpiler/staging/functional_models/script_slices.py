"""Which statements of a body build a model: those that its outputs come from, as far as they open
or read a graph or make layers. What else they read, sizes and the like, stays where it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from ....ir.names import bound_names
from ....ir.nodes import (
    Assert,
    Assign,
    Attribute,
    Call,
    ClassDef,
    Conditional,
    ExpressionStatement,
    For,
    FunctionDef,
    If,
    Name,
    Node,
    OpCall,
    Reference,
    Statement,
    walk,
)
from .shared_graphs import INPUT, MODEL, model_arguments
from .straight_code import names_assigned, names_read, replaces

SEQUENTIAL = "keras.Sequential"
# What a model is asked for that leads into its graph.
_OPENED = frozenset({"input", "inputs", "output", "outputs", "layers", "get_layer"})
# Methods of models that are a part of building them.
_BUILDING = {
    SEQUENTIAL: frozenset({"add", "pop", "add_loss", "add_metric"}),
    MODEL: frozenset({"add_loss", "add_metric"}),
}
# What a script does with a model that it has built.
RUNS = frozenset(
    {
        "evaluate",
        "evaluate_generator",
        "fit",
        "fit_generator",
        "predict",
        "predict_generator",
        "predict_on_batch",
        "test_on_batch",
        "train_on_batch",
    }
)


@dataclass(slots=True)
class Region:
    """The statements, by their places in the body, that build `models`. `given`: what is made
    elsewhere and passed in. `returned`: what other code reads, the models first. `looks`: those
    that came later and joined it."""

    models: list[str]
    places: set[int]
    tensors: set[str]
    given: set[str] = field(default_factory=set[str])
    returned: list[str] = field(default_factory=list[str])
    looks: set[int] = field(default_factory=set[int])

    @property
    def last(self) -> int:
        return max(self.places - self.looks)

    @property
    def in_order(self) -> list[int]:
        """The places, those that only look at tensors before the last model."""
        return [*sorted(self.places - self.looks - {self.last}), *sorted(self.looks), self.last]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is around a body. `after`: what runs next; `elsewhere`: the variables that functions
    read; `makes`: whether code makes layers; `returns_model`: whether a function gives a model."""

    after: Sequence[Statement]
    elsewhere: Set[str]
    makes: Callable[[Node], bool]
    returns_model: Callable[[Reference], bool]


def model_regions(body: Sequence[Statement], around: Surroundings) -> list[Region]:
    """The regions of a body that can be taken out of it, in order."""
    models = _models(body, around)
    built = {name for name, _ in models.values()}
    regions = [_region(body, at, models, built, around) for at in models]
    found = [r for r in _merged(regions) if _is_closed(r, body, around)]
    return sorted(found, key=lambda r: r.last)


def _models(body: Sequence[Statement], around: Surroundings) -> dict[int, tuple[str, str]]:
    """Where models are made: the variable that holds one, and what kind it is."""
    found: dict[int, tuple[str, str]] = {}
    inputs: set[str] = set()
    for place, statement in enumerate(body):
        match statement:
            case Assign(targets=(Name(id=name),), value=OpCall(symbol=symbol) as made):
                if symbol == INPUT:
                    inputs.add(name)
                if symbol == SEQUENTIAL or (symbol == MODEL and model_arguments(made) is not None):
                    found[place] = (name, symbol)
            case Assign(targets=(Name(id=name),), value=Call(function=Reference() as function)):
                # `model = network(inputs)`, of a function that makes the model.
                if read_by(statement) & inputs and around.returns_model(function):
                    found[place] = (name, MODEL)
            case _:
                pass
    return found


# ----------------------------------------------------------------------------------------- slices


def _region(
    body: Sequence[Statement],
    at: int,
    models: Mapping[int, tuple[str, str]],
    built: Set[str],
    around: Surroundings,
) -> Region:
    name, symbol = models[at]
    ends = [at]
    for place in range(at + 1, len(body)):
        if name in assigned_by(body[place]) and replaces(body[place]):
            break
        if _calls(body[place], name, _BUILDING[symbol]):
            ends.append(place)
    wanted = {name}
    places: set[int] = set()
    kept: set[str] = set()
    for place in range(ends[-1], -1, -1):
        statement = body[place]
        mine = place in ends or bool((assigned_by(statement) | _changed(statement)) & wanted)
        if not mine:
            continue
        # A model that is only called is passed.
        others = ((assigned_by(statement) | _changed(statement)) & built) - {name}
        if others and not any(_is_opened(n, [body[p] for p in places]) for n in others):
            kept |= others
            continue
        if place > at and place not in ends:
            continue  # what is done to the model when it is there
        if kept & assigned_by(statement):
            continue
        places.add(place)
        if replaces(statement):
            wanted -= assigned_by(statement) - read_by(statement)
        wanted |= read_by(statement)
    return Region([name], *_moved(body, places, built, around))


def _calls(statement: Statement, model: str, methods: Set[str]) -> bool:
    """Whether a statement calls such a method of a model, `model.add(layer)`, perhaps in a loop."""
    for node in walk(statement):
        match node:
            case Call(function=Attribute(value=Name(id=name), attribute=method)):
                if name == model and method in methods:
                    return True
            case _:
                pass
    return False


def _changed(statement: Statement) -> set[str]:
    """Objects whose attributes a statement sets: `base.trainable = False`, or in a loop over
    `base.layers`."""
    owners: set[str] = set()
    for node in walk(statement):
        if isinstance(node, Assign):
            for target in node.targets:
                if isinstance(target, Attribute) and isinstance(target.value, Name):
                    owners.add(target.value.id)
    if isinstance(statement, For):
        targets = assigned_by(statement)
        if owners & targets:
            owners |= names_read(statement.iterable)
    return owners


def _sets(statement: Statement) -> bool:
    """Whether a statement only sets attributes of objects, `trainable` for one."""
    match statement:
        case Assign(targets=targets):
            return all(isinstance(t, Attribute) for t in targets)
        case For(body=inner, otherwise=()) | If(then=inner, otherwise=()):
            return all(_sets(s) for s in inner)
        case _:
            return False


def _is_opened(name: str, statements: Sequence[Statement]) -> bool:
    return any(
        isinstance(node, Attribute)
        and isinstance(node.value, Name)
        and node.value.id == name
        and node.attribute in _OPENED
        for statement in statements
        for node in walk(statement)
    )


def _moved(
    body: Sequence[Statement], places: Set[int], built: Set[str], around: Surroundings
) -> tuple[set[int], set[str]]:
    """The statements of a slice that must stand with the graph, and the variables that are tensors
    of it."""
    tensors: set[str] = set()
    moved: set[int] = set()
    for place in sorted(places):
        statement = body[place]
        if _opens(statement) or read_by(statement) & tensors:
            tensors |= assigned_by(statement) - built
            moved.add(place)
        elif around.makes(statement) or any(_is_opened(n, [statement]) for n in built):
            moved.add(place)
    while more := {p for p in places - moved if assigned_by(body[p]) & _fixed(body, moved)}:
        moved |= more
    return moved, tensors


def _fixed(body: Sequence[Statement], moved: Set[int]) -> set[str]:
    """The variables that the statements that are moved assign, or read while others change them:
    what assigns these is moved along."""
    assigned = {n for p in moved for n in assigned_by(body[p])}
    return assigned | {n for p in moved for n in read_by(body[p])} & _changing(body, moved)


def _changing(body: Sequence[Statement], moved: Set[int]) -> set[str]:
    """The variables that other statements change in between: their values cannot be passed."""
    between = (p for p in range(min(moved), max(moved)) if p not in moved)
    return {n for p in between for n in assigned_by(body[p])}


def _opens(statement: Statement) -> bool:
    """Whether a statement begins a graph, or goes on from that of a model."""
    for node in walk(statement):
        match node:
            case OpCall(symbol=symbol) if symbol in (INPUT, MODEL):
                return True
            case Attribute(value=Name(), attribute="input" | "inputs" | "output" | "outputs"):
                return True
            case Attribute(value=Name(), attribute="get_layer"):
                return True
            case _:
                pass
    return False


# ----------------------------------------------------------------------------------------- regions


def _merged(regions: list[Region]) -> list[Region]:
    """Regions that share statements are one."""
    result: list[Region] = []
    for region in regions:
        apart = [r for r in result if not r.places & region.places]
        joined = [r for r in result if r.places & region.places]
        models = [m for r in (*joined, region) for m in r.models]
        places = {p for r in (*joined, region) for p in r.places}
        tensors = {t for r in (*joined, region) for t in r.tensors}
        result = [*apart, Region([*dict.fromkeys(models)], places, tensors)]
    return result


def _is_closed(region: Region, body: Sequence[Statement], around: Surroundings) -> bool:
    """Whether a region can be taken out; what it is given and returns is noted."""
    while True:
        assigned = {n for p in region.places for n in assigned_by(body[p])}
        read = _read_outside(region, body, around) & assigned
        extra = read - {*region.models}
        statements = [body[p] for p in region.in_order]
        apart = {
            p: names
            for p in region.places
            if (names := assigned_by(body[p]) & extra)
            and isinstance(body[p], Assign)
            and not _opens(body[p])
            and not any(_is_opened(n, statements) for n in names)
            and not any(names & assigned_by(body[q]) for q in region.places if q != p)
            and around.makes(body[p])
        }
        if not apart:
            break
        region.places -= apart.keys()  # layers that other code has as well
    used = _read_in_order(statements)
    region.given = {n for n in used if n not in assigned or used[n]}
    others = {n for p, s in enumerate(body) if p not in region.places for n in assigned_by(s)}
    if extra & (region.tensors | others) or region.given & _changing(body, region.places):
        return False
    region.returned = [*region.models, *sorted(extra)]
    return True


def _read_in_order(statements: Sequence[Statement]) -> dict[str, bool]:
    """The variables that statements read, and whether that is before they assign them."""
    found: dict[str, bool] = {}
    assigned: set[str] = set()
    for statement in statements:
        for name in read_by(statement):
            found[name] = found.get(name, False) or name not in assigned
        assigned |= assigned_by(statement)
    return found


def _read_outside(region: Region, body: Sequence[Statement], around: Surroundings) -> set[str]:
    """The variables of a region that other code reads. What only looks at a tensor,
    `print(x.shape)`, joins it, and so does what freezes a part of the model."""
    assigned = {n for p in region.places for n in assigned_by(body[p])}
    live: set[str] = set()
    later: set[str] = set()  # what is assigned after the region
    read = {*around.elsewhere} & assigned
    first = min(region.places)
    for place, statement in enumerate((*body, *around.after)):
        if place in region.places:
            live |= assigned_by(statement)
            continue
        if place < first:
            continue
        found = read_by(statement) & live
        joins = _sets(statement) or isinstance(statement, ExpressionStatement | Assert)
        joins = joins and place < len(body) and not read_by(statement) & later
        if found and joins and not found & {*region.models}:
            if place > region.last:
                region.looks.add(place)
            region.places.add(place)
            continue
        read |= found
        if place > region.last:
            later |= assigned_by(statement)
        if isinstance(statement, Assign) and not isinstance(statement.value, Conditional):
            live -= assigned_by(statement) - read_by(statement)
    return read


def late_statements(region: Region, body: Sequence[Statement]) -> list[int] | None:
    """What stands between the statements of a region and needs what it returns: it comes after the
    call. None where the region needs it in turn, or adds layers to a model that ran."""
    late: list[int] = []
    names: set[str] = set()
    assigned: set[str] = set()
    for place in range(min(region.places), region.last + 1):
        statement = body[place]
        if place in region.places:
            names |= assigned_by(statement) & {*region.returned}
            if assigned & read_by(statement):
                return None
        elif read_by(statement) & names:
            ran = {n for n in region.models if _calls(statement, n, RUNS)}
            rest = [body[p] for p in region.places if p > place]
            if any(_calls(s, n, _BUILDING[SEQUENTIAL]) for s in rest for n in ran):
                return None
            late.append(place)
            names |= assigned_by(statement)
            assigned |= assigned_by(statement)
    return late


def read_by(statement: Statement) -> set[str]:
    """The variables that a statement reads; a definition, those that it does not bind."""
    match statement:
        case FunctionDef(parameters=parameters, body=inner):
            return names_read(statement) - bound_names(inner) - {p.name for p in parameters}
        case ClassDef(body=inner):
            return {n for s in inner for n in read_by(s)}
        case _:
            return names_read(statement)


def assigned_by(statement: Statement) -> set[str]:
    """The variables that a statement assigns or changes; a definition, its name."""
    if isinstance(statement, FunctionDef | ClassDef):
        return {statement.name}
    return names_assigned(statement)
