"""What the frameworks themselves say of a region's symbols, cut to what one call is about.

TensorFlow's documentation says what a call means, which small models do not know; many of its
functions are Python over simpler operations, and those lines are the region in smaller steps. Of
JAX's functions the first sentence stands on their cards. The texts come from the sandboxes.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from .contract import Region

SECTION = re.compile(
    r"^(Args|Arguments|Returns?|Raises|Attributes|Notes?|References?|Usage.*|Call arguments|"
    r"Input shape|Output shape|@compatibility.*|Example.*):?\s*$"
)
ARGUMENT = re.compile(r"^( *)\**(\w+): *(.*)$")
LINK = re.compile(r"\[([^\]\n]*)\]\([^)\n]*\)")
TAG = re.compile(r"</?[a-z]+\b[^>]*>|`|:func:|:math:")
SHOWN_TENSOR = re.compile(r"<tf\.Tensor:[^>]*?numpy=\s*(.*?)>", re.DOTALL)
SHOWN_ARRAY = re.compile(r"^array\((.*?)(, dtype=\w+)?\)$", re.DOTALL)
OLD = re.compile(r"\(deprecated arguments\)|Deprecated: .*?(?=\n\n|\Z)\n*", re.DOTALL)
DOC, SHORT_DOC, CODE, SENTENCE = 600, 160, 900, 80
"""Characters: of documentation, of it beside code, of code, of a card's sentence."""
KINDS = ("is_complex", "IndexedSlices", "SparseTensor", "is_tf_type", "is_quantized", "ragged")
"""Branches on kinds of values that no region has."""
WRAPPERS = ("convert_to_tensor", "identity", "convert_n_to_tensor")
GENERIC = ("A Tensor.", "A Tensor with the same type", "A Tensor of the same", "Tensor.")


@dataclass(frozen=True, slots=True)
class Facts:
    """`documents` and `codes` by symbol of the region, as they are; `sentences`: what JAX's
    functions do, by full name; `example`: a case of the oracle."""

    documents: Mapping[str, str] = field(default_factory=dict[str, str])
    codes: Mapping[str, str] = field(default_factory=dict[str, str])
    sentences: Mapping[str, str] = field(default_factory=dict[str, str])
    example: str = ""


def described(region: Region, facts: Facts) -> list[str]:
    """TensorFlow's own words on each symbol of a region; few where its steps say more."""
    found: list[str] = []
    for symbol in region.symbols:
        given = _given(region.body, symbol)
        named = [name for name, value in given.items() if not isinstance(value, ast.Name)]
        limit = SHORT_DOC if steps(region, facts) else DOC
        text = document(facts.documents.get(symbol, ""), named, limit)
        if text:
            found.append(f"What {symbol} does:\n{text}")
    return found


def steps(region: Region, facts: Facts) -> str:
    """The region with the code of its function in the place of the call, where that is Python over
    simpler operations: what is left to translate are the lines, one by one. "" for another."""
    call = ast.parse(region.body, mode="eval").body
    if not isinstance(call, ast.Call) or call.args:
        return ""
    function = code(facts.codes.get(ast.unparse(call.func), ""), _given_to(call))
    if function is None:
        return ""
    known = {k.arg: k.value for k in call.keywords if k.arg}
    arguments = function.args.args
    defaults = dict(zip(reversed(arguments), reversed(function.args.defaults), strict=False))
    used = {n.id for s in function.body for n in ast.walk(s) if isinstance(n, ast.Name)}
    lines = [
        f"{one.arg} = {ast.unparse(value)}"
        for one in arguments
        if (value := known.get(one.arg, defaults.get(one))) is not None
        and one.arg in used
        and ast.unparse(value) != one.arg
    ]
    lines += [line for s in function.body for line in ast.unparse(s).splitlines()]
    text = "\n".join([region.signature, *(f"    {line}" for line in lines)])
    return text if len(text) <= CODE else ""


def _given(body: str, symbol: str) -> dict[str, ast.expr]:
    """The arguments of the first call of a symbol."""
    for node in ast.walk(ast.parse(body, mode="eval")):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == symbol:
            return _given_to(node)
    return {}


def _given_to(call: ast.Call) -> dict[str, ast.expr]:
    return {k.arg: k.value for k in call.keywords if k.arg}


# ------------------------------------------------------------------------------- documentation


