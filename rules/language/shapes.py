"""The `gives` clause: the shape and dtype of a result, as data for the shape analysis."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .errors import invalid
from .functions import FUNCTIONS
from .records import Parameter, ShapeRule
from .template import Names, Text, parse_python, template

SHAPE_FUNCTIONS = {
    "same": "the shape of x",
    "broadcast": "broadcast(a, b) or broadcast(xs)",
    "reduce": "reduce(x, axis, keepdims)",
    "last": "last(x, units): the last size replaced",
    "conv": "conv(x, filters, kernel_size, strides, padding, dilation_rate)",
    "conv_transpose": "conv_transpose(x, filters, kernel_size, strides, padding, output_padding)",
    "depthwise": "depthwise(x, multiplier, kernel_size, strides, padding, dilation_rate)",
    "pool": "pool(x, pool_size, strides, padding)",
    "global_pool": "global_pool(x, keepdims, data_format)",
    "flatten": "flatten(x): all but the first axis",
    "concat": "concat(xs, axis)",
    "matmul": "matmul(a, b)",
    "contract": "contract(x, y): the last axis of x with the last but one of y, none shared",
    "dot": "dot(xs, axes)",
    "einsum": "einsum(equation, xs)",
    "reshape": "reshape(x, shape): the whole target shape",
    "reshape_rest": "reshape_rest(x, shape): the first axis kept",
    "transpose": "transpose(x, perm)",
    "permute_rest": "permute_rest(x, dims): Keras Permute, axes from 1",
    "expand": "expand(x, axis)",
    "squeeze": "squeeze(x, axis)",
    "stack": "stack(xs, axis)",
    "unstack": "unstack(x, num, axis): a list",
    "split": "split(x, sizes, axis): a list",
    "tile": "tile(x, multiples)",
    "repeat": "repeat(x, repeats, axis)",
    "repeat_vector": "repeat_vector(x, n)",
    "pad": "pad(x, paddings): pairs for every axis",
    "pad_spatial": "pad_spatial(x, padding): Keras ZeroPadding",
    "stride_padding": "stride_padding(x, kernel_size): pairs of numbers",
    "crop": "crop(x, cropping)",
    "upsample": "upsample(x, size)",
    "resize": "resize(x, size)",
    "take": "take(x, indices, axis, batch_dims)",
    "embed": "embed(x, output_dim): one axis more",
    "reversible_embed": "reversible_embed(x, input_dim, output_dim, reverse): there and back",
    "attention": "attention(xs, return_scores): of a list [query, value] or [query, value, key]",
    "einsum_dense": "einsum_dense(x, equation, output_shape)",
    "recurrent": "recurrent(x, units, return_sequences, return_state)",
    "one_hot": "one_hot(x, depth, axis)",
    "shape_of": "shape_of(x): the vector of sizes",
    "array_of": "array_of(value, shape): of a tensor, in a shape if one is given",
    "filled": "filled(shape): a shape given as a value",
    "range": "range(start, limit, delta)",
    "vector": "vector(n)",
    "scalar": "rank 0",
    "size": "size(x): a scalar count",
    "same_as": "same_as(value): shape and dtype of any value, also of lists",
    "tuple_of": "several results",
    "unknown": "nothing is known",
}
"""Names that `gives` may call; the shape analysis implements them over symbolic sizes."""


def read_gives(text: Text, names: Names, inputs: Sequence[Parameter]) -> ShapeRule:
    """`fn(args)`, `Tensor[dtype, fn(args)]` or `Tensor[dtype, (*B, units)]`. Raises RuleError."""
    node = parse_python(text)
    dtype = None
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Tensor"
    ):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        dtype = _dtype(parts[0], text, names)
        node = parts[1] if len(parts) == 2 else ast.Call(ast.Name("unknown"), [], [])
    known = Names(names.variables, {*FUNCTIONS, *SHAPE_FUNCTIONS}, used=names.used)

    def value(e: ast.expr):
        return template(Text(ast.unparse(e), text.place), known)

    match node:
        case ast.Tuple():
            return ShapeRule("pattern", (value(node),), dtype=dtype)
        case ast.Name(id=name):
            return ShapeRule("pattern", (value(node),), dtype=dtype)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            if name not in SHAPE_FUNCTIONS:
                hint = f"shape functions: {', '.join(SHAPE_FUNCTIONS)}"
                raise invalid(text.place, f"unknown shape function `{name}`", hint)
            pairs = tuple((k.arg or "", value(k.value)) for k in keywords)
            return ShapeRule(name, tuple(map(value, arguments)), pairs, dtype)
        case _:
            raise invalid(
                text.place, "`gives` reads fn(...), Tensor[T, fn(...)] or Tensor[T, (B, D)]"
            )


def _dtype(node: ast.expr, text: Text, names: Names):
    """A dtype variable, a dtype name, or `dtype(parameter)`."""
    if isinstance(node, ast.Name) and len(node.id) <= 2:
        return template(Text(node.id, text.place), Names({node.id}))
    if isinstance(node, ast.Name):
        return template(Text(repr(node.id), text.place), Names(()))
    return template(
        Text(ast.unparse(node), text.place), Names(names.variables, FUNCTIONS, used=names.used)
    )
