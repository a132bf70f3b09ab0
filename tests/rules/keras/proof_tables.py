"""The proof tables, one a family."""

from __future__ import annotations

from convolution_cases import CONVOLUTION
from elementwise_cases import ACTIVATION, ACTIVATIONS, REGULARIZATION
from embedding_cases import ATTENTION, EMBEDDING, INITIALIZERS
from expression_cases import FUNCTIONS, LOSSES
from merge_cases import MERGE
from normalization_cases import NORMALIZATION
from pooling_cases import POOLING
from proof_case import Case
from recurrent_cases import RECURRENT
from reshaping_cases import RESHAPING

TABLES: dict[str, list[Case]] = {
    "convolution": CONVOLUTION,
    "pooling": POOLING,
    "normalization": NORMALIZATION,
    "activation": ACTIVATION,
    "activations": ACTIVATIONS,
    "regularization": REGULARIZATION,
    "merge": MERGE,
    "reshaping": RESHAPING,
    "embedding": EMBEDDING,
    "initializers": INITIALIZERS,
    "attention": ATTENTION,
    "recurrent": RECURRENT,
    "losses": LOSSES,
    "functions": FUNCTIONS,
}
