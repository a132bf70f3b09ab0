"""The regions of a compilation: open places, and what the shape analysis knows of operands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from ..ir.nodes import OpCall, Symbol, walk
from ..ir.span import Span
from ..transpiler.analysis import Analysis, analyse
from ..transpiler.files import SourceFile
from ..transpiler.fills import OpenPlace, open_places
from ..transpiler.pipeline import Compilation
from .contract import Operand, Region, ValueKind

AROUND = 3
"""Lines of source shown above and below a region."""
SOURCES = ("tf", "keras")
DTYPES = {
    "f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64",
    "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64", "u8": "uint8",
    "bool": "bool", "c64": "complex64", "c128": "complex128", "complex64": "complex64",
}  # fmt: skip
TYPE = re.compile(r"(?P<dtype>[a-z]+\d*|\?)\[(?P<sizes>[^\]]*)\]")
STATIC = re.compile(r"-?\d+(\.\d+)?$|True$|False$|None$|int$|float$|bool$|str$|['\"]")
SIZES = ("multiples", "shape", "size", "sizes", "target_shape", "new_shape", "dims", "repeats")
"""Parameters that take a list of sizes."""
# TensorFlow's own objects, files, and Python callbacks are no values that JAX could compute.
HOPELESS = {
    "tf.strings": "strings have no counterpart on a device",
    "tf.io": "files belong to the host",
    "tf.data": "input pipelines stay on the host",
    "tf.py_function": "it calls back into Python",
    "tf.numpy_function": "it calls back into Python",
    "tf.lookup": "lookup tables have no counterpart",
    "tf.ragged": "ragged tensors have no counterpart",
    "tf.saved_model": "saved models hold TensorFlow graphs",
    "tf.train": "checkpoints and sessions are TensorFlow's own",
    "tf.summary": "summaries are written on the host",
    "tf.distribute": "devices are given by JAX's own means",
}


def find_regions(compilation: Compilation, sources: Mapping[str, SourceFile]) -> list[Region]:
    """All open places of a compilation, in the order of modules and places."""
    places = [
        place
        for name in sources
        if name in compilation.translated
        for place in open_places(compilation.translated[name])
    ]
    if not places:
        return []
    modules = {name: lowered.module for name, lowered in compilation.lowered.items()}
    analysis = analyse(modules, compilation.program.rules, compilation.flavour)
    return [_region(place, sources[place.module], compilation, analysis) for place in places]


def _region(
    place: OpenPlace, source: SourceFile, compilation: Compilation, analysis: Analysis
) -> Region:
    span = place.node.span or place.node.original.span or Span(1, 0, 1, 0)
    symbols = tuple(dict.fromkeys(_symbols(place)))
    known = _known_types(analysis, place.module, span)
    sizes = _sizes(place.body or "")
    operands = tuple(
        _operand(one.name, one.spelling, known, one.name in sizes) for one in place.live_ins
    )
    lines = source.text.splitlines()
    first = max(0, span.start_line - 1 - AROUND)
    return Region(
        key=place.key,
        module=place.module,
        path=source.relative.as_posix(),
        line=span.start_line,
        scope=place.scope,
        code=place.node.code,
        message=place.node.message,
        keras=compilation.flavour,
        operands=operands,
        body=place.body or "",
        symbols=symbols,
        snippet="\n".join(lines[first : span.end_line + AROUND]),
        refusal=_refusal(place, symbols),
    )


def _symbols(place: OpenPlace) -> Iterator[str]:
    for node in walk(place.node.original):
        if isinstance(node, OpCall):
            yield node.symbol
        elif isinstance(node, Symbol) and node.path.partition(".")[0] in SOURCES:
            yield node.path


def _refusal(place: OpenPlace, symbols: tuple[str, ...]) -> str:
    if place.body is None:
        return place.reason
    for symbol in symbols:
        for prefix, reason in HOPELESS.items():
            if f"{symbol}.".startswith(f"{prefix}."):
                return reason
    if not symbols:
        return "there is no API call in it whose value could be compared"
    if any(s.startswith("keras.layers.") and s.split(".")[2][:1].isupper() for s in symbols):
        return "it makes a layer, which holds weights: a rule is needed"
    return ""


def _known_types(analysis: Analysis, module: str, span: Span) -> dict[str, str]:
    """The last type that each name was given above a place."""
    known: dict[str, str] = {}
    places = [place for place in analysis.types if place.module == module]
    for place in sorted(places, key=lambda p: (p.span.start_line, p.span.start_column)):
        if place.span.start_line < span.start_line:
            for name, found in analysis.types[place].items():
                known[name] = found[0] if len(set(found)) == 1 else ""
    return known


def _sizes(body: str) -> set[str]:
    """The operands that stand in a list of sizes (`multiples=[1, n]`): Python numbers, as far as a
    translation goes, since JAX has static sizes only."""
    lists = [
        keyword.value
        for node in ast.walk(ast.parse(body or "0"))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in SIZES and isinstance(keyword.value, ast.List | ast.Tuple)
    ]
    return {one.id for found in lists for one in found.elts if isinstance(one, ast.Name)}


def _operand(name: str, spelling: str, known: Mapping[str, str], is_size: bool) -> Operand:
    text = known.get(spelling.removeprefix("self."), "")
    match = TYPE.fullmatch(text)
    if match is None:
        kind: ValueKind = "static" if is_size or STATIC.match(text) else "unknown"
        return Operand(name, spelling, kind)
    dtype = DTYPES.get(match["dtype"])
    sizes = [size.strip() for size in match["sizes"].split(",") if size.strip()]
    if "..." in sizes or any(size.startswith("*") for size in sizes):
        return Operand(name, spelling, "tensor", dtype)
    shape = tuple(int(size) if size.isdecimal() else size for size in sizes)
    return Operand(name, spelling, "tensor", dtype, shape)
