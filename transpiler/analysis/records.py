"""Named tuples and dataclasses: what they are made of, and the functions on them.

An object of a named tuple is a tuple (`Fixed`) that knows its type; one of a dataclass is an object
with an attribute for each field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ...ir.nodes import (
    AnnotatedAssign,
    Attribute,
    Call,
    ClassDef,
    Expression,
    Name,
    Subscript,
    Symbol,
)
from .definitions import decorated_as, decorators, find_member, known_decorator
from .machine import Machine
from .pythonic import iterate, lineage
from .values import (
    NONE,
    UNKNOWN,
    Arguments,
    ClassValue,
    Const,
    External,
    Fixed,
    Function,
    Instance,
    Listing,
    Mapped,
    Method,
    Partial,
    Place,
    RecordType,
    Value,
    const,
    entries_of,
    items_of,
)

NAMED_TUPLE = External("typing.NamedTuple")
MAKERS = frozenset({"collections.namedtuple", "typing.NamedTuple"})
DATACLASS = frozenset({"dataclasses.dataclass", "flax.struct.dataclass"})
FIELD = External("dataclasses.field")
FUNCTIONS = frozenset({"replace", "asdict", "astuple", "field", "is_dataclass"})
"""Of the module `dataclasses`."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record. `default` is None where an object must be given it."""

    name: str
    default: Value | None
    made: bool = True
    keyword_only: bool = False


# -- named tuples


def declared(name: str, given: Arguments) -> Value:
    """`namedtuple("Out", "mean std")`, `NamedTuple("Out", [("mean", Tensor)])`."""
    values = dict(zip(("typename", "fields"), given.positional, strict=False))
    listed = values.get("fields", given.keywords.get("field_names", given.keywords.get("fields")))
    if listed is None or not given.complete or const(given.keywords.get("rename", NONE)):
        return UNKNOWN
    text = const(listed)
    if isinstance(text, str):
        names: list[object] = list(text.replace(",", " ").split())
    else:
        items = items_of(listed)
        if items is None:
            return UNKNOWN
        names = [const(v if name.startswith("collections") else _first(v)) for v in items]
    if not all(isinstance(n, str) for n in names):
        return UNKNOWN
    defaults = given.keywords.get("defaults", NONE)
    last = () if defaults == NONE else items_of(defaults)
    if last is None:
        return UNKNOWN
    fields = tuple(str(n) for n in names)
    named = dict(zip(fields[len(fields) - len(last) :], last, strict=True))
    typename = const(values.get("typename", UNKNOWN))
    return RecordType(typename if isinstance(typename, str) else "", fields, named)


def _first(value: Value) -> Value:
    items = items_of(value)
    return items[0] if items else UNKNOWN


def tuple_type(cls: ClassValue) -> RecordType | None:
    """What a class of named tuples makes; None if it is none."""
    for c in lineage(cls):
        for base in c.bases:
            if isinstance(base, RecordType):
                return RecordType(cls.node.name, base.fields, base.defaults, cls)
            if base == NAMED_TUPLE:
                names = [s.target.id for s in _annotated(c.node) if isinstance(s.target, Name)]
                defaults = {n: c.members[n] for n in names if n in c.members}
                return RecordType(cls.node.name, tuple(names), defaults, cls)
    return None


def make_tuple(kind: RecordType, given: Arguments) -> Value:
    """An object of a named tuple."""
    if not given.complete or len(given.positional) > len(kind.fields):
        return UNKNOWN
    known = {**dict(zip(kind.fields, given.positional, strict=False)), **given.keywords}
    items = [known.pop(f, kind.defaults.get(f)) for f in kind.fields]
    found = tuple(v for v in items if v is not None)
    return UNKNOWN if known or len(found) < len(items) else Fixed(found, of=kind)


def tuple_attribute(m: Machine, value: Fixed, kind: RecordType, name: str, place: Place) -> Value:
    """An attribute of a named tuple."""
    if name in kind.fields:
        return value.items[kind.fields.index(name)]
    found = None if kind.cls is None else find_member(kind.cls, name)
    if found is None or kind.cls is None:
        return Fixed(tuple(map(Const, kind.fields))) if name == "_fields" else Method(value, name)
    return member(m, found, value, kind.cls, place)


def tuple_method(value: Fixed, kind: RecordType, name: str, given: Arguments) -> Value | None:
    """`_replace` and `_asdict`; None for other methods."""
    entries = dict(zip(kind.fields, value.items, strict=True))
    if name == "_asdict":
        return Mapped({"items": entries})
    if name == "_replace" and given.complete and set(given.keywords) <= set(entries):
        return replace(value, items=tuple((entries | dict(given.keywords)).values()))
    return None


def made_of(m: Machine, cls: ClassValue | RecordType, given: Arguments) -> Value:
    """`Out._make(values)`."""
    kind = tuple_type(cls) if isinstance(cls, ClassValue) else cls
    items = iterate(m, given.positional[0]) if given.positional else None
    if kind is None or items is None or len(items) != len(kind.fields):
        return UNKNOWN
    return Fixed(items, of=kind)


def member(m: Machine, found: Value, owner: Value, cls: Value, place: Place) -> Value:
    """What a class holds under a name, as its object `owner` gives it."""
    if not isinstance(found, Function) or decorated_as(found, "staticmethod"):
        return found
    if decorated_as(found, "property"):
        return m.invoke(found.bind(owner), Arguments(), place)
    if decorated_as(found, "classmethod"):
        return found.bind(cls)
    if any(not known_decorator(d) for d in decorators(found)):
        return UNKNOWN
    return found.bind(owner)


