"""API cards: what exists, in one line each, so that a model need not guess.

A card is a signature from the API data (`rules/api`), or a translation that the rules know.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from ..rules.api import Signature, SourceApi, TargetApi
from ..rules.language.namespaces import TARGETS
from ..rules.language.records import Rule
from ..rules.language.ruleset import RuleSet
from .contract import Region
from .facts import Facts, described

WIDEST = 110
_RARE = """
    name out out_sharding precision preferred_element_type promote_integers mode unique_indices
    indices_are_sorted fill_value recall_target reduction_input_size_override aggregate_to_topk
    wrap_negative_indices unroll allow_negative_indices initial where is_stable
"""
RARE = frozenset(_RARE.split())
"""Parameters that cards leave out."""
SYMBOL = re.compile(r"\b(?:tf|keras)(?:\.\w+)+")
WORD = re.compile(r"[a-z]+|\d+")
# Function words in API names that say nothing, and words that other libraries use for the same.
_NOISE = """
    tf keras math nn ops linalg raw with v1 v2 compat backend layers the of to
"""
NOISE = frozenset(_NOISE.split())
SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "reduce": ("sum", "max", "min", "prod", "mean"),
        "concat": ("concatenate",),
        "concatenate": ("concatenate",),
        "matmul": ("matmul", "dot", "einsum"),
        "batch": ("vmap", "matmul"),
        "diag": ("diag", "diagonal", "eye"),
        "scatter": ("at", "zeros", "segment_sum"),
        "gather": ("take", "take_along_axis"),
        "segment": ("segment_sum",),
        "unsorted": ("segment_sum",),
        "pow": ("power",),
        "mod": ("mod", "remainder"),
        "floormod": ("mod",),
        "cross": ("cross",),
        "norm": ("norm", "sqrt", "sum"),
        "normalize": ("norm",),
        "clip": ("clip", "where"),
        "top": ("top_k",),
        "unique": ("unique",),
        "range": ("arange",),
        "cast": ("astype",),
        "reverse": ("flip",),
        "roll": ("roll",),
        "moments": ("mean", "var"),
        "softmax": ("softmax", "log_softmax"),
        "sigmoid": ("sigmoid", "log_sigmoid"),
        "band": ("triu", "tril", "where"),
        "meshgrid": ("meshgrid",),
        "one": ("one_hot",),
        "map": ("map", "vmap"),
        "scan": ("scan", "associative_scan"),
        "while": ("while_loop",),
        "fold": ("scan",),
        "foldl": ("scan",),
        "fft": ("fft",),
        "cumulative": ("cumsum", "cumlogsumexp"),
        "squared": ("square",),
        "difference": ("subtract",),
        "space": ("reshape", "transpose"),
        "depth": ("reshape", "transpose"),
    }
)
IDIOMS = (
    "x.at[i].set(v), .add(v), .max(v)  # update items; x.at[tuple(indices.T)] for rows of indices",
    "jnp.where(condition, a, b)  # choose by element",
    "lax.scan(f, init, xs)  # f(carry, x) -> (carry, y); a loop with a carry",
    "jnp.expand_dims(x, axis), x[..., None], x.astype(dtype), x.shape, x.reshape(sizes)",
    "jnp.sum(x, axis=(1, 2), keepdims=True)  # several axes are a tuple; so for mean, var, max",
    "jnp.concatenate([a, b], axis=-1), jnp.stack([a, b], axis=-1), jnp.pad(x, ((0, 0), (1, 1)))",
    "jnp.arange(n)[:, None] - jnp.arange(m)  # differences of positions, by broadcasting",
    "jax.vmap(f)(x, y)  # f for each item of the first axes",
    "return a, b  # several results",
)
NO_FACTS = Facts()


@cache
def functions() -> Mapping[str, tuple[str, ...]]:
    """The functions of JAX and Flax by their last name, as full names, usual modules first."""
    found: dict[str, list[str]] = {}
    for full in _target_names():
        found.setdefault(full.rpartition(".")[2], []).append(full)
    rank = {"jax.numpy": 0, "jax.nn": 1, "jax.lax": 2, "jax": 3}
    return {
        name: tuple(sorted(full, key=lambda f: (rank.get(f.rpartition(".")[0], 9), len(f), f)))
        for name, full in found.items()
    }


def _target_names() -> Iterator[str]:
    api = TargetApi.load()
    for prefix in ("jax.numpy.", "jax.nn.", "jax.lax.", "jax.scipy.", "jax.ops.", "jax.image."):
        for name, fields in api.with_prefix(prefix):
            if fields and fields[0] == "function" and "._" not in name:
                yield name
    yield from (name for name in ("jax.vmap", "jax.grad", "jax.checkpoint") if api.has(name))


def card(full: str) -> str:
    """`jnp.take(a, indices, axis=None, ...)`."""
    signature = TargetApi.load().signature(full)
    return short(full) + ("(...)" if signature is None else _brief(signature))


def _brief(signature: Signature) -> str:
    """A signature without what translations of arrays hardly ever pass. Prompts are read slowly."""
    kept = tuple(p for p in signature.parameters if p.name not in RARE)
    text = str(replace(signature, parameters=kept))
    if len(kept) < len(signature.parameters):
        text = (text[:-1] + ", ...)").replace("(, ", "(")
    return text if len(text) <= WIDEST else text[: text.rindex(",", 0, WIDEST)] + ", ...)"


def short(full: str) -> str:
    """The usual spelling: `jnp.sum` for `jax.numpy.sum`."""
    for name, path in sorted(TARGETS.items(), key=lambda item: -len(item[1])):
        if f"{full}.".startswith(f"{path}."):
            return name + full[len(path) :]
    return full


def source_card(symbol: str, keras: str) -> str:
    """`tf.math.top_k(input, k=1, sorted=True, ...)`."""
    flavour = "keras2" if keras == "keras2" else "keras3"
    signature = SourceApi.load().signature(_canonical(symbol), flavour)
    return symbol + ("(...)" if signature is None else _brief(signature))


def cards_for(region: Region, rules: RuleSet, facts: Facts = NO_FACTS) -> list[str]:
    """Cards for a region: target functions with words in common and what they do, how the rules
    translate its nearest relatives, signatures of what it calls and what TensorFlow says of it."""
    lines = [f"similar, not the same: {text}" for text in _relatives(region, rules)]
    lines += [f"JAX: {_told(full, facts)}" for full in related(region)]
    lines += [f"TensorFlow: {source_card(symbol, region.keras)}" for symbol in region.symbols]
    return [*lines, *described(region, facts)]


def _told(full: str, facts: Facts) -> str:
    said = facts.sentences.get(full, "")
    return f"{card(full)}  # {said}" if said else card(full)


def _canonical(symbol: str) -> str:
    return SourceApi.load().canonical(symbol) or symbol


def _words(symbol: str) -> list[str]:
    found = _own_words(symbol)
    return found + [s for word in found for s in SYNONYMS.get(word, ())]


def _own_words(symbol: str) -> list[str]:
    """Letters and digits on their own say nothing."""
    found = WORD.findall(_split(symbol).lower())
    return [word for word in found if len(word) > 1 and word not in NOISE]


def _split(name: str) -> str:
    """Words of snake_case and CamelCase apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def related(region: Region, limit: int = 5) -> list[str]:
    """Target functions with words in common, as full names."""
    # A word of the symbol itself counts for more than one of the same meaning.
    wanted = Counter(word for s in region.symbols for word in (*_words(s), *_own_words(s)))
    last = {_split(s.rpartition(".")[2]).lower() for s in region.symbols}
    scored: list[tuple[float, str]] = []
    for name, full in functions().items():
        parts = [*name.split("_"), name]
        score = sum(wanted[part] for part in set(parts)) / (len(set(parts)) ** 0.5)
        score += 4.0 * (name in last)
        for number, one in enumerate(full[:2] if score > 0 and not _talks(full[0]) else ()):
            # Primitives take more arguments than the function that a person would call.
            primitive = 0.6 if one.startswith("jax.lax.") else 1.0
            scored.append((-score * primitive * 0.9**number, one))
    return [full for _, full in sorted(scored)[:limit]]


