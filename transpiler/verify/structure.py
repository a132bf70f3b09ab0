"""The module tree of a program as plain data: what both workers record and the pairing reads."""

from __future__ import annotations

from dataclasses import dataclass

STATE = ("stat", "other")
"""Roles of variables that a call may update."""


@dataclass(frozen=True, slots=True)
class VariableRecord:
    """One variable. `role`: param (trained), stat (state such as moving averages), other (integers,
    truth values), seed. `frozen`: a layer that is not trained holds it, and it could be trained."""

    id: int
    path: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    role: str
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Owned:
    """A variable that a module holds directly, under the attribute path `attr`."""

    variable: int
    attr: str


@dataclass(frozen=True, slots=True)
class ModuleRecord:
    """One layer or module instance.

    names       public and qualified names of its classes, most derived first
    paths       attribute paths from the model, the first one found first
    first_call  position of its first call among all calls; None where it was never called
    place       where it would be called, by where it is defined, if it never is (the target's)
    """

    id: int
    parent: int | None
    names: tuple[str, ...]
    paths: tuple[str, ...]
    first_call: int | None
    variables: tuple[Owned, ...]
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """Modules (parents before children) and the variables that they hold."""

    modules: tuple[ModuleRecord, ...]
    variables: tuple[VariableRecord, ...]
