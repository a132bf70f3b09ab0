"""What is left of a file when only a part of it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..ir.nodes import (
    AnnotatedAssign,
    Assign,
    Body,
    ClassDef,
    Constant,
    ExpressionStatement,
    FunctionDef,
    If,
    Import,
    ImportAlias,
    Module,
    Name,
    Pass,
    Raise,
    Statement,
    Try,
    replace_node,
)
from ..ir.span import Span
from .files import Lead, Part


@dataclass(frozen=True, slots=True)
class Gone:
    """A statement that was left out, and what it defines."""

    span: Span
    names: tuple[str, ...]


@dataclass(slots=True)
class _Cut:
    part: Part
    package: str
    gone: list[Gone] = field(default_factory=list[Gone])

    def body(self, body: Body) -> Body:
        return tuple(kept for s in body for kept in self._statements(s))

    def _statements(self, node: Statement) -> Sequence[Statement]:
        if isinstance(node, Import) and any(alias.name == "*" for alias in node.names):
            line = node.span.start_line if node.span is not None else 0
            leads = [_import(lead) for lead in self.part.leads if lead.line == line]
            return leads or [n for n in [self._without(node)] if n is not None]
        kept = self._statement(node)
        return [] if kept is None else [kept]

    def _statement(self, node: Statement) -> Statement | None:
        match node:
            case Import(module="__future__"):
                return node
            case Import():
                return self._import(node)
            case If(test=test, then=then, otherwise=otherwise):
                new_then, new_otherwise = self.body(then), self.body(otherwise)
                if not new_then and not new_otherwise:
                    return None
                return replace_node(
                    node, test=test, then=new_then or (Pass(),), otherwise=new_otherwise
                )
            case Try():
                return self._try(node)
            case ClassDef() if self._stays(node):
                members = tuple(m for m in node.body if self._member(node, m))
                return replace_node(node, body=members or (Pass(),))
            case _:
                return node if self._stays(node) else self._without(node)

    def _try(self, node: Try) -> Statement | None:
        body, otherwise, final = (self.body(b) for b in (node.body, node.otherwise, node.final))
        handlers = tuple(
            replace_node(h, body=self._handler(h.body) or (Pass(),)) for h in node.handlers
        )
        used = any(not isinstance(s, Pass) for h in handlers for s in h.body)
        if not body and not otherwise and not final and not used:
            return None
        return replace_node(
            node, body=body or (Pass(),), handlers=handlers, otherwise=otherwise, final=final
        )

    def _handler(self, body: Body) -> Body:
        """Of what runs instead, `pass` and `raise` stay with the attempt that they belong to."""
        return tuple(
            kept for s in body for kept in ([s] if _is_fallback(s) else self._statements(s))
        )

    def _stays(self, node: Statement) -> bool:
        return node.span is None or node.span.start_line in self.part.lines

    def _member(self, owner: ClassDef, node: Statement) -> bool:
        if not isinstance(node, FunctionDef) or self._stays(node):
            return True
        if node.span is not None:
            self.gone.append(Gone(node.span, (f"{owner.name}.{node.name}",)))
        return False

    def _import(self, node: Import) -> Statement | None:
        if not self._stays(node):
            return self._without(node)
        names = tuple(a for a in node.names if self._bound(node, a) in self.part.names)
        if len(names) == len(node.names):
            return node
        return replace_node(node, names=names) if names else self._without(node)

    def _bound(self, node: Import, alias: ImportAlias) -> str:
        if alias.alias is not None:
            return alias.alias
        return alias.name if node.module is not None or node.level else alias.name.split(".")[0]

    def _without(self, node: Statement) -> None:
        if node.span is not None:
            self.gone.append(Gone(node.span, _defined(node)))


def needed_part(module: Module, part: Part) -> tuple[Module, list[Gone]]:
    """The module without the statements that nothing needs; and these."""
    cut = _Cut(part, module.name)
    body = list(cut.body(module.body[1:] if (head := _docstring(module)) else module.body))
    leads = [_import(lead) for lead in part.leads if not lead.line]
    body += leads
    if not cut.gone and not leads:
        return module, []
    return replace_node(module, body=(*head, *body)), cut.gone


def _docstring(module: Module) -> Body:
    match module.body[:1]:
        case (ExpressionStatement(value=Constant(value=str())),):
            return module.body[:1]
        case _:
            return ()


def _import(lead: Lead) -> Import:
    module, name = lead.module, lead.attribute
    if name is None:
        module, _, name = lead.module.rpartition(".")
    alias = ImportAlias(name, lead.name if lead.name != name else None)
    return Import(module or None, (alias,))


def _is_fallback(node: Statement) -> bool:
    return isinstance(node, Pass | Raise)


def _defined(node: Statement) -> tuple[str, ...]:
    match node:
        case FunctionDef(name=name) | ClassDef(name=name):
            return (name,)
        case Assign(targets=targets):
            return tuple(t.id for t in targets if isinstance(t, Name))
        case AnnotatedAssign(target=Name(id=name)):
            return (name,)
        case _:
            return ()