def _talks(full: str) -> bool:
    """Whether a function is one between devices."""
    signature = TargetApi.load().signature(full)
    return signature is not None and any(p.name == "axis_name" for p in signature.parameters)


def _relatives(region: Region, rules: RuleSet, limit: int = 2) -> list[str]:
    """Examples from the rules of symbols that share most words with those of the region; never of
    the region's own, which no rule is said to translate."""
    own = {_canonical(symbol) for symbol in region.symbols}
    names = {symbol.rpartition(".")[2] for symbol in (*own, *region.symbols)}
    wanted = {word for symbol in region.symbols for word in _words(symbol)}
    scored: dict[str, tuple[int, str]] = {}
    for record in rules.records():
        if isinstance(record, Rule) and record.examples and record.kind == "rule":
            before, after = record.examples[0]
            written = (*record.symbols(), *SYMBOL.findall(before))
            called = {*map(_canonical, written)}
            # Aliases count by the name that is written as well.
            last = {symbol.rpartition(".")[2] for symbol in (*called, *written)}
            if called & own or names & last:
                continue
            shared = len(wanted & set(_words(record.name)))
            if shared:
                scored.setdefault(before, (-shared, after))
    ordered = sorted((score, before, after) for before, (score, after) in scored.items())
    return [f"{before}  =>  {after}" for _, before, after in ordered[:limit]]
