"""The whole file: `emit_module`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...ir import nodes as ir
from .blocks import Block, LineEntry, bodies, first_line, marks_of
from .compound import CompoundEmitter
from .import_plan import ImportPlan
from .names import EmitOptions, TargetNames
from .originals import Originals
from .source import SourceText
from .spelling import NewImport
from .statements import StatementEmitter
from .territory import survey
from .unhandled import UnhandledPass
from .usage import UsageCollector


@dataclass(frozen=True, slots=True)
class Emitted:
    """The output: its text, where each statement went, its new imports, the helpers it uses.

    `line_map` holds every statement of the new tree, compound ones before what is in them.
    """

    text: str
    line_map: tuple[LineEntry, ...]
    imports: tuple[NewImport, ...]
    helpers: frozenset[str]


def emit_module(
    new: ir.Module,
    original: ir.Module,
    text: str,
    names: TargetNames | None = None,
    options: EmitOptions | None = None,
) -> Emitted:
    """The text of `new`, patched out of `text`, from which `original` was lowered."""
    names, options = names or TargetNames(), options or EmitOptions()
    if new is original and not _imports_concern(new, names):
        return _unchanged(new, text)
    source = SourceText(text)
    originals = Originals(original, source, frozenset(names.renamed))
    if names.renamed:
        new = _touch_renamed(new, names)
    collector = UsageCollector(originals)
    usage = collector.collect(new)
    marks = UnhandledPass(source, usage.loads)
    if usage.unhandled:
        new = ir.replace_node(new, body=marks.body(new.body, imported=True))
    plan = ImportPlan(new, original, originals, collector, names, options)
    statements = StatementEmitter(originals, options.line_length, plan.spelling)
    statements.present = {s.span for s in _statements(plan.module) if s.span is not None}
    compound = CompoundEmitter(statements)
    compound.bodies.is_project = plan.is_project
    block = Block()
    plots = survey(source, original.body, 0, len(text))
    compound.bodies.place(block, plan.module.body, plots, len(text), "", "module")
    out = block.text if original.body or plan.module.body else text
    entries = sorted(
        (
            LineEntry(m.first + 1, m.last + 1, m.span, marks.origin.get(id(m.node), m.node))
            for m in block.marks
        ),
        key=lambda m: (m.first, -m.last),
    )
    return Emitted(out, tuple(entries), plan.added, frozenset(plan.spelling.helpers))


def _unchanged(module: ir.Module, text: str) -> Emitted:
    entries: list[LineEntry] = []
    for node in module.body:
        if node.span is not None:
            line = first_line(node)
            for mark in marks_of(node, line):
                entries.append(LineEntry(mark.first + line, mark.last + line, mark.span, mark.node))
    return Emitted(text, tuple(entries), (), frozenset())


def _statements(module: ir.Module) -> Iterator[ir.Statement]:
    """All statements of a module."""
    stack = list(module.body)
    while stack:
        node = stack.pop()
        yield node
        for body in bodies(node):
            stack.extend(body)


def _imports_concern(module: ir.Module, names: TargetNames) -> bool:
    """May imports have to change, although nothing else did?"""
    if names.renamed or names.removed:
        return True
    for node in _statements(module):
        if isinstance(node, ir.Import) and not node.level:
            modules = [node.module] if node.module else [a.name for a in node.names]
            if any(map(names.is_source, modules)):
                return True
    return False


def _touch_renamed(new: ir.Module, names: TargetNames) -> ir.Module:
    """New objects for the references whose text changes, so that they do not pass for unchanged."""

    def touch(node: ir.Node) -> ir.Node:
        if isinstance(node, ir.Reference) and (node.module, node.name) in names.renamed:
            return ir.replace_node(node)
        return ir.map_children(node, touch)

    return ir.map_children(new, touch)
