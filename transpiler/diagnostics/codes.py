"""The registry of diagnostic codes: one constant a code.

`codes.NO_RULE.at(path, span, "no rule for `tf.foo`")` makes a diagnostic. Families: TJ1 input and
output, TJ2 names and API, TJ3 rules and statics, TJ4 shapes, TJ5 structure and staging, TJ6
semantics, TJ7 verification, TJ8 agents, TJ9 internal. A code is never reused or
renumbered. Its long explanation is the section of the same number under `explanations/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from .model import Diagnostic, Severity

if TYPE_CHECKING:
    from ...ir.span import Span


@dataclass(frozen=True, slots=True)
class Code:
    """A code, its kebab-case name, a one-line summary and the severity it has by default."""

    code: str
    name: str
    summary: str
    severity: Severity = "error"

    def at(
        self,
        path: str,
        span: Span | None,
        message: str,
        *,
        hint: str | None = None,
        related: tuple[tuple[Span, str], ...] = (),
        severity: Severity | None = None,
    ) -> Diagnostic:
        """A diagnostic with this code; `severity` overrides the default one."""
        return Diagnostic(self.code, message, path, span, hint, severity or self.severity, related)

    def __str__(self) -> str:
        return self.code


# TJ1: reading the input, writing the output, configuration
SYNTAX_ERROR = Code("TJ1001", "syntax-error", "The file is not valid Python 3.")
UNDECODABLE = Code("TJ1002", "undecodable", "The bytes do not fit the encoding of the file.")
UNKNOWN_ENCODING = Code("TJ1003", "unknown-encoding", "The coding cookie names no known codec.")
FILE_TOO_LARGE = Code("TJ1004", "file-too-large", "The file is above the size limit.")
FILE_NOT_FOUND = Code("TJ1005", "file-not-found", "The input does not exist.")
UNREADABLE = Code("TJ1006", "unreadable", "The file or directory cannot be read.")
NOT_A_FILE = Code("TJ1007", "not-a-regular-file", "The input is no regular file.")
BINARY_CONTENT = Code("TJ1008", "binary-content", "The file holds NUL bytes: it is not source.")
SYMLINK_LOOP = Code("TJ1009", "symlink-loop", "A symbolic link leads back to itself.", "warning")
STAR_IMPORT = Code("TJ1010", "star-import", "`import *` hides where names come from.", "warning")
DYNAMIC_IMPORT = Code("TJ1011", "dynamic-import", "A module is imported by a computed name.")
NO_SOURCE_FILES = Code("TJ1012", "no-source-files", "The directory has no Python file.", "warning")
NESTING_TOO_DEEP = Code("TJ1013", "nesting-too-deep", "Expressions or blocks nest too deeply.")
OUTPUT_COLLISION = Code("TJ1014", "output-collision", "Two inputs would write the same output.")
OUTPUT_IS_INPUT = Code("TJ1015", "output-is-input", "The output would overwrite the input.")
OUTPUT_UNWRITABLE = Code("TJ1016", "output-unwritable", "The output cannot be written.")
INVALID_CONFIG = Code("TJ1017", "invalid-config", "The configuration is not valid.")
UNRESOLVED_IMPORT = Code(
    "TJ1018", "unresolved-import", "A relative import leads to no file of the project.", "warning"
)
SYMLINK_ALIAS = Code(
    "TJ1019", "symlink-alias", "A symbolic link shows a directory that is read already.", "note"
)

# TJ2: names and API
NO_RULE = Code("TJ2001", "no-rule", "No rule translates this symbol.")
UNKNOWN_ARGUMENT = Code("TJ2002", "unknown-argument", "The API has no argument of this name.")
UNSUPPORTED_ARGUMENT = Code(
    "TJ2003", "unsupported-argument", "The rule for this symbol does not handle the argument."
)
UNKNOWN_SYMBOL = Code("TJ2004", "unknown-symbol", "The API has no such symbol.")
AMBIGUOUS_NAME = Code("TJ2005", "ambiguous-name", "The name may stand for different things.")
MISSING_ARGUMENT = Code("TJ2006", "missing-argument", "A required argument is missing.")
TOO_MANY_ARGUMENTS = Code("TJ2007", "too-many-arguments", "More positional arguments than the API.")
UNKNOWN_RECEIVER = Code(
    "TJ2008", "unknown-receiver", "A method is called on a value of unknown type."
)
TF1_API = Code("TJ2009", "tf1-api", "A TensorFlow 1 (graph mode) symbol is used.")
NO_COUNTERPART = Code("TJ2010", "no-counterpart", "JAX has no counterpart of this symbol.")
SYMBOL_AS_VALUE = Code(
    "TJ2011", "symbol-as-value", "An API symbol is passed around, and its use cannot be followed."
)
PRIVATE_API = Code("TJ2012", "private-api", "A private TensorFlow module is used.", "warning")
UNSUPPORTED_VALUE = Code(
    "TJ2013", "unsupported-argument-value", "The rule does not handle this value of the argument."
)
STARRED_CALL = Code(
    "TJ2014", "starred-call", "`*args` or `**kwargs` hide the arguments of an API call."
)
UNKNOWN_IDENTIFIER = Code(
    "TJ2015", "unknown-identifier", "A string names no activation, initializer, loss or the like."
)
WRONG_FLAVOUR = Code(
    "TJ2016", "wrong-flavour", "The symbol or argument belongs to the other Keras version."
)
NO_METHOD_RULE = Code("TJ2017", "no-method-rule", "No rule translates this method or attribute.")
TENSORFLOW_PACKAGE = Code(
    "TJ2018", "tensorflow-package", "A package that runs on TensorFlow is called."
)

# TJ3: rules, static values, types
MUST_BE_STATIC = Code("TJ3001", "must-be-static", "The argument must be known when building.")
GUARD_FAILED = Code("TJ3002", "guard-failed", "A condition of the rule does not hold here.")
WRONG_TYPE = Code("TJ3003", "wrong-type", "A value has another type than the API takes.")
UNSUPPORTED_DTYPE = Code("TJ3004", "unsupported-dtype", "The rule does not cover this dtype.")
RANK_UNKNOWN = Code("TJ3005", "rank-unknown", "The translation needs the rank of a tensor.")
TYPE_UNKNOWN = Code("TJ3006", "type-unknown", "The translation needs the type of a value.")
DTYPE_UNKNOWN = Code("TJ3007", "dtype-unknown", "The translation needs the dtype of a tensor.")
RULE_SYNTAX = Code("TJ3010", "rule-syntax", "A rule file does not parse.")
RULE_INVALID = Code("TJ3011", "rule-invalid", "A rule contradicts the API or itself.")
RULE_OVERLAP = Code("TJ3012", "rule-overlap", "Two rules cover the same symbol.")
RULE_UNPROVED = Code(
    "TJ3013", "rule-unproved", "A rule without a passed proof was used.", "warning"
)

# TJ4: shapes and dtypes
SIZE_NOT_INFERABLE = Code("TJ4001", "size-not-inferable", "A layer needs a size that is unknown.")
SHAPE_CONFLICT = Code("TJ4002", "shape-conflict", "Two shapes do not fit each other.")
RANK_MISMATCH = Code("TJ4003", "rank-mismatch", "A tensor has the wrong number of dimensions.")
AXIS_OUT_OF_RANGE = Code("TJ4004", "axis-out-of-range", "An axis is outside the tensor's rank.")
NOT_DIVISIBLE = Code("TJ4005", "not-divisible", "A size must be a multiple of another.")
SIZES_DISAGREE = Code("TJ4006", "sizes-disagree", "One layer is called with different sizes.")
DTYPE_CONFLICT = Code("TJ4007", "dtype-conflict", "Two dtypes do not go together in TensorFlow.")
DATA_DEPENDENT_SHAPE = Code(
    "TJ4008", "data-dependent-shape", "The shape depends on the data, which `jax.jit` forbids."
)
SHAPE_UNPROVED = Code(
    "TJ4009", "shape-unproved", "Equal output shapes could not be proved for all sizes.", "warning"
)
SHAPE_REFUTED = Code(
    "TJ4010", "shape-refuted", "The output gives another shape or dtype than the source."
)
POLICY_UNFOLLOWED = Code(
    "TJ4011", "policy-unfollowed", "A dtype policy hides what layers compute in.", "note"
)
NOT_OBSERVED = Code(
    "TJ4012", "not-observed", "A program could not be run to observe its shapes.", "warning"
)

# TJ5: structure and staging
LAYER_CREATED_IN_CALL = Code(
    "TJ5001", "layer-created-in-call", "A layer is created while data flows."
)
UNSUPPORTED_CONSTRUCT = Code(
    "TJ5002", "unsupported-construct", "This Python construct is not handled here."
)
TRAINING_ARGUMENT = Code(
    "TJ5003", "training-argument", "The train/eval mode cannot be followed to its use."
)
UNSUPPORTED_BASE = Code("TJ5004", "unsupported-base", "A base class has no translation.")
DYNAMIC_CLASS = Code("TJ5005", "dynamic-class", "The class is built or patched at run time.")
BUILD_NOT_FOLDABLE = Code(
    "TJ5006", "build-not-foldable", "`build()` cannot be moved into `__init__`."
)
GRAPH_NOT_CLOSED = Code(
    "TJ5007", "graph-not-closed", "The graph between inputs and outputs cannot be followed."
)
TENSOR_CONTROL_FLOW = Code(
    "TJ5008", "tensor-control-flow", "Control flow on a tensor cannot be converted."
)
UNBOUNDED_LOOP = Code(
    "TJ5009", "unbounded-loop", "A loop without a static bound has no gradient in JAX.", "warning"
)
VARIABLE_CREATED_IN_CALL = Code(
    "TJ5010", "variable-created-in-call", "A variable is created while data flows."
)
SIDE_EFFECT = Code(
    "TJ5011", "side-effect", "A Python side effect inside traced code runs once.", "warning"
)
MASK_NOT_FOLLOWED = Code("TJ5012", "mask-not-followed", "An implicit mask cannot be followed.")
GRADIENT_TAPE = Code("TJ5013", "gradient-tape", "This use of GradientTape is not handled.")
TRAIN_STEP = Code("TJ5014", "train-step", "An overridden training hook is not handled.")
FIT_OPTION = Code("TJ5015", "fit-option", "`compile()`/`fit()` is used in an unhandled way.")
DISTRIBUTION = Code("TJ5016", "distribution", "Distribution strategies are not translated.")
SAVED_MODEL = Code("TJ5017", "saved-model", "Saving or loading a TensorFlow format is used.")
NAME_COLLISION = Code("TJ5018", "name-collision", "A generated name is already taken.")
RECURSIVE_BUILDER = Code(
    "TJ5019", "recursive-builder", "A recursive function creates layers without a static bound."
)
STATIC_DEPENDS_ON_DATA = Code(
    "TJ5020", "static-depends-on-data", "The configuration of a layer depends on data."
)

# TJ6: semantics (the translation is right; this is what to know about it)
X64_DTYPE = Code("TJ6001", "x64-dtype", "A 64-bit dtype is 32-bit in JAX unless enabled.", "note")
ARGUMENT_DROPPED = Code(
    "TJ6002", "argument-dropped", "An argument without effect is left out.", "note"
)
RANDOM_STREAM = Code("TJ6003", "random-stream", "Random numbers differ from TensorFlow's.", "note")
REGULARIZER = Code(
    "TJ6004", "regularizer", "A regularizer or constraint is not applied.", "warning"
)
FLAVOUR_ASSUMED = Code("TJ6005", "flavour-assumed", "The Keras version was assumed.", "note")
INDEX_OUT_OF_RANGE = Code(
    "TJ6006", "index-out-of-range", "Indices out of range behave differently.", "note"
)
EMPTY_INPUT = Code("TJ6007", "empty-input", "Empty tensors behave differently.", "note")
SIGNATURE_CHANGED = Code("TJ6008", "signature-changed", "A signature gained a parameter.", "note")
KEPT_ON_HOST = Code("TJ6009", "kept-on-host", "Input-pipeline code stays on TensorFlow.", "warning")
APPROXIMATE = Code(
    "TJ6010", "approximate", "The translation is equal only approximately.", "warning"
)
OBSERVED_FACT = Code("TJ6011", "observed-fact", "A fact was taken from a run, not proved.", "note")
MIXED_PRECISION = Code("TJ6012", "mixed-precision", "A global dtype policy is used.", "warning")
MODE_DEFAULT = Code("TJ6013", "mode-default", "Train/eval mode is explicit in NNX.", "note")
NAME_DROPPED = Code(
    "TJ6014", "name-dropped", "A layer is looked up by a name that is gone.", "warning"
)
PART_LEFT_OUT = Code(
    "TJ6015", "part-left-out", "Of a followed file only what is needed is compiled.", "note"
)
RULE_OVERRIDDEN = Code(
    "TJ6016", "rule-overridden", "A rule of yours replaces a built-in one.", "note"
)
LAYOUT_ASSUMED = Code(
    "TJ6017", "layout-assumed", "Channels are taken to be the last axis.", "warning"
)
HOST_CONTROL_FLOW = Code(
    "TJ6018", "host-control-flow", "Control flow on a tensor runs in Python, on the host.", "note"
)
BRANCH_LEFT_OUT = Code(
    "TJ6019", "branch-left-out", "Code for another type or flag is left out.", "note"
)
FROZEN = Code(
    "TJ6020", "frozen", "A frozen layer is trained unless the optimizer skips it.", "warning"
)
OPTIMIZER_GIVEN = Code(
    "TJ6021", "optimizer-given", "An optimizer that is passed in is an `nnx.Optimizer`.", "note"
)
PRETRAINED = Code(
    "TJ6022", "pretrained-weights", "A model is built without its trained weights.", "warning"
)
SIZE_SHARED = Code(
    "TJ6023", "size-shared", "All layers that a loop makes get one unknown size.", "warning"
)

# TJ7: verification
OUTPUT_MISMATCH = Code("TJ7001", "output-mismatch", "Outputs differ beyond the tolerance.")
GRADIENT_MISMATCH = Code("TJ7002", "gradient-mismatch", "Gradients differ beyond the tolerance.")
PARAMETER_MISMATCH = Code("TJ7003", "parameter-mismatch", "Parameters do not map one to one.")
STATE_MISMATCH = Code("TJ7004", "state-mismatch", "State updates differ.")
TRAINING_MISMATCH = Code("TJ7005", "training-mismatch", "Training steps differ.")
SOURCE_FAILED = Code("TJ7006", "source-failed", "The TensorFlow original failed to run.")
TARGET_FAILED = Code("TJ7007", "target-failed", "The translated program failed to run.")
VERIFY_LIMIT = Code(
    "TJ7008", "verify-limit", "Verification ran past a limit of time, memory or files."
)
NOTHING_TO_VERIFY = Code(
    "TJ7009", "nothing-to-verify", "No entry to verify is given or found.", "warning"
)
VERIFY_EXTRA_MISSING = Code("TJ7010", "verify-extra-missing", "The verify extra is not installed.")
VERIFY_ENTRY = Code("TJ7011", "verify-entry", "A verification entry is not usable.")
VACUOUS = Code("TJ7012", "vacuous", "A comparison proved nothing (NaN, constant or zero).")
INTERFACE_MISMATCH = Code(
    "TJ7013", "interface-mismatch", "Outputs differ in structure, shape or dtype."
)
LOWERING_FAILED = Code("TJ7014", "lowering-failed", "The program does not lower to a platform.")
TRANSFORM_MISMATCH = Code(
    "TJ7015", "transform-mismatch", "The program differs under a JAX transformation or NNX mode."
)
TARGET_DEPRECATED = Code(
    "TJ7016", "target-deprecated", "The translated program uses what is deprecated."
)

CHECKPOINT_UNREADABLE = Code(
    "TJ7017", "checkpoint-unreadable", "A checkpoint is missing, cut off or damaged."
)
WEIGHTS_MISMATCH = Code(
    "TJ7018", "weights-mismatch", "The arrays of a checkpoint are not those of the program."
)
WEIGHT_MAP = Code("TJ7019", "weight-map", "A weight map is missing or not usable.")
NO_CASE = Code("TJ7020", "no-case", "No case could be made up for a class or a function.", "note")
NO_DEVICE = Code("TJ7021", "no-device", "The platform that was asked for is not on this machine.")

# TJ8: agents
MODEL_UNAVAILABLE = Code(
    "TJ8001", "model-unavailable", "The language model that the agents were to ask cannot be used."
)

# TJ9: internal
INTERNAL_ERROR = Code("TJ9001", "internal-error", "The compiler failed; this is a bug in it.")
IR_INVALID = Code("TJ9002", "ir-invalid", "A stage left an invalid IR; this is a bug.")
OUTPUT_INVALID = Code("TJ9003", "output-invalid", "The output does not parse; this is a bug.")

CODES: Mapping[str, Code] = MappingProxyType(
    {value.code: value for value in list(globals().values()) if isinstance(value, Code)}
)
