"""Drivers: small modules that build and call the model of a case, compiled with the user's code.

Against TensorFlow a driver runs as it is, against JAX its translation does: what a caller of the
model has to write differently is the compiler's business, not the verifier's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..project import DriverFacts
from .specs import parse_spec, runs_of

TARGET_SETUP = """
def build_model():
    import inspect
    # A function that builds layers itself has become a class.
    build = getattr(m, "build", None) or m.Build
    made = build.__init__ if isinstance(build, type) else build
    wanted = inspect.signature(made).parameters
    return build(**({"rngs": nnx.Rngs(0)} if "rngs" in wanted else {}))
"""
"""Code that runs after the import of a translated driver as `m`."""
TARGET_BUILD = "build_model()"
CALL, TRAINING_CALL = "call", "call_in_training"
_TRAINING = ("training=True", "is_training=True")
Form = Literal["object", "function", "functional"]


@dataclass(frozen=True, slots=True)
class Program:
    """A model to verify: the object that makes it, its arguments, its inputs and how it is called.

    `entry` is `module:object`, `inputs` and `sizes` are those of `VerifyCase`; `call` is None for
    `model(x)`, or `model([x, y])` where there are several inputs. `is_call` is False for an object
    that is the model. `train_call` is the call in training mode, where `call` does not tell.
    `form` says what the entry is: a model or what makes one; a function of tensors, whose arguments
    are `call`; or such a function that makes layers (`functional`), called as a model is built.
    """

    name: str
    entry: str
    inputs: Mapping[str, Any]
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] | None = None
    call: str | None = None
    sizes: Mapping[str, tuple[int, ...]] | None = None
    is_call: bool = True
    train_call: str | None = None
    form: Form = "object"
    made_up: bool = False

    @property
    def module(self) -> str:
        return self.entry.partition(":")[0]

    @property
    def expression(self) -> str:
        """The call as an expression over `model` and the inputs."""
        names = ", ".join(self.inputs)
        if self.form == "function":
            return f"model({names})"
        if self.form == "functional":
            return f"model({names})" if len(self.inputs) < 2 else f"model([{names}])"
        return self.call or (f"model({names})" if len(self.inputs) < 2 else f"model([{names}])")

    @property
    def training_call(self) -> str | None:
        """The call in training mode: with `training=True`. None where the call is such a one, or
        not a plain call of the model."""
        if self.train_call is not None:
            return self.train_call
        return None if self.form == "function" else in_training(self.expression)

    @property
    def eval_mode(self) -> bool:
        return in_eval_mode(self.expression)


def in_eval_mode(call: str) -> bool:
    """Whether a call over `model` is none in training mode."""
    return not any(word in call for word in _TRAINING)


def in_training(call: str) -> str | None:
    """A call over `model` in training mode; None where it is one already, or no plain call."""
    if not in_eval_mode(call):
        return None
    if "training=False" in call:  # `is_training=False`, too
        return call.replace("training=False", "training=True")
    plain = call.startswith("model(") and call.endswith(")") and "training" not in call
    return f"{call[:-1]}, training=True)" if plain else None


def driver_source(program: Program, *, training: bool = False) -> str:
    """A module with `build()` and `call(model, <inputs>)`; with `training`, and `call_in_training`
    where there is such a call. One model is made for both: its sizes are told once. Raises
    SyntaxError for a bad call."""
    compile(program.expression, program.name, "eval")
    text = _driver(program) if program.form == "object" else _function_driver(program)
    call = program.training_call if training else None
    if call is None:
        return text
    compile(call, program.name, "eval")
    arguments = ", ".join(["model", *program.inputs])
    return f"{text}\n\ndef {TRAINING_CALL}({arguments}):\n    return {call}\n"


def _entry(program: Program) -> tuple[str, str]:
    """The import of what a program is made by, and the code that names it.

    A module that has the name of its function is hidden where the package imports the function, so
    that the function is taken from the module.
    """
    name = program.entry.partition(":")[2]
    root, dot, rest = name.partition(".")
    if program.module.rpartition(".")[2] == root:
        return f"from {program.module} import {root} as made", f"made{dot}{rest}"
    return f"import {program.module} as m", f"m.{name}"


def _driver(program: Program) -> str:
    arguments = [
        *map(repr, program.args),
        *(f"{name}={value!r}" for name, value in (program.kwargs or {}).items()),
    ]
    imported, made = _entry(program)
    built = f"{made}({', '.join(arguments)})" if program.is_call else made
    uses_tf = "import tensorflow as tf\n" if "tf." in program.expression else ""
    return (
        f"{uses_tf}{imported}\n\n\n"
        f"def build():\n    return {built}\n\n\n"
        f"def call({', '.join(['model', *program.inputs])}):\n    return {program.expression}\n"
    )


def _function_driver(program: Program) -> str:
    """A driver around a function of tensors."""
    names = ", ".join(program.inputs)
    imported, made = _entry(program)
    called = f"{made}({program.call})"
    head = f"import tensorflow as tf\n{imported}\n\n\n"
    tail = f"\n\n\ndef call(model, {names}):\n    return {program.expression}\n"
    if program.form == "function":
        return (
            f"{head}class Called(tf.Module):\n    def __call__(self, {names}):\n"
            f"        return {called}\n\n\ndef build():\n    return Called(){tail}"
        )
    specs = {name: parse_spec(str(text)) for name, text in program.inputs.items()}
    sizes = {
        n: [d if isinstance(d, int) else None for d in s.dims[1:]] for n, s in specs.items() if s
    }
    made = "".join(
        f"    {name} = tf.keras.Input({tuple(sizes[name])!r}, dtype={spec.dtype!r})\n"
        for name, spec in specs.items()
        if spec
    )
    given = names if len(program.inputs) < 2 else f"[{names}]"
    return f"{head}def build():\n{made}    return tf.keras.Model({given}, {called}){tail}"


_KINDS = {
    "float16": "Float16",
    "float32": "Float32",
    "float64": "Float64",
    "int32": "Int32",
    "int64": "Int64",
    "bool": "Bool",
}


def stated_source(program: Program) -> str:
    """A module for the shape analysis alone: a function that builds the model and calls it with
    what the settings say, sizes left open where they have names. Raises SyntaxError."""
    text = driver_source(program)
    head, _, rest = text.partition("\n\n\ndef call(")
    parameters = ", ".join(_stated(name, spec) for name, spec in program.inputs.items())
    body = rest.partition("\n")[2]
    return f"{head}\n\n\ndef call({parameters}):\n    model = build()\n{body}"


def _stated(name: str, text: object) -> str:
    spec = parse_spec(text) if isinstance(text, str) else None
    kind = None if spec is None else _KINDS.get(spec.dtype)
    if spec is None or kind is None:
        return name
    return f'{name}: {kind}[Tensor, "{" ".join(map(str, spec.dims))}"]'


def driver_facts(program: Program, module: str) -> DriverFacts:
    """What the compiler is told of the arrays that the driver passes on: those of the first run."""
    sizes = runs_of(program.inputs, program.sizes or {})[0]
    specs = {
        name: parse_spec(text) for name, text in program.inputs.items() if isinstance(text, str)
    }
    known = {
        name: (spec.dtype, spec.shape(sizes)) for name, spec in specs.items() if spec is not None
    }
    return DriverFacts(module, inputs=known)
