"""`__all__`, read without running the module."""

from __future__ import annotations

import ast


def declared_exports(tree: ast.Module) -> frozenset[str] | None:
    """The names of `__all__`; None when it is absent or not made of literals.

    Sources: `__all__ = [...]`, `__all__ += [...]`, `__all__.extend([...])`, `__all__.append("x")`.
    """
    names: set[str] | None = None
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                literal = _strings(value)
                if literal is None:
                    return None
                names = set(literal)
            case (
                ast.AugAssign(target=ast.Name(id="__all__"), value=value)
                | ast.Expr(
                    value=ast.Call(
                        func=ast.Attribute(value=ast.Name(id="__all__"), attr="extend" | "append"),
                        args=[value],
                    )
                )
            ):
                literal = _strings(value)
                if literal is None or names is None:
                    return None
                names.update(literal)
            case _:
                pass
    return None if names is None else frozenset(names)


def _strings(node: ast.expr) -> list[str] | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple | set):
        return None
    strings = [item for item in items if isinstance(item, str)]  # pyright: ignore
    return strings if len(strings) == len(items) else None  # pyright: ignore
