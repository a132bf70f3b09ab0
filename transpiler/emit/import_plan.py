"""Imports.

Those that nothing uses any more go, those that the new code needs come, both as changes of the
tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...ir import nodes as ir
from .guarded_imports import map_imports
from .import_order import FUTURE, member_key, order_key, section
from .names import EmitOptions, TargetNames
from .originals import Originals
from .spacing import is_docstring
from .spelling import NewImport, Spelling, absolute_module, imported_names
from .usage import UsageCollector


class ImportPlan:
    """The new module with its imports put right, and the spelling that goes with them."""

    def __init__(
        self,
        new: ir.Module,
        original: ir.Module,
        originals: Originals,
        usage: UsageCollector,
        names: TargetNames,
        options: EmitOptions,
    ) -> None:
        self.names = names
        self.original = original
        self.is_facade = original.path.rpartition("/")[2] == "__init__.py"
        self.package = original.name if self.is_facade else original.name.rpartition(".")[0]
        self.before = usage.collect(original, verbatim=True)
        self.used = usage.collect(new)
        self.helper_project = options.helper_module
        self.seen = self._seen(originals)
        # What the source writes as `package.module.name` stays so, and with it the import.
        self.kept = {t.partition(".")[0] for k, t in self.seen.items() if k not in names.renamed}
        self.used.loads |= self.kept
        # Dotted paths whose imports the new code can be spelled with.
        self.needed = {f"{m}.{n}" for m, n in self.used.references}
        self.needed |= {m for m, _ in self.used.references}
        for path in self.used.symbols:
            if not names.is_source(path):
                self.needed |= {path, path.rpartition(".")[0]}
        body = map_imports(new.body, self._keep, self.used)
        self.spelling = self._spelling(body, originals, options)
        for path in sorted(self.used.symbols):
            self.spelling.symbol(path)
        for module, name in sorted(self.used.references):
            self.spelling.reference(module, name)
        self.added = tuple(self.spelling.imports)
        body = self._insert(new.body, body)
        changed = len(body) != len(new.body) or any(
            a is not b for a, b in zip(body, new.body, strict=True)
        )
        self.module = ir.replace_node(new, body=body) if changed else new

    def is_project(self, module: str) -> bool:
        """For the order of imports: the helper module lies in the output tree."""
        return module == self.helper_project or self.names.is_project(module)

    # ----------------------------------------------------------------------------------- what stays

    def _keep(self, node: ir.Import) -> ir.Import | None:
        """An import without the names that went; None when none is left."""
        if node.module == "__future__" and not node.level:
            return node
        base = absolute_module(node, self.package)
        kept: list[ir.ImportAlias] = []
        for alias, bound, dotted in imported_names(node, self.package):
            key = (base, alias.name)
            if node.module is not None and key in self.names.removed:
                continue
            if not self._stays(node, alias, bound, base, dotted):
                continue
            renamed = self.names.renamed.get(key) if node.module is not None else None
            if renamed is not None and renamed != alias.name:
                own = None if alias.alias == renamed else alias.alias
                alias = ir.ImportAlias(renamed, own, span=alias.span)
            kept.append(alias)
        if not kept:
            return None
        if len(kept) == len(node.names) and all(map(lambda a, b: a is b, kept, node.names)):
            return node
        return ir.replace_node(node, names=tuple(kept))

    def _stays(
        self, node: ir.Import, alias: ir.ImportAlias, bound: str, base: str, dotted: str
    ) -> bool:
        module = alias.name if node.module is None else base
        source = not node.level and self.names.is_source(module)
        if alias.name == "*":
            return not source
        # A variable of a function may have the name of what is imported.
        read = self.used.outer | self.kept if source else self.used.loads
        if bound in read or bound in self.used.exported or dotted in self.needed:
            return True
        if source:
            return False
        if (self.original.name, bound) in self.names.asked:
            return True
        if node.span is None:
            return True  # made by a pass, which knows why
        return self.is_facade or bound not in self.before.loads

    # ------------------------------------------------------------------------------------- spelling

    def _seen(self, originals: Originals) -> dict[tuple[str, str], str]:
        """How the source writes the references that the new code needs."""
        found: dict[tuple[str, str], str] = {}
        if not self.used.references:
            return found
        for node in ir.walk(self.original):
            if not isinstance(node, ir.Reference) or node.span is None:
                continue
            key = (node.module, node.name)
            if key in self.used.references and key[0] != self.original.name:
                text = originals.source.slice(node.span)
                if text.replace(".", "").isidentifier():
                    found.setdefault(key, text)
        return found

    def _spelling(
        self, body: Sequence[ir.Statement], originals: Originals, options: EmitOptions
    ) -> Spelling:
        bound: dict[str, str] = {}
        roots: set[str] = set()
        for node in body:
            if isinstance(node, ir.Import):
                for _, name, path in imported_names(node, self.package):
                    bound[path] = name
                    roots.add(name)
        inner: set[str] = set()
        for node in _all_imports(body):
            if not any(node is n for n in body):
                inner.update(name for _, name, _ in imported_names(node, self.package))
        gone = {
            name
            for node in self.before.imports
            for _, name, _ in imported_names(node, self.package)
            if name not in roots and name not in inner
        }
        loads = self.used.loads - gone
        taken = loads | self.used.stores | inner
        # A local name that hides an import makes that import unusable for new code.
        usable = {path: name for path, name in bound.items() if name not in self.used.stores}
        seen = {k: text for k, text in self.seen.items() if text.partition(".")[0] in roots}
        return Spelling(
            usable,
            taken | roots,
            module=self.original.name,
            package=self.package,
            relative=any(n.level for n in self.before.imports),
            helper_module=options.helper_module,
            renamed=self.names.renamed,
            seen=seen,
            written={
                absolute_module(n, self.package): (n.module, n.level)
                for n in body
                if isinstance(n, ir.Import) and n.module is not None and n.names[0].name != "*"
            },
        )

    # ------------------------------------------------------------------------------------ insertion

    def _insert(self, old: ir.Body, body: tuple[ir.Statement, ...]) -> tuple[ir.Statement, ...]:
        if not self.added:
            return body
        result = list(body)
        start, stop = self._block(old, result)
        for new in sorted(map(_statement, self.added), key=self._key):
            if new.module is not None and self._merge(result, start, stop, new):
                continue
            at = next(
                (i for i in range(start, stop) if self._key(result[i]) > self._key(new)), stop
            )
            result.insert(at, new)
            stop += 1
        return tuple(result)

    def _key(self, node: ir.Statement) -> tuple[object, ...]:
        assert isinstance(node, ir.Import)
        return order_key(node, self.is_project)

    def _merge(self, body: list[ir.Statement], start: int, stop: int, new: ir.Import) -> bool:
        """Add the names to an import of the same module, where there is one."""
        for i in range(start, stop):
            node = body[i]
            if not isinstance(node, ir.Import):
                continue
            if (node.module, node.level) == (new.module, new.level) and node.names[0].name != "*":
                names = sorted((*node.names, *new.names), key=member_key)
                body[i] = ir.replace_node(node, names=tuple(names))
                return True
        return False

    def _block(self, old: ir.Body, body: Sequence[ir.Statement]) -> tuple[int, int]:
        """The run of imports in `body` that new ones join.

        The run from which source imports went, since what stands above it may set up the
        environment; else the first; else the place after the docstring and `__future__`.
        """
        place = {id(s): i for i, s in enumerate(body)}
        by_span = {s.span: i for i, s in enumerate(body) if s.span is not None}
        runs: list[list[ir.Statement]] = []
        previous: ir.Statement | None = None
        for node in old:
            if isinstance(node, ir.Import) and section(node, self.is_project) != FUTURE:
                if isinstance(previous, ir.Import) and runs:
                    runs[-1].append(node)
                else:
                    runs.append([node])
            previous = node

        def position(node: ir.Statement) -> int | None:
            return place.get(id(node), by_span.get(node.span) if node.span else None)

        chosen = next((r for r in runs if any(position(n) is None for n in r)), None)
        chosen = chosen or (runs[0] if runs else None)
        if chosen is None:
            at = 0
            while at < len(body) and _is_preamble(body[at]):
                at += 1
            return at, at
        here = [p for p in map(position, chosen) if p is not None]
        if here:
            return min(here), max(here) + 1
        following = old[old.index(chosen[-1]) + 1 :]
        after = next((p for p in map(position, following) if p is not None), len(body))
        return after, after


def _is_preamble(node: ir.Statement) -> bool:
    return is_docstring(node) or (isinstance(node, ir.Import) and node.module == "__future__")


def _statement(new: NewImport) -> ir.Import:
    if new.name is None:
        return ir.Import(None, (ir.ImportAlias(new.module, new.alias),))
    return ir.Import(new.module, (ir.ImportAlias(new.name, new.alias),), new.level)


def _all_imports(body: Sequence[ir.Statement]) -> list[ir.Import]:
    out: list[ir.Import] = []
    for statement in body:
        out.extend(n for n in ir.walk(statement) if isinstance(n, ir.Import))
    return out