# -- dataclasses


def is_dataclass(m: Machine, cls: ClassValue) -> bool:
    return any(_options(m, c) is not None for c in lineage(cls) if c.node.decorators)


def _options(m: Machine, cls: ClassValue) -> Mapping[str, Value] | None:
    """The arguments of `@dataclass`, None if the class has no such decorator."""
    for decorator in cls.node.decorators:
        match decorator:
            case Call(function=function, arguments=arguments):
                keywords = {
                    a.keyword: m.evaluate(a.value, cls.frame) for a in arguments if a.keyword
                }
            case Name() | Attribute():
                function, keywords = decorator, dict[str, Value]()
            case _:
                continue
        if _dotted(m, function, cls) in DATACLASS:
            return keywords
    return None


def _dotted(m: Machine, e: Expression, cls: ClassValue) -> str | None:
    found = m.evaluate(e, cls.frame)
    return found.dotted if isinstance(found, External) else None


def fields_of(m: Machine, cls: ClassValue) -> tuple[Field, ...]:
    """The fields of a dataclass, those of the classes above it first."""
    found: dict[str, Field] = {}
    for c in reversed(lineage(cls)):
        options = _options(m, c) if c.node.decorators else None
        if options is None:
            continue
        keyword_only = const(options.get("kw_only", NONE)) is True
        for statement in _annotated(c.node):
            kind = _kind(statement.annotation)
            keyword_only = keyword_only or kind == "KW_ONLY"
            if not isinstance(statement.target, Name) or kind in ("ClassVar", "KW_ONLY"):
                continue
            name = statement.target.id
            found[name] = _field(name, c.members.get(name), keyword_only)
    return tuple(found.values())


def _field(name: str, default: Value | None, keyword_only: bool) -> Field:
    if not isinstance(default, Partial) or default.function != FIELD:
        return Field(name, default, keyword_only=keyword_only)
    given = default.given.keywords
    value = given.get("default")
    factory = given.get("default_factory")
    if value is None and factory is not None:
        value = Partial(factory, Arguments())
    made = const(given.get("init", NONE)) is not False
    return Field(name, value, made, keyword_only or const(given.get("kw_only", NONE)) is True)


def _kind(annotation: Expression) -> str:
    """The last name of an annotation."""
    match annotation:
        case Subscript(value=value):
            return _kind(value)
        case Attribute(attribute=name) | Name(id=name):
            return name
        case Symbol(path=path):
            return path.rpartition(".")[2]
        case _:
            return ""


def _annotated(node: ClassDef) -> Iterator[AnnotatedAssign]:
    return (s for s in node.body if isinstance(s, AnnotatedAssign))


def fill(m: Machine, instance: Instance, given: Arguments, place: Place) -> bool:
    """What the `__init__` of a dataclass does; False where the call does not fit."""
    fields = fields_of(m, instance.cls)
    positional = [f.name for f in fields if f.made and not f.keyword_only]
    if not given.complete or len(given.positional) > len(positional):
        return False
    known = {**dict(zip(positional, given.positional, strict=False)), **given.keywords}
    for field in fields:
        value = known.pop(field.name, None) if field.made else None
        if value is None:
            if field.default is None and field.made:
                return False
            value = field.default or UNKNOWN
            if isinstance(value, Partial) and value.given == Arguments():
                value = m.invoke(value.function, Arguments(), place)
        m.write(instance.attributes, field.name, value)
    if known:
        return False
    after = find_member(instance.cls, "__post_init__")
    if isinstance(after, Function):
        m.invoke(after.bind(instance), Arguments(), place)
    return True


def function(m: Machine, name: str, given: Arguments, place: Place) -> Value:
    """A function of the module `dataclasses`."""
    if name == "field":
        return Partial(FIELD, given)
    value = given.positional[0] if given.positional else UNKNOWN
    if not isinstance(value, Instance) or not given.complete or not is_dataclass(m, value.cls):
        return UNKNOWN
    entries = fields_with_values(m, value)
    match name:
        case "replace":
            made = {f.name for f in fields_of(m, value.cls) if f.made}
            kept = {k: v for k, v in entries.items() if k in made}
            return m.invoke(value.cls, Arguments((), kept | dict(given.keywords)), place)
        case "asdict" | "astuple":
            return _plain(m, value, name == "asdict")
        case "is_dataclass":
            return Const(True)
        case _:
            return UNKNOWN


def fields_with_values(m: Machine, value: Instance) -> dict[str, Value]:
    return {f.name: value.attributes.get(f.name, UNKNOWN) for f in fields_of(m, value.cls)}


def _plain(m: Machine, value: Value, named: bool) -> Value:
    """A field's value as `asdict` and `astuple` give it: dataclasses in it are taken apart, too."""
    match value:
        case Instance(cls=cls) if is_dataclass(m, cls):
            inner = {k: _plain(m, v, named) for k, v in fields_with_values(m, value).items()}
            return Mapped({"items": inner}) if named else Fixed(tuple(inner.values()))
        case Fixed(items=items):
            return replace(value, items=tuple(_plain(m, v, named) for v in items))
        case _ if (entries := entries_of(value)) is not None:
            return Mapped({"items": {k: _plain(m, v, named) for k, v in entries.items()}})
        case _ if (items := items_of(value)) is not None:
            return Listing({"items": tuple(_plain(m, v, named) for v in items)})
        case _:
            return value
