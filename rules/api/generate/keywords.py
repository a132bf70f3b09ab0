"""Names that a constructor accepts through `**kwargs`, followed up the class hierarchy.

`Conv2D(filters, ..., **kwargs)` hands `**kwargs` to its base, which hands it to `Layer`: the names
that the chain takes out become keyword-only parameters here and `**kwargs` goes, so that an unknown
keyword is known to be an error. Where a chain is not understood, `**kwargs` stays.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping

Parameter = inspect.Parameter


def expanded(
    cls: type,
    signature: inspect.Signature,
    roots: Mapping[type, tuple[str, ...]],
) -> inspect.Signature:
    """`signature` of `cls` with what `**kwargs` accepts written out.

    `roots` gives, for the classes where chains end, the extra keywords that they take from
    their own `**kwargs`.
    """
    if not _open_keywords(signature):
        return signature
    accepted = _accepted(cls, 0, roots)
    if accepted is None:
        return signature
    own = [p for p in signature.parameters.values() if p.kind is not Parameter.VAR_KEYWORD]
    names = {p.name for p in own}
    extra = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default)
        for name, default in accepted.items()
        if name not in names
    ]
    return signature.replace(parameters=[*own, *extra])


def _open_keywords(signature: inspect.Signature) -> str | None:
    for parameter in signature.parameters.values():
        if parameter.kind is Parameter.VAR_KEYWORD:
            return parameter.name
    return None


def _accepted(
    cls: type, start: int, roots: Mapping[type, tuple[str, ...]]
) -> dict[str, object] | None:
    """Keyword -> default that the first `__init__` from MRO index `start` on takes by name.

    None when the chain ends in something that is not understood.
    """
    index = next(
        (i for i in range(start, len(cls.__mro__)) if "__init__" in vars(cls.__mro__[i])), None
    )
    if index is None:
        return None
    owner = cls.__mro__[index]
    if owner is object:
        return {}
    init = vars(owner)["__init__"]
    signature = inspect.signature(init)
    own = {
        p.name: None if p.default is Parameter.empty else p.default
        for p in list(signature.parameters.values())[1:]
        if p.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    }
    if owner in roots:
        return own | dict.fromkeys(roots[owner])
    rest = _open_keywords(signature)
    if rest is None:
        return own
    kinds = {p.kind: p.name for p in signature.parameters.values()}
    variadic = kinds.get(Parameter.VAR_POSITIONAL)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(init))))
    except (OSError, SyntaxError, TypeError):
        return None
    own |= _taken(tree, rest)
    call = _base_call(tree, rest)
    if call is None:
        return None
    above = _accepted(cls, index + 1, roots)
    if above is None:
        return None
    positional = len(call.args)
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            # `*args` handed on as it came takes no name that `**kwargs` could give.
            if not (isinstance(argument.value, ast.Name) and argument.value.id == variadic):
                return None
            positional -= 1
    given = {keyword.arg for keyword in call.keywords if keyword.arg is not None}
    given |= set(list(above)[:positional])
    return own | {
        name: default for name, default in above.items() if name not in given and name not in own
    }


def _taken(tree: ast.AST, rest: str) -> dict[str, object]:
    """Keywords read by `rest.pop("x", default)`, `rest.get`, `rest["x"]`, `"x" in rest`."""
    taken: dict[str, object] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="pop" | "get"),
                args=[ast.Constant(value=str(key)), *more],
            ) if name == rest:
                default = more[0].value if more and isinstance(more[0], ast.Constant) else None
                taken[key] = default
            case ast.Subscript(
                value=ast.Name(id=name), slice=ast.Constant(value=str(key)), ctx=ast.Load()
            ) if name == rest:
                taken.setdefault(key, None)
            case ast.Compare(
                left=ast.Constant(value=str(key)),
                ops=[ast.In()],
                comparators=[ast.Name(id=name)],
            ) if name == rest:
                taken.setdefault(key, None)
    return taken


def _base_call(tree: ast.AST, rest: str) -> ast.Call | None:
    """The one `super().__init__(..., **rest)` call; None when there is none or more than one."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "super"
        and any(
            keyword.arg is None and isinstance(keyword.value, ast.Name) and keyword.value.id == rest
            for keyword in node.keywords
        )
    ]
    return calls[0] if len(calls) == 1 else None
