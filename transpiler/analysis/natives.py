"""API functions that no `gives` clause can describe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...ir.dims import Dim
from ...rules.language.records import Rule
from . import applications, layers, size_vectors
from .broadcasting import broadcast, sizes_agree
from .checks import made
from .dtypes import dtype_of, number_dtype, policy_dtype
from .machine import Machine
from .results import Site, elementwise, result, with_dtype
from .size_vectors import vector
from .stated import opened
from .tensors import refine, stacked
from .text import dim_text, shape_text
from .values import (
    NONE,
    UNKNOWN,
    Api,
    Arguments,
    Const,
    Fixed,
    Function,
    Graph,
    Instance,
    Layer,
    Listing,
    Place,
    Size,
    Spec,
    Tensor,
    Value,
    const,
    dim_of,
    integer,
    items_of,
    size,
)


@dataclass(frozen=True, slots=True)
class Request:
    """A call with its arguments by name; `extra` are those that no parameter took."""

    symbol: str
    bound: Mapping[str, Value]
    extra: Arguments
    place: Place

    def get(self, name: str, default: Value = NONE) -> Value:
        return self.bound.get(name, self.extra.keywords.get(name, default))

    @property
    def hidden(self) -> bool:
        return not self.extra.complete


Native = Callable[[Machine, Request], Value]


def _input(m: Machine, r: Request) -> Value:
    batch_shape = r.get("batch_shape", r.get("batch_input_shape"))
    tensor = r.get("tensor")
    if isinstance(tensor, Tensor):
        return tensor
    if batch_shape != NONE:
        return layers.input_tensor(m, batch_shape, r.get("dtype"), r.place)
    shape = r.get("shape")
    items = items_of(shape)
    single = dim_of(shape)
    if items is None and single is not None and isinstance(shape, Const):
        items = (shape,)
    if items is None or r.hidden:
        return Tensor(
            None, "float32" if r.get("dtype") == NONE else dtype_of(r.get("dtype")), symbolic=True
        )
    batch = r.get("batch_size")
    whole = Fixed((batch, *items))
    return layers.input_tensor(m, whole, r.get("dtype"), r.place)


def _fill(m: Machine, r: Request) -> Value:
    items = items_of(r.get("dims", r.get("shape")))
    dtype = number_dtype(r.get("value")) if not isinstance(r.get("value"), Tensor) else None
    if isinstance(value := r.get("value"), Tensor):
        dtype = value.dtype
    if items is None:
        return Tensor(None, dtype)
    dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in items)
    return Tensor(dims, dtype, (r.place,) * len(dims))


def _slice(m: Machine, r: Request) -> Value:
    """-1 takes all that is left."""
    if (sizes := size_vectors.result("tf.slice", r.bound)) is not None:
        return sizes
    x, begin, count = r.get("input_"), items_of(r.get("begin")), items_of(r.get("size"))
    if not isinstance(x, Tensor) or x.dims is None or begin is None or count is None:
        return Tensor(None, x.dtype if isinstance(x, Tensor) else None)
    if len(begin) != len(x.dims) or len(count) != len(x.dims):
        message = f"a slice with {len(begin)} starts and {len(count)} sizes of {shape_text(x.dims)}"
        m.report("TJ4003", r.place, message, (made(x),))
        return Tensor(None, x.dtype)
    dims: list[Dim] = []
    for whole, first, number in zip(x.dims, begin, count, strict=True):
        start, taken = dim_of(first), dim_of(number)
        if taken == Dim.of(-1):
            taken = None if start is None else whole - start
        dims.append(m.solver.fresh("?") if taken is None else taken)
        here, there = m.number(whole), m.number(dims[-1])
        at = None if start is None else m.number(start)
        if here is not None and there is not None and at is not None and at + there > here:
            message = f"a slice of {there} from {at} on does not fit into {shape_text(x.dims)}"
            m.report("TJ4004", r.place, message, (made(x),))
            return Tensor(None, x.dtype)
    return Tensor(tuple(dims), x.dtype, (r.place,) * len(dims), None, x.symbolic)


def _sequence_mask(m: Machine, r: Request) -> Value:
    lengths, longest = stacked(m, r.get("lengths")), dim_of(r.get("maxlen"))
    kind = r.get("dtype")
    dtype = "bool" if kind == NONE else dtype_of(kind)
    if lengths is None or lengths.dims is None:
        return Tensor(None, dtype)
    last = m.solver.fresh("?") if longest is None else longest
    return Tensor((*lengths.dims, last), dtype, (*lengths.origins, r.place))


def _sequential(m: Machine, r: Request) -> Value:
    return layers.make_stack(m, UNKNOWN if r.hidden else r.get("layers"), r.place)


def _model(m: Machine, r: Request) -> Value:
    given = list(r.extra.positional)
    inputs = r.get("inputs", given.pop(0) if given else UNKNOWN)
    outputs = r.get("outputs", given.pop(0) if given else UNKNOWN)
    return Graph(inputs, outputs, r.place)


def _variable(m: Machine, r: Request) -> Value:
    value = r.get("initial_value", r.get("value", r.get("initializer")))
    found = stacked(m, value)
    if found is None:
        return UNKNOWN if r.get("shape") == NONE else Tensor(variable=True)
    dtype = found.dtype if r.get("dtype") == NONE else dtype_of(r.get("dtype"))
    origins = found.origins or (r.place,) * len(found.dims or ())
    return Tensor(found.dims, dtype, origins, found.last, variable=True)


def _constant(m: Machine, r: Request) -> Value:
    value = r.get("value", r.get("x", r.get("object")))
    given = items_of(r.get("shape"))
    dtype = r.get("dtype")
    sizes = vector(value)
    if given is None and sizes is not None and any(isinstance(v, Size) for v in sizes):
        return Fixed(sizes, shape=True)
    if given is not None:
        dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in given)
        return Tensor(dims, None if dtype == NONE else dtype_of(dtype), (r.place,) * len(dims))
    found = stacked(m, value)
    if found is None:
        return UNKNOWN
    kind = found.dtype if dtype == NONE else dtype_of(dtype)
    origins = found.origins or (r.place,) * len(found.dims or ())
    return Tensor(found.dims, kind, origins, found.last, found.symbolic)


def _cast(m: Machine, r: Request) -> Value:
    x, kind = r.get("x"), dtype_of(r.get("dtype"))
    if isinstance(x, (Size, Fixed)) and kind in ("int32", "int64"):
        return x
    if not isinstance(x, Tensor):
        x = stacked(m, x) or Tensor()
    return Tensor(x.dims, kind, x.origins, x.last, x.symbolic)


def _one_hot(m: Machine, r: Request) -> Value:
    """float32 unless values or a dtype are given."""
    rule = m.rules.for_symbol(r.symbol)
    binding = m.headings.bind(rule, r.symbol, r.bound) if isinstance(rule, Rule) else None
    if not isinstance(rule, Rule) or binding is None:
        return Tensor()
    found = result(m, rule, binding, Site(r.place))
    plain = all(binding.get(n, NONE) == NONE for n in ("dtype", "on_value", "off_value"))
    return with_dtype(found, "float32", False) if plain else found


def _range(m: Machine, r: Request) -> Value:
    rule = m.rules.for_symbol(r.symbol)
    binding = m.headings.bind(rule, r.symbol, r.bound) if isinstance(rule, Rule) else None
    if not isinstance(rule, Rule) or binding is None:
        return Tensor()
    found = result(m, rule, binding, Site(r.place))
    given = [r.get(name) for name in ("limit", "delta") if r.get(name) != NONE]
    kinds = {number_dtype(v) for v in (r.get("start"), *given)}
    stated = r.get("dtype")
    if stated != NONE:
        dtype = dtype_of(stated)
    else:
        dtype = (
            "int32" if kinds == {"int32"} else "float32" if kinds <= {"int32", "float32"} else None
        )
    return with_dtype(found, dtype, False)


def _spec(m: Machine, r: Request) -> Value:
    items = items_of(r.get("shape"))
    kind = r.get("dtype")
    dtype = "float32" if kind == NONE else dtype_of(kind)
    if items is None:
        return Spec(Tensor(None, dtype))
    dims = tuple(
        d if (d := dim_of(v)) is not None else m.solver.fresh("BNHWC"[i] if i < 5 else "N")
        for i, v in enumerate(items)
    )
    return Spec(Tensor(dims, dtype, (r.place,) * len(dims)))


def _shape_object(m: Machine, r: Request) -> Value:
    items = items_of(r.get("dims"))
    return UNKNOWN if items is None else Fixed(items)


def _int_shape(m: Machine, r: Request) -> Value:
    x = r.get("x")
    return layers.shape_value(x) if isinstance(x, Tensor) else UNKNOWN


def _ensure_shape(m: Machine, r: Request) -> Value:
    x, items = r.get("x"), items_of(r.get("shape"))
    if not isinstance(x, Tensor) and items is not None:
        return opened(m, x, [dim_of(v) for v in items], r.place)
    return refine(m, x, r.get("shape"), r.place) if isinstance(x, Tensor) else UNKNOWN


def _assert_equal(m: Machine, r: Request) -> Value:
    """Sizes that are asserted to be equal."""
    a, b = dim_of(r.get("x")), dim_of(r.get("y"))
    if a is not None and b is not None:
        message = f"{dim_text(a)} is asserted to equal {dim_text(b)}"
        m.require(a, b, r.place, message)
    return NONE


def _assert_rank(m: Machine, r: Request) -> Value:
    x, rank = r.get("x"), integer(r.get("rank"))
    if isinstance(x, Tensor) and x.rank is not None and rank is not None and x.rank != rank:
        message = f"rank {rank} is asserted of a tensor of shape {shape_text(x.dims)}"
        m.report("TJ4003", r.place, message, (made(x),))
    return NONE


def _data_format(m: Machine, r: Request) -> Value:
    return Const("channels_last")


def _set_data_format(m: Machine, r: Request) -> Value:
    """Shapes are worked out for channels last only; otherwise nothing more is said."""
    if const(r.get("data_format")) != "channels_last":
        m.switched_off = 1
        m.muted += 1
    return NONE


def _policy(m: Machine, r: Request) -> Value:
    """A policy that is set for the whole program is one for all layers. Where it may not be set,
    or is not a constant, nothing is said of their dtypes."""
    value = next(iter(r.bound.values()), UNKNOWN)
    name = policy_dtype(value)
    if r.symbol.endswith("floatx"):
        m.policy = True
    elif name is None or m.calls or m.muted:
        m.policy = True
        m.report("TJ4011", r.place, "what layers compute in depends on how the program is run")
    else:
        m.compute = name
    return NONE


def _policy_object(m: Machine, r: Request) -> Value:
    """`Policy("mixed_float16")` is known by its name."""
    return next(iter(r.bound.values()), UNKNOWN)


def _tensordot(m: Machine, r: Request) -> Value:
    a, b = r.get("a"), r.get("b")
    axes = r.get("axes", Const(2))
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        return Tensor()
    if a.dims is None or b.dims is None:
        return Tensor()
    number, listed = integer(axes), items_of(axes)
    if number is not None:
        first, second = list(range(len(a.dims) - number, len(a.dims))), list(range(number))
    elif listed is not None and len(listed) == 2:
        sides = [items_of(v) or (v,) for v in listed]
        numbers = [[integer(v) for v in side] for side in sides]
        if any(n is None for side in numbers for n in side):
            return Tensor()
        first, second = ([n for n in side if n is not None] for side in numbers)
    else:
        return Tensor()
    for axis, x in [*((i, a) for i in first), *((i, b) for i in second)]:
        if x.rank is not None and not -x.rank <= axis < x.rank:
            m.report("TJ4004", r.place, f"axis {axis} of a tensor of rank {x.rank}", (made(x),))
            return Tensor()
    for one, other in zip(first, second, strict=False):
        if not sizes_agree(m, a, b, one, other, r.place, "tensordot"):
            return Tensor()
    left = [i for i in range(len(a.dims)) if i not in {f % len(a.dims) for f in first}]
    right = [i for i in range(len(b.dims)) if i not in {s % len(b.dims) for s in second}]
    dims = (*(a.dims[i] for i in left), *(b.dims[i] for i in right))
    origins = (*(a.origin(i) for i in left), *(b.origin(i) for i in right))
    return Tensor(dims, a.dtype, origins)


def _matvec(m: Machine, r: Request) -> Value:
    a, b = r.get("a"), r.get("b")
    if not isinstance(a, Tensor) or not isinstance(b, Tensor) or not a.dims or not b.dims:
        return Tensor()
    flag = const(r.get("transpose_a", Const(False)))
    if len(a.dims) < 2 or not isinstance(flag, bool):
        return Tensor()
    inner, outer = (-2, -1) if flag else (-1, -2)
    if not sizes_agree(m, a, b, inner, -1, r.place, "the product of matrix and vector"):
        return Tensor()
    if len(a.dims) != 2 or len(b.dims) != 1:
        return Tensor(None, a.dtype, last=a.dims[outer])
    return Tensor((a.dims[outer],), a.dtype, (a.origin(outer),))


def _bias_add(m: Machine, r: Request) -> Value:
    x, bias = r.get("value", r.get("x")), r.get("bias")
    word = const(r.get("data_format"))
    if not isinstance(x, Tensor):
        return Tensor()
    last = word is None or (isinstance(word, str) and not word.startswith(("NC", "channels_first")))
    if not last or not isinstance(bias, Tensor) or bias.rank != 1 or not x.dims:
        return x
    if not sizes_agree(m, x, bias, -1, -1, r.place, "bias_add"):
        return Tensor()
    return x


def _where(m: Machine, r: Request) -> Value:
    parts = [r.get(name) for name in ("condition", "x", "y")]
    if NONE in parts:
        return Tensor()
    found = elementwise(m, parts, Site(r.place))
    dtypes = {v.dtype for v in parts[1:] if isinstance(v, Tensor)}
    dtype = dtypes.pop() if len(dtypes) == 1 else None
    return Tensor(found.dims, dtype, found.origins, found.last)


def _unknown(m: Machine, r: Request) -> Value:
    return UNKNOWN


def _function(m: Machine, r: Request) -> Value:
    """`tf.function(f)`, or a decorator made by `tf.function(...)`."""
    function = r.get("func")
    return UNKNOWN if function == NONE else function


def add_weight(m: Machine, given: Arguments, place: Place) -> Value:
    """`self.add_weight(...)`: the shape is the first sequence given."""
    shape = given.keywords.get("shape")
    if shape is None:
        shape = next((v for v in given.positional if items_of(v) is not None), None)
    if shape is None:
        names = [v for v in given.positional[:1] if isinstance(const(v), str)]
        if len(given.positional) > len(names) or not given.complete:
            return Tensor(variable=True)
        return Tensor((), None, variable=True)
    items = items_of(shape)
    if not given.complete or items is None:
        single = dim_of(shape)
        if single is None or not isinstance(shape, Const):
            return Tensor(variable=True)
        items = (shape,)
    dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in items)
    for d in dims:
        m.solver.is_size(d)
    kind = given.keywords.get("dtype", NONE)
    dtype = policy_dtype(kind) if kind != NONE else None if m.policy else m.compute
    return Tensor(dims, dtype, (place,) * len(dims), None, variable=True)


def _broadcast_to(m: Machine, r: Request) -> Value:
    x, items = r.get("input", r.get("x")), items_of(r.get("shape"))
    if items is None:
        return Tensor()
    dims = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in items)
    target = Tensor(dims, None, (r.place,) * len(dims))
    if isinstance(x, Tensor) and x.dims is not None:
        if broadcast(m, (x, target), r.place, "broadcast to each other") is None:
            return Tensor()
        return Tensor(dims, x.dtype, target.origins)
    return target


def precheck(m: Machine, rule: Rule, binding: Mapping[str, Value], place: Place) -> None:
    """Kernels given as tensors must have the channels of the input."""
    if not rule.symbol.startswith("tf.nn.") or "conv" not in rule.name or "transpose" in rule.name:
        return
    x = binding.get("input", binding.get("value", UNKNOWN))
    kernel = binding.get("filters", binding.get("filter", UNKNOWN))
    if not isinstance(x, Tensor) or not isinstance(kernel, Tensor) or not x.dims or not kernel.dims:
        return
    if len(x.dims) != len(kernel.dims) or len(kernel.dims) < 3:
        return
    channels, wanted = m.number(x.dims[-1]), m.number(kernel.dims[-2])
    depthwise = rule.name.startswith(("depthwise", "separable"))
    # Grouped convolutions have kernels with a part of the channels.
    if channels is None or not wanted or (channels % wanted == 0 and not depthwise):
        return
    sizes_agree(m, x, kernel, -1, -2, place, "a convolution")


def _image_resize(m: Machine, r: Request) -> Value:
    x, sizes = r.get("images"), items_of(r.get("size"))
    if not isinstance(x, Tensor) or x.dims is None or sizes is None or len(sizes) != 2:
        return Tensor()
    if (
        len(x.dims) not in (3, 4)
        or const(r.get("preserve_aspect_ratio", Const(False))) is not False
    ):
        return Tensor()
    new = tuple(d if (d := dim_of(v)) is not None else m.solver.fresh("?") for v in sizes)
    dims = (*x.dims[:-3], *new, x.dims[-1])
    origins = (*(x.origin(i) for i in range(len(x.dims) - 3)), r.place, r.place, x.origin(-1))
    return Tensor(dims, None, origins, None, x.symbolic)


def _activation(m: Machine, r: Request) -> Value:
    """`keras.activations.get`: the function of that name; what can be called stays."""
    value = r.get("identifier")
    name = const(value)
    if value == NONE:
        return Api("keras.activations.linear")
    if isinstance(name, str):
        rule = m.rules.named("activation", name)
        return Api(rule.symbol) if isinstance(rule, Rule) else UNKNOWN
    return value if isinstance(value, (Api, Function, Layer, Instance)) else UNKNOWN


def _application_shape(m: Machine, r: Request) -> Value:
    names = ("input_shape", "default_size", "require_flatten", "weights")
    return UNKNOWN if r.hidden else applications.input_shape(*map(r.get, names))


def _application_padding(m: Machine, r: Request) -> Value:
    x = r.get("inputs")
    dims = x.dims if isinstance(x, Tensor) else None
    if dims is None or len(dims) != 4:
        return UNKNOWN
    return applications.padding([size(d) for d in dims[1:3]], r.get("kernel_size"))


NATIVE: Mapping[str, Native] = {
    "keras.Input": _input,
    "keras.layers.Input": _input,
    "keras.Sequential": _sequential,
    "keras.Model": _model,
    "tf.Variable": _variable,
    "tf.compat.v1.Variable": _unknown,
    "keras.Variable": _variable,
    "keras.backend.variable": _variable,
    "tf.constant": _constant,
    "tf.compat.v1.constant": _constant,
    "keras.backend.constant": _constant,
    "tf.convert_to_tensor": _constant,
    "keras.ops.convert_to_tensor": _constant,
    "tf.cast": _cast,
    "keras.ops.cast": _cast,
    "keras.backend.cast": _cast,
    "tf.range": _range,
    "tf.one_hot": _one_hot,
    "tf.TensorSpec": _spec,
    "tf.TensorShape": _shape_object,
    "keras.backend.int_shape": _int_shape,
    "tf.ensure_shape": _ensure_shape,
    "tf.assert_equal": _assert_equal,
    "tf.debugging.assert_equal": _assert_equal,
    "tf.assert_rank": _assert_rank,
    "tf.debugging.assert_rank": _assert_rank,
    "keras.config.image_data_format": _data_format,
    "keras.backend.image_data_format": _data_format,
    "keras.config.set_image_data_format": _set_data_format,
    "keras.backend.set_image_data_format": _set_data_format,
    "keras.DTypePolicy": _policy_object,
    "keras.config.set_dtype_policy": _policy,
    "keras.mixed_precision.set_global_policy": _policy,
    "keras.config.set_floatx": _policy,
    "keras.backend.set_floatx": _policy,
    "tf.tensordot": _tensordot,
    "tf.linalg.matvec": _matvec,
    "tf.nn.bias_add": _bias_add,
    "tf.where": _where,
    "tf.broadcast_to": _broadcast_to,
    "tf.image.resize": _image_resize,
    "tf.function": _function,
    "keras.activations.get": _activation,
    "tf.fill": _fill,
    "tf.slice": _slice,
    "tf.sequence_mask": _sequence_mask,
    "tf.keras.Sequential": _sequential,
    "keras.applications.imagenet_utils.obtain_input_shape": _application_shape,
    "keras.applications.imagenet_utils.correct_pad": _application_padding,
}

__all__ = ["NATIVE", "Dim", "Listing", "Request", "add_weight", "precheck"]
