"""Keras layers and models as classes, and tf.Module: placeholder until the class pass is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ir.nodes import Attribute, AugmentedAssign, Call, ClassDef, Expression, Statement
from .frame import Frame, Result
from .plans import Plan
from .sites import Site
from .values import Static

if TYPE_CHECKING:
    from .program import Program


def make_plan(program: Program, plan: Plan) -> None:
    pass


def class_statements(program: Program, plan: Plan) -> list[Statement]:
    return [plan.definition.node]


def plain_class(program: Program, frame: Frame, statement: ClassDef) -> list[Statement]:
    return [statement]


def self_attribute(frame: Frame, node: Attribute, inner: Result) -> Result:
    return Result(Static(), node, node)


def instance_attribute(frame: Frame, node: Attribute, inner: Result, site: Site) -> Result:
    return Result(Static(), node, node)


def self_method(frame: Frame, node: Call, function: Attribute) -> Result | None:
    return None


def super_call(frame: Frame, node: Call, function: Attribute) -> Result | None:
    return None


def assign_attribute(frame: Frame, statement: Statement, target: Attribute, owner: Result, result: Result) -> bool:
    return False


def augment_attribute(frame: Frame, statement: AugmentedAssign, owner: Result, value: Result) -> bool:
    return False


_ = Expression
