"""API functions that no `gives` clause can describe."""

from __future__ import annotations

from collections.abc import Mapping

from ...rules.language.records import Rule
from . import applications, layers, models
from .broadcasting import whole as made
from .dtypes import dtype_of, number_dtype, policy_dtype
from .machine import Machine
from .native_arrays import ARRAYS
from .native_tensors import (
    bias_add,
    broadcast_to,
    chosen,
    filled,
    image_resize,
    matvec,
    sequence_mask,
    sliced,
    tensordot,
)
from .requests import Native, Request
from .results import Site, result, with_dtype
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


def _input(m: Machine, r: Request) -> Value:
    batch_shape = r.get("batch_shape", r.get("batch_input_shape"))
    tensor = r.get("tensor")
    if isinstance(tensor, Tensor):
        return tensor
    if batch_shape != NONE:
        return models.input_tensor(m, batch_shape, r.get("dtype"), r.place)
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
    return models.input_tensor(m, whole, r.get("dtype"), r.place)


def _sequential(m: Machine, r: Request) -> Value:
    return models.make_stack(m, UNKNOWN if r.hidden else r.get("layers"), r.place)


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
        text = const(value)
        m.compute = name
        m.global_policy = text if isinstance(text, str) and text.startswith("mixed_") else name
    return NONE


def _global_policy(m: Machine, r: Request) -> Value:
    return UNKNOWN if m.policy else Const(m.global_policy)


def _policy_object(m: Machine, r: Request) -> Value:
    """`Policy("mixed_float16")` is known by its name."""
    return next(iter(r.bound.values()), UNKNOWN)


def _unknown(m: Machine, r: Request) -> Value:
    return UNKNOWN


def _function(m: Machine, r: Request) -> Value:
    """`tf.function(f)`, or a decorator made by `tf.function(...)`."""
    function = r.get("func")
    return UNKNOWN if function == NONE else function


def add_weight(m: Machine, given: Arguments, place: Place, dtype: str | None) -> Value:
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
    return Tensor(dims, dtype, (place,) * len(dims), None, variable=True)


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
    **ARRAYS,
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
    "keras.config.dtype_policy": _global_policy,
    "keras.mixed_precision.global_policy": _global_policy,
    "keras.mixed_precision.dtype_policy": _global_policy,
    "keras.mixed_precision.set_global_policy": _policy,
    "keras.config.set_floatx": _policy,
    "keras.backend.set_floatx": _policy,
    "tf.tensordot": tensordot,
    "tf.linalg.matvec": matvec,
    "tf.nn.bias_add": bias_add,
    "tf.where": chosen,
    "tf.broadcast_to": broadcast_to,
    "tf.image.resize": image_resize,
    "tf.function": _function,
    "keras.activations.get": _activation,
    "tf.fill": filled,
    "tf.slice": sliced,
    "tf.sequence_mask": sequence_mask,
    "tf.keras.Sequential": _sequential,
    "keras.applications.imagenet_utils.obtain_input_shape": _application_shape,
    "keras.applications.imagenet_utils.correct_pad": _application_padding,
}