def document(text: str, keywords: Sequence[str], limit: int = DOC) -> str:
    """The first paragraph, then those that speak of the arguments or hold a formula, as far as the
    limit goes; what the text says of the arguments, and of what is returned."""
    text = OLD.sub("", inspect.cleandoc(text or ""))
    parts = _sections(text)
    paragraphs = [p for p in re.split(r"\n\s*\n", parts.pop("", "")) if p.strip()]
    # Formulas stand indented below the sentence that announces them.
    joined: list[str] = []
    for one in paragraphs:
        if joined and (joined[-1].rstrip().endswith(":") or one.startswith("    ")):
            joined[-1] += "\n" + one
        else:
            joined.append(one)
    lines = [line for name, line in _arguments(parts.get("Args", "")) if name in keywords]
    returned = _plain(parts.get("Returns", parts.get("Return", ""))).replace("\n", " ")[:140]
    if returned and not returned.startswith(GENERIC):
        lines.append(f"Returns: {returned}")
    tail = lines if limit > SHORT_DOC else []
    left = limit - sum(map(len, tail))
    ranked = sorted(
        range(len(joined)), key=lambda n: (-_worth(joined[n], keywords) - 9 * (not n), n)
    )
    kept: list[int] = []
    for number in ranked:
        size, worth = len(_plain(joined[number])), _worth(joined[number], keywords)
        beside_code = limit == SHORT_DOC and (worth < 2 or "tf." in joined[number])
        if not number or (size <= left and worth >= 0 and not beside_code):
            kept.append(number)
            left -= size
    shown = [_plain(joined[number])[:limit] for number in sorted(kept)]
    return "\n".join(line for line in (*shown, *tail) if line)


def _sections(text: str) -> dict[str, str]:
    found: dict[str, list[str]] = {"": []}
    name = ""
    for line in text.splitlines():
        head = SECTION.match(line)
        if head is not None:
            name = head[1]
        found.setdefault(name, []).append(line)
    return {
        name: textwrap.dedent("\n".join(lines[bool(name) :])).strip("\n")
        for name, lines in found.items()
    }


def _arguments(text: str) -> Iterator[tuple[str, str]]:
    """Each argument with the first two sentences on it."""
    entries: list[list[str]] = []
    for line in text.splitlines():
        head = ARGUMENT.match(line)
        if head is not None and not head[1]:
            entries.append([head[2], head[3]])
        elif entries:
            entries[-1][1] += " " + line.strip()
    for name, said in entries:
        sentences = re.split(r"(?<=\.) ", _plain(said))
        told = [s for s in sentences if "following types" not in s and s not in GENERIC]
        if told and told[0]:
            yield name, f"{name}: {' '.join(told[:2])[:140]}"


def _worth(paragraph: str, keywords: Sequence[str]) -> float:
    """Formulas and examples of the very arguments are worth most."""
    spoken = sum(bool(re.search(rf"\b{re.escape(word)}\b", paragraph)) for word in keywords)
    formula = bool(re.search(r"\w\)? = .*[-+*/(\[]|[-+*/] \w+ [-+*/]", paragraph))
    return 2.0 * formula + min(spoken, 2) - ("https" in paragraph) - ("import" in paragraph)


def _plain(text: str) -> str:
    """Without markup, and as short lines as it was."""
    text = SHOWN_TENSOR.sub(lambda m: SHOWN_ARRAY.sub(r"\1", m[1]), text.strip("\n"))
    lines = (TAG.sub("", LINK.sub(r"\1", line)).rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line.strip())


def sentence(text: str) -> str:
    """The first sentence of a function's documentation."""
    lines = inspect.cleandoc(text or "").split("\n\n")[0].replace("\n", " ").strip()
    first = re.split(r"(?<=\.)\s", TAG.sub("", lines), maxsplit=1)[0].rstrip(".")
    return first if len(first) <= SENTENCE else first[: first.rindex(" ", 0, SENTENCE)] + " ..."


# ---------------------------------------------------------------------------------------- code


def code(text: str, given: Mapping[str, ast.expr] = MappingProxyType({})) -> ast.FunctionDef | None:
    """A function that is Python over other operations, cut to the lines that a call with the
    arguments `given` goes through; None for a wrapper of one operation, and for what is no such
    function."""
    if not text or "pywrap_tfe" in text:
        return None
    try:
        tree = ast.parse(textwrap.dedent(text))
    except SyntaxError:
        return None
    function = tree.body[0] if tree.body else None
    if not isinstance(function, ast.FunctionDef):
        return None
    _Steps(_constants(function, given)).visit(function)
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    if any(isinstance(node, ast.Try | ast.FunctionDef | ast.Lambda) for node in nodes):
        return None
    # One operation and what is checked before it: a wrapper, which says nothing.
    if sum(_is_operation(node) for node in nodes) < 2:
        return None
    return ast.fix_missing_locations(function)


