"""A small weight table: the shape that the rule files will give it."""

from __future__ import annotations

from tfjax.transpiler.verify import WeightRule, rules_from_data


def _same(source: str, target: str, *names: str | tuple[str, str]) -> dict[str, object]:
    pairs = [(n, n) if isinstance(n, str) else n for n in names]
    moves = [{"source": s, "target": t, "steps": []} for s, t in pairs]
    return {"source": f"keras.layers.{source}", "target": f"flax.nnx.{target}", "weights": moves}


_NORM = (("gamma", "scale"), ("beta", "bias"))
_HEADS = [f"{part}.{weight}" for part in ("query", "key", "value") for weight in ("kernel", "bias")]
_OUT = [(f"attention_output.{w}", f"out.{w}") for w in ("kernel", "bias")]
_DEPTHWISE = {
    "source": "keras.layers.DepthwiseConv2D",
    "target": "flax.nnx.Conv",
    "weights": [
        {
            "source": name,
            "target": "kernel",
            "steps": [
                {"op": "transpose", "axes": [0, 1, 3, 2]},
                {"op": "reshape", "shape": [3, 3, 1, -1]},
            ],
        }
        for name in ("depthwise_kernel", "kernel")
    ]
    + [{"source": "bias", "target": "bias", "steps": []}],
}

RULES: tuple[WeightRule, ...] = rules_from_data(
    [
        _same("Dense", "Linear", "kernel", "bias"),
        *[_same(f"Conv{n}D", "Conv", "kernel", "bias") for n in (1, 2, 3)],
        _same("Conv2DTranspose", "ConvTranspose", "kernel", "bias"),
        _same(
            "BatchNormalization",
            "BatchNorm",
            *_NORM,
            ("moving_mean", "mean"),
            ("moving_variance", "var"),
        ),
        _same("LayerNormalization", "LayerNorm", *_NORM),
        _same("Embedding", "Embed", ("embeddings", "embedding")),
        _same("MultiHeadAttention", "MultiHeadAttention", *_HEADS, *_OUT),
        _DEPTHWISE,
    ]
)
