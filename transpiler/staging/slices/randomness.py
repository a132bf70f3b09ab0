"""Random generators in reach of the code that draws from them.

Rules write `rngs()` wherever the source draws random numbers. Here that name gets a definition: a
function takes a keyword parameter `rngs`, which all its callers in the project pass; a class takes
it in its constructor and keeps it for its methods. The need spreads along calls until nothing
changes, over all modules at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ....ir.names import undefined_names
from ....ir.nodes import FunctionDef, Module, Name, walk
from .generator_calls import CallRewriter
from .generator_definitions import keeps_generator, with_generators
from .generator_scope import (
    RNGS,
    ClassScope,
    Key,
    ProjectScope,
    binds,
    calls_parent,
    class_of,
    definitions,
    method_key,
    without_self,
)

"""Where nobody passes a generator: at the top level of a module."""


def thread_generators(
    trees: Mapping[str, Module], renamed: Mapping[Key, str]
) -> Callable[[str], Module]:
    """A function that gives the tree of a module with its generators; a tree without any is the
    same object. `renamed`: the new names of definitions."""
    free = {
        id(n) for t in trees.values() if _mentions(t) for n in undefined_names(t) if n.id == RNGS
    }
    if not free:
        return lambda name: trees[name]
    project = ProjectScope(free)
    project.renamed = {(module, new): (module, old) for (module, old), new in renamed.items()}
    for module, tree in trees.items():
        for node in definitions(tree.body):
            key = project.renamed.get((module, node.name), (module, node.name))
            if isinstance(node, FunctionDef):
                project.functions.setdefault(key, []).append(node)
            else:
                project.classes[key] = class_of(project, module, key, node)
    for found in project.classes.values():
        found.bases = tuple(b for b in found.bases if b in project.classes)
    _spread(project)
    return lambda name: with_generators(project, name, trees[name])


def _mentions(tree: Module) -> bool:
    return any(isinstance(n, Name) and n.id == RNGS for n in walk(tree))


def _spread(project: ProjectScope) -> None:
    changed = True
    while changed:
        before = (
            len(project.needing),
            sum(c.constructor + c.stores for c in project.classes.values()),
        )
        for key, nodes in project.functions.items():
            if any(_needs(project, key[0], node, None) for node in nodes):
                project.needing.add(key)
        for found in project.classes.values():
            for name, method in found.methods.items():
                if not _needs(project, found.key[0], method, found):
                    continue
                if name == "__init__":
                    found.constructor = True
                elif without_self(method):
                    project.needing.add(method_key(found, name))
                else:
                    found.constructor = found.stores = True
            inherits = any(project.classes[b].constructor for b in found.bases)
            if inherits and (
                "__init__" not in found.methods or calls_parent(found.methods["__init__"])
            ):
                found.constructor = True
            own = found.methods.get("__init__")
            if own is not None and not calls_parent(own) and _extends_keeper(project, found):
                # The constructor of a mixin does not run: its methods read what this one keeps.
                found.constructor = found.stores = True
        after = (
            len(project.needing),
            sum(c.constructor + c.stores for c in project.classes.values()),
        )
        changed = after != before


def _extends_keeper(project: ProjectScope, found: ClassScope) -> bool:
    return any(keeps_generator(project, base) for base in found.bases)


def _needs(project: ProjectScope, module: str, node: FunctionDef, owner: ClassScope | None) -> bool:
    """Whether a function draws random numbers, or calls what does, and has no generator yet."""
    if binds(node):
        return False
    rewriter = CallRewriter(project, module, owner, Name(RNGS), node)
    for statement in node.body:
        rewriter.visit(statement)
    return rewriter.used