def _is_operation(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return isinstance(node.func.value, ast.Name) and node.func.value.id == "tf"
    return isinstance(node, ast.BinOp)


def _constants(function: ast.FunctionDef, given: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
    """What each parameter is in a call, for those of which that is known."""
    arguments = function.args.args
    defaults = dict(zip(reversed(arguments), reversed(function.args.defaults), strict=False))
    values = {one.arg: given.get(one.arg, defaults.get(one)) for one in arguments}
    return {name: value for name, value in values.items() if value is not None}


class _Steps(ast.NodeTransformer):
    """Leaves the arithmetic: no scopes of names, checks, conversions or documentation, and of
    branches the one that is taken where the `values` of parameters say which."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self._values = dict(values)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list, node.returns = [], None
        if node.args.args and node.args.args[-1].arg == "name" and node.args.defaults:
            node.args.args.pop()
            node.args.defaults.pop()
        for one in (*node.args.args, *node.args.kwonlyargs):
            one.annotation = None
        self.generic_visit(node)
        return node

    def visit_With(self, node: ast.With) -> list[ast.stmt]:
        self.generic_visit(node)
        return node.body

    def visit_Expr(self, node: ast.Expr) -> None:
        """Documentation, checks of shapes."""
        return

    def visit_Raise(self, node: ast.Raise) -> None:
        return

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt] | None:
        known = self._known(node.test)
        if known is not None:
            chosen = node.body if known else node.orelse
            return [s for one in chosen for s in _listed(self.visit(one))]
        self.generic_visit(node)
        if not node.body and not node.orelse:
            return None
        if not node.body:
            node.body = [ast.Pass()]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        known = self._known(node.test)
        if known is not None:
            return self.visit(node.body if known else node.orelse)
        self.generic_visit(node)
        return node

    def _known(self, test: ast.expr) -> bool | None:
        """What is known of a condition."""
        text = ast.unparse(test)
        if any(kind in text for kind in KINDS):
            return False
        match test:
            case ast.Call(args=[ast.Name(id=name)]) if text.startswith("np.isscalar("):
                value = self._values.get(name)
                return None if value is None else isinstance(value, ast.Constant)
            case ast.Compare(left=ast.Name(id=name), ops=[operator], comparators=[ast.Constant()]):
                return self._compared(name, operator, test.comparators[0])
            case _:
                return None

    def _compared(self, name: str, operator: ast.cmpop, other: ast.expr) -> bool | None:
        value = self._values.get(name)
        assert isinstance(other, ast.Constant)
        if value is None:
            return None
        if not isinstance(value, ast.Constant):
            # Whatever an argument is that the call computes, it is not None.
            if other.value is not None or not isinstance(operator, ast.Is | ast.IsNot):
                return None
            return isinstance(operator, ast.IsNot)
        left, right = value.value, other.value
        match operator:
            case ast.Is() | ast.Eq():
                return left == right
            case ast.IsNot() | ast.NotEq():
                return left != right
            case ast.Lt() | ast.Gt() if isinstance(left, int | float) and isinstance(
                right, int | float
            ):
                return left < right if isinstance(operator, ast.Lt) else left > right
            case _:
                return None

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        self.generic_visit(node)
        if ast.unparse(node.targets[0]) == ast.unparse(node.value):
            return None
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                self._values.pop(one.id, None)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.keywords = [k for k in node.keywords if k.arg != "name"]
        if isinstance(node.func, ast.Name):
            old = node.func.id == "deprecated_argument_lookup"
            return node.args[1] if old and len(node.args) > 1 else node
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return node.args[0] if name in WRAPPERS and node.args else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        owner = node.value
        if isinstance(owner, ast.Name) and re.search(r"(^|_)ops$|^nn_impl$|^gen_", owner.id):
            return ast.Attribute(ast.Name("tf", ast.Load()), node.attr.strip("_"), node.ctx)
        return node


def _listed(found: ast.AST | list[ast.stmt] | None) -> list[ast.stmt]:
    if isinstance(found, list):
        return found
    return [found] if isinstance(found, ast.stmt) else []
