"""Type comments as annotations: `# type: Float[Tensor, "b 3"]`, and shapes as the tool prints them.

    def f(x, w):  # type: (f32[B, 3], f32[3, K]) -> f32[B, K]
    x = load()    # type: f32[B, 28, 28]

Only the analysis reads them; the code that is translated stays as it is.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import replace

from ...ir.nodes import (
    AnnotatedAssign,
    Assign,
    Constant,
    Expression,
    FunctionDef,
    Module,
    Name,
    Node,
    Parameter,
    Subscript,
    Tuple,
    map_children,
)

_COMMENT = re.compile(r"#\s*type:\s*(?!ignore)(\S.*)")
_OWN = re.compile(r"(\??[a-z]*\d*)\[(.*)\]")
_DTYPES = {
    "?": "Shaped",
    "f16": "Float16",
    "bf16": "BFloat16",
    "f32": "Float32",
    "f64": "Float64",
    "i8": "Int8",
    "i32": "Int32",
    "i64": "Int64",
    "u8": "UInt8",
    "bool": "Bool",
}


def with_types(module: Module, text: str) -> Module:
    """The module with its type comments as annotations, where there is no annotation."""
    if _COMMENT.search(text) is None:
        return module
    comments = _comments(text)
    if not comments:
        return module

    def visit(node: Node) -> Node:
        inner = map_children(node, visit)
        match inner:
            case FunctionDef():
                return _function(inner, comments)
            case Assign(targets=(target,), value=value, span=span) if span is not None:
                kind = annotation_of(comments.get(span.end_line, ""))
                if kind is None:
                    return inner
                return AnnotatedAssign(target, replace(kind, span=span), value, span=span)
            case _:
                return inner

    found = visit(module)
    assert isinstance(found, Module)
    return found


def _comments(text: str) -> dict[int, str]:
    """By line, what stands after `# type:`."""
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and (told := _COMMENT.fullmatch(token.string)):
                found[token.start[0]] = told[1].strip()
    except (tokenize.TokenError, SyntaxError):
        return {}
    return found


def _function(node: FunctionDef, comments: Mapping[int, str]) -> FunctionDef:
    if node.span is None or not node.body or node.body[0].span is None:
        return node
    lines = range(node.span.start_line, node.body[0].span.start_line)
    whole = next((comments[n] for n in lines if comments.get(n, "").startswith("(")), "")
    kinds = _of_signature(whole)
    own = [p for p in node.parameters]
    # A method may leave `self` out.
    skip = len(own) - len(kinds) if 0 <= len(own) - len(kinds) <= 1 else len(own)
    found: list[Parameter] = []
    for index, parameter in enumerate(own):
        kind = kinds[index - skip] if index >= skip else None
        if kind is None and parameter.span is not None:
            kind = annotation_of(comments.get(parameter.span.end_line, ""))
        if kind is None or parameter.annotation is not None:
            found.append(parameter)
            continue
        found.append(replace(parameter, annotation=replace(kind, span=parameter.span)))
    return replace(node, parameters=tuple(found))


def _of_signature(text: str) -> list[Expression | None]:
    """The types of the parameters in `(A, B) -> C`."""
    inner = text.rpartition("->")[0].strip()
    if not (inner.startswith("(") and inner.endswith(")")):
        return []
    return [annotation_of(part) for part in _parts(inner[1:-1])]


def _parts(text: str) -> list[str]:
    """Split at the commas that are in no bracket and no string."""
    found, depth, quote = [""], 0, ""
    for c in text:
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in "[(":
            depth += 1
        elif c in "])":
            depth -= 1
        if c == "," and not depth and not quote:
            found.append("")
        else:
            found[-1] += c
    return [part.strip() for part in found if part.strip()]


def annotation_of(text: str) -> Expression | None:
    """A type of arrays as an annotation of the jaxtyping form; None for other types."""
    own = _OWN.fullmatch(text.strip())
    if own is not None and own[1] in _DTYPES:
        sizes = [s.strip() for s in own[2].split(",") if s.strip()]
        plain = (s if re.fullmatch(r"[A-Za-z_]\w*|\d+|\.\.\.", s) else "_" for s in sizes)
        return _jaxtyping(_DTYPES[own[1]], " ".join(plain))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None
    match tree:
        case ast.Subscript(value=kind, slice=ast.Tuple(elts=[_, ast.Constant(value=str() as s)])):
            match kind:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    return _jaxtyping(name, s)
                case _:
                    return None
        case _:
            return None


def _jaxtyping(kind: str, sizes: str) -> Subscript:
    return Subscript(Name(kind), Tuple((Name("Array"), Constant(sizes))))
