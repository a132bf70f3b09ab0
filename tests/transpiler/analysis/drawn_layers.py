"""Families of layers, windows and dtypes for the drawn tests, one function a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.transpiler.analysis.drawn import Draw

Family = Callable[[Draw], str]
TYPES = ("float32", "float32", "int32", "int64", "float16", "bool")


def _window(draw: Draw) -> tuple[int, int, int]:
    """Kernel, stride, dilation: not both of the last."""
    k, s = draw.int(1, 4), draw.int(1, 3)
    return (k, s, 1) if draw.flag() else (k, 1, draw.int(1, 3))


def conv(draw: Draw) -> str:
    rank = draw.int(1, 3)
    channels = draw.of(1, 2, 4)
    images = (*draw.sizes(1, 1), *(draw.int(1, 9) for _ in range(rank)), channels)
    x = draw.array(images, known=(-1,))
    k, s, d = _window(draw)
    padding = draw.of("same", "valid", "SAME")
    groups = draw.of(1, channels)
    upper = padding.upper()
    weights = f"tf.zeros({[*[k] * (rank - 1), draw.of(1, k), channels, 3]})"
    return draw.of(
        f"layers.Conv{rank}D(4, {k}, strides={s}, padding={padding!r}, dilation_rate={d})({x})",
        f"layers.Conv{rank}D(4, {k}, {s}, padding={padding!r}, groups={groups})({x})",
        f"layers.Conv1D(4, {k}, {s}, padding='causal', dilation_rate={d})({x})",
        f"layers.DepthwiseConv{rank}D({k}, {s}, {padding!r}, depth_multiplier=2)({x})",
        f"layers.SeparableConv{rank}D(4, {k}, {s}, {padding!r}, dilation_rate={d})({x})",
        f"tf.nn.conv{rank}d({x}, {weights}, {s}, {upper!r})",
        f"tf.nn.convolution({x}, {weights}, padding={upper!r}, strides={s})",
        f"tf.nn.conv2d({x}, {weights}, {[1, s, s, 1]}, {upper!r}, dilations={d})",
        f"tf.nn.depthwise_conv2d({x}, tf.zeros({[k, k, channels, 2]}), {[1, s, s, 1]}, {upper!r})",
        f"keras.ops.conv({x}, {weights}, {s}, {padding.lower()!r})",
        f"tf.nn.conv2d({x}, {weights}, 1, [[0, 0], [1, 2], [{k}, 0], [0, 0]])",
    )


def transposed(draw: Draw) -> str:
    rank = draw.int(1, 3)
    images = (*draw.sizes(1, 1), *(draw.int(1, 6) for _ in range(rank)), 3)
    x = draw.array(images, known=(-1,))
    k, s = draw.int(1, 4), draw.int(1, 3)
    padding = draw.of("same", "valid")
    more = draw.of(None, *range(s))
    sizes = [n * s for n in images[1:-1]]
    spread = ", ".join(f"tf.shape({x})[{i + 1}] * {s}" for i in range(rank))
    kernel = [k] * rank
    kind = f"tf.nn.conv{rank}d_transpose({x}, tf.zeros({[*kernel, 4, 3]}), "
    return draw.of(
        f"layers.Conv{rank}DTranspose(4, {k}, {s}, {padding!r})({x})",
        f"layers.Conv{rank}DTranspose(4, {k}, {s}, {padding!r}, output_padding={more})({x})",
        f"layers.Conv{rank}DTranspose(4, {k}, padding={padding!r}, dilation_rate={s})({x})",
        f"{kind}{[images[0], *sizes, 4]}, {s}, 'SAME')",
        f"{kind}[tf.shape({x})[0], {spread}, 4], {s}, 'SAME')",
        f"layers.UpSampling{rank}D({s})({x})",
        f"keras.ops.conv_transpose({x}, tf.zeros({[*kernel, 4, 3]}), {s}, {padding!r})",
        f"layers.ZeroPadding{rank}D({k})({x})",
        f"layers.Cropping{rank}D({s - 1})({x})",
    )


def pool(draw: Draw) -> str:
    rank = draw.int(1, 3)
    images = (*draw.sizes(1, 1), *(draw.int(1, 9) for _ in range(rank)), draw.of(1, 4))
    x = draw.array(images, known=(-1,))
    k, s, padding = draw.int(1, 4), draw.of(None, 1, 2, 3), draw.of("same", "valid")
    kind = draw.of("Max", "Average")
    upper = padding.upper()
    keep = draw.flag()
    return draw.of(
        f"layers.{kind}Pooling{rank}D({k}, {s}, {padding!r})({x})",
        f"layers.Global{kind}Pooling{rank}D(keepdims={keep})({x})",
        f"tf.nn.max_pool{rank}d({x}, {k}, {s or 1}, {upper!r})",
        f"tf.nn.avg_pool2d({x}, [1, {k}, 1, 1], [1, {s or 1}, 1, 1], {upper!r})",
        f"tf.nn.pool({x}, [{k}] * {rank}, 'MAX', padding={upper!r}, strides=[{s or 1}] * {rank})",
        f"keras.ops.max_pool({x}, {k}, {s}, {padding!r})",
        f"keras.ops.average_pool({x}, {k}, {s}, {padding!r})",
        f"tf.image.extract_patches({x}, {[1, k, k, 1]}, {[1, s or 1, 2, 1]}, [1] * 4, {upper!r})",
        f"tf.nn.space_to_depth({x}, {s or 2})",
        f"tf.nn.depth_to_space({x}, 2)",
        f"tf.image.resize({x}, [{k}, {k + 1}])",
        f"tf.image.resize({x}, [{x}.shape[1] * 2, 3], method='nearest')",
        f"tf.image.central_crop({x}, 0.5)",
        f"tf.image.crop_to_bounding_box({x}, 0, 0, 1, 1)",
        f"tf.image.pad_to_bounding_box({x}, 1, 2, 12, 13)",
        f"tf.image.flip_left_right({x})",
    )


def sequence(draw: Draw) -> str:
    b, t, c = draw.sizes(3, 3)
    x = draw.array((b, t, c), known=(-1,))
    ids = draw.array((b, t), "int32")
    n = draw.int(1, 4)
    whole, state = draw.flag(), draw.flag()
    merge = draw.of("concat", "sum", "ave", None)
    kind = draw.of("LSTM", "GRU", "SimpleRNN")
    cell = f"layers.{kind}({n}, return_sequences={whole}, return_state={state})"
    plain = f"layers.{kind}({n}, return_sequences={whole})"
    return draw.of(
        f"{cell}({x})",
        f"layers.{kind}({n}, return_sequences={whole}, go_backwards=True)({x})",
        f"layers.Bidirectional({plain}, merge_mode={merge!r})({x})",
        f"layers.RNN(layers.{kind}Cell({n}), return_sequences={whole})({x})",
        f"layers.RNN([layers.{kind}Cell({n}), layers.{kind}Cell({n + 1})])({x})",
        f"layers.TimeDistributed(layers.Dense({n}))({x})",
        f"layers.MultiHeadAttention({n}, 2)({x}, {x})",
        f"layers.MultiHeadAttention({n}, 2, value_dim=3, output_shape=5)({x}, {x}[:, :1])",
        f"layers.MultiHeadAttention({n}, 2)({x}, {x}, return_attention_scores=True)",
        f"layers.Attention()([{x}, {x}[:, :1]])",
        f"layers.AdditiveAttention()([{x}, {x}])",
        f"layers.Dot(axes={draw.of(1, 2, -1, (2, 2))})([{x}, {x}])",
        f"layers.Embedding(9, {n}, mask_zero=True)({ids})",
        f"layers.LayerNormalization()({x})",
        f"layers.Dense({n}, activation='relu')({x})",
        f"layers.EinsumDense('abc,cd->abd', output_shape=(None, {n}))({x})",
        f"layers.GlobalAveragePooling1D()({x})",
        f"layers.Lambda(lambda v: v[:, -1])({x})",
        f"keras.Sequential([layers.Dense({n}), layers.LSTM(3)])({x})",
        f"layers.PReLU(shared_axes=[1])({x})",
    )


def dtypes(draw: Draw) -> str:
    shape = draw.sizes(1, 2)
    one, other = draw.of(*TYPES), draw.of(*TYPES)
    x, y = draw.array(shape, one), draw.array(shape, other)
    number = draw.of("1", "2.0", "True")
    return draw.of(
        f"{x} + {number}",
        f"{number} - {x}",
        f"{x} * {x}",
        f"{x} / {x}",
        f"{x} // {number}",
        f"{x} % {number}",
        f"{x} ** {number}",
        f"{x} + tf.cast({y}, {x}.dtype)",
        f"tf.cast({x}, tf.{other})",
        f"{x} > {number}",
        f"~({x} > {number})",
        f"tf.abs({x})",
        f"tf.sqrt({x})",
        f"tf.exp({x})",
        f"tf.reduce_mean({x})",
        f"tf.reduce_sum({x}, 0)",
        f"tf.argmax({x}, -1)",
        f"tf.convert_to_tensor({x})",
        f"tf.constant({number}, dtype=tf.{one})",
        f"tf.where({x} > 0, {x}, {x})",
        f"tf.where({x} > 0, 1.0, 0.0)",
        f"tf.zeros_like({x})",
        f"tf.ones_like({x}, dtype=tf.{other})",
        f"tf.one_hot({x}, 3)",
        f"tf.one_hot({x}, 3, dtype=tf.{other})",
        f"tf.range(3, dtype=tf.{other})",
        f"tf.maximum({x}, {x})",
        f"tf.math.floordiv({x}, {x})",
        f"tf.math.divide_no_nan({x}, {x})",
        f"tf.nn.relu({x})",
        f"tf.nn.softmax({x})",
        f"tf.round({x})",
        f"tf.shape({x}, out_type=tf.int64)",
        f"tf.size({x})",
        f"tf.math.sign({x})",
        f"tf.square({x})",
        f"tf.saturate_cast({x}, tf.{other})",
        f"tf.bitwise.bitwise_and({x}, {x})",
        f"tf.fill([2], {number})",
        f"layers.Dense(3)({x})",
        f"layers.Dense(3, dtype='{one}')({x})",
        f"layers.Dense(3, dtype='mixed_float16')({x})",
        f"layers.Add()([{x}, {x}])",
        f"layers.Concatenate()([{x}, {x}])",
        f"layers.ReLU()({x})",
        f"layers.Flatten()({x})",
        f"layers.Embedding(3, 2)({x})",
        f"layers.Dropout(0.5)({x})",
        f"layers.Activation('tanh')({x})",
        f"layers.Rescaling(0.5)({x})",
        f"layers.LayerNormalization()({x})",
        f"keras.ops.cast({x}, 'float16')",
        f"keras.ops.add({x}, {y})",
        f"keras.ops.mean({x})",
        f"keras.ops.zeros_like({x})",
        f"tf.math.reduce_variance({x})",
        f"tf.unique({x})",
        f"tf.math.top_k({x})",
        f"np.float32(2) * {x}",
        f"{x} + np.ones({list(shape)}, np.{one if one != 'bool' else 'bool_'})",
    )


FAMILIES: Mapping[str, Family] = {f.__name__: f for f in (conv, transposed, pool, sequence, dtypes)}
