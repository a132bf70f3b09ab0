"""What a name can turn out to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...rules.api import Flavour, Signature


@dataclass(frozen=True, slots=True)
class ApiObject:
    """A symbol of TF or Keras by canonical name; `known` is False where the API has none such."""

    path: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class ApiModule:
    """A module of TF or Keras by canonical name (`tf`, `keras.layers`)."""

    path: str


@dataclass(frozen=True, slots=True)
class ProjectDefinition:
    """A top-level function, class or variable of the project."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class ProjectModule:
    """A module or package of the project."""

    name: str


@dataclass(frozen=True, slots=True)
class External:
    """Something that other software defines (`numpy.float32`)."""

    dotted: str


Resolution = ApiObject | ApiModule | ProjectDefinition | ProjectModule | External


class Api(Protocol):
    """What the front end asks of the API data; `rules.api.SourceApi` in the compiler."""

    def canonical(self, dotted_path: str, /) -> str | None: ...

    def is_module(self, dotted: str, /) -> bool: ...

    def flavours(self, canonical: str, /) -> tuple[Flavour, ...]: ...

    def signature(self, canonical: str, flavour: Flavour | None = None, /) -> Signature | None: ...


# `Model(inputs, outputs)` makes a `Functional`; code that names the class means the same.
_SAME = {"keras.models.Functional": "keras.Model"}

ROOTS = frozenset({"tensorflow", "tensorflow_core", "keras", "tf_keras"})


def api_path(api: Api, dotted: str) -> ApiObject | ApiModule | None:
    """The API object or module at `dotted`, None when the API does not have it."""
    canonical = api.canonical(dotted)
    if canonical is None:
        return None
    canonical = _SAME.get(canonical, canonical)
    return ApiModule(canonical) if api.is_module(canonical) else ApiObject(canonical)


def member(api: Api, owner: ApiObject | ApiModule, attribute: str) -> Resolution | None:
    """`owner.attribute`. Any attribute of a module is an object, if only an unknown one."""
    dotted = f"{owner.path}.{attribute}"
    found = api_path(api, dotted)
    if found is None and isinstance(owner, ApiModule):
        return ApiObject(dotted, known=False)
    return found
