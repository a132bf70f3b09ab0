"""The domain of a rule: what `try` says, and for the other parameters what their types say.

Where a type says too little (`int`, `Any`), the parameter's name decides (`axis`, `kernel_size`),
then the constants that the rule's own guards compare it with. A required parameter that nothing is
known of leaves the rule without a derived domain. A dtype variable `I` without a `where` means an
index, `B` a mask. A required parameter that `try` gives as `omitted` says that only the tables try
the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...ir.nodes import Compare, Constant, Expression, Name, Starred, Tuple, walk
from ..language.facts import literal
from ..language.records import Parameter, Rule, variable_name
from .domain import (
    AxisOf,
    Domain,
    Indices,
    ListOf,
    Omitted,
    OneOf,
    TensorDomain,
    Text,
    parse_domain,
)

AXIS_NAMES = ("axis", "dim", "seq_axis", "batch_axis", "axis1", "axis2", "source", "destination")
LEFT_OUT = ("Ignored", "Noted", "Regularizer", "Init", "Callable", "Layer", "Static")
FREE_NUMBERS = OneOf((Text("0.5"), Text("2.0"), Text("1"), Text("-1.5")))
BY_NAME: dict[str, Domain] = {
    "kernel_size": OneOf((Text("2"), Text("3"), Text("1"))),
    "pool_size": OneOf((Text("2"), Text("3"))),
    "strides": OneOf((Text("1"), Text("2"))),
    "padding": OneOf((Text("'valid'"), Text("'same'"))),
    "filters": OneOf((Text("2"), Text("3"))),
    "units": OneOf((Text("2"), Text("3"), Text("1"))),
    "rate": OneOf((Text("0.5"), Text("0.2"))),
    "data_format": Omitted(),
}
OPTIMIZERS: dict[str, Domain] = {
    **{f"beta_{n}": OneOf((Text("0.9"), Text("0.5"))) for n in (1, 2)},
    "epsilon": OneOf((Text("1e-3"), Text("1e-7"))),
    "amsgrad": OneOf((Text("True"), Text("False"))),
    "weight_decay": OneOf((Text("0.01"),)),
    "clipnorm": OneOf((Text("0.5"),)),
    "decay": OneOf((Text("0.1"),)),
}
"""Parameters of optimizers. Those of all are tried one at a time."""
"""Parameters of layers whose type says too little."""
PADDINGS = ("valid", "same", "VALID", "SAME")
"""Of operations: the source package rejects those that are not its own spelling."""


REQUIRED = {
    **{"message": "'message'", "msg": "'message'", "data_format": "'channels_last'"},
    **{"tensor": "tf.ones((2,))", "x": "tf.ones((2,))"},
}
"""What TensorFlow must be given though the rule does not use it."""


@dataclass(frozen=True, slots=True)
class RuleDomain:
    """`parameters` and `inputs` (of a layer's call) by name. `stated` names those that `try`
    gives; `missing` those without any domain, so that nothing can be sampled."""

    parameters: dict[str, Domain]
    inputs: dict[str, Domain]
    dtypes: dict[str, tuple[str, ...]]
    stated: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def derive(rule: Rule) -> RuleDomain:
    """Raises DomainError for a `try` clause that cannot be read."""
    stated = {name: parse_domain(text) for name, text in rule.attempts}
    tensors = [p.name for p in (*rule.inputs, *rule.parameters) if p.type.is_tensor]
    context = _Context(rule, tensors[0] if tensors else None, _compared(rule))
    missing: list[str] = []

    def domain(parameter: Parameter) -> Domain:
        found = stated.get(parameter.name)
        if found is not None:
            if isinstance(found, Omitted) and parameter.default is None:
                missing.append(parameter.name)
            return _merged(found, parameter)
        found = context.of(parameter)
        if found is None:
            if parameter.default is None and parameter.type.kind not in LEFT_OUT[:3]:
                missing.append(parameter.name)
            return Omitted()
        return found

    parameters = {p.name: domain(p) for p in rule.parameters}
    inputs = {p.name: domain(p) for p in rule.inputs}
    return RuleDomain(
        parameters, inputs, dict(_dtypes(rule)), tuple(stated), tuple(dict.fromkeys(missing))
    )


def _merged(domain: Domain, parameter: Parameter) -> Domain:
    """A stated tensor domain with what the type adds."""
    match domain:
        case TensorDomain():
            typed = _tensor(parameter)
            if domain.ranks is not None or domain.like is not None:
                typed = replace(typed, pattern=None, shape=None)
            return replace(
                typed,
                ranks=domain.ranks,
                dims=domain.dims,
                values=domain.values,
                dtypes=domain.dtypes,
                like=domain.like,
                variable=domain.variable,
            )
        case OneOf(options=options):
            return OneOf(tuple(_merged(option, parameter) for option in options))
        case _:
            return domain


def _tensor(parameter: Parameter) -> TensorDomain:
    kind = parameter.type if parameter.type.element is None else parameter.type.element
    shape, pattern = None, None
    match kind.shape:
        case Name() as name:
            shape = variable_name(name)
        case Tuple(elements=elements):
            pattern = tuple(_size(e) for e in elements)
        case _:
            pass
    return TensorDomain(letter=kind.dtype, pattern=pattern, shape=shape)


def _size(e: Expression) -> str:
    if isinstance(e, Starred):
        return "*" + (variable_name(e.value) or "")
    return variable_name(e) or str(e.value if isinstance(e, Constant) else 1)


def _dtypes(rule: Rule) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words of `where`, by dtype variable; conventions for `I` and `B`."""
    yield from rule.where
    named = {name for name, _ in rule.where}
    for parameter in (*rule.inputs, *rule.parameters):
        kind = parameter.type if parameter.type.element is None else parameter.type.element
        if kind.dtype in ("I", "B") and kind.dtype not in named:
            yield kind.dtype, ("integer",) if kind.dtype == "I" else ("boolean",)


def _compared(rule: Rule) -> dict[str, list[str]]:
    """Constants that guards compare parameters with: the alternatives worth trying."""
    found: dict[str, list[str]] = {}
    choices = (*rule.to, *rule.call)
    places = [c.guard for c in choices if c.guard is not None]
    places += [c.body for c in choices] + [r.test for r in rule.requirements]
    for place in places:
        for node in walk(place):
            if not isinstance(node, Compare):
                continue
            sides = [node.left, *node.comparators]
            for name in filter(None, map(variable_name, sides)):
                for side in sides:
                    value = literal(side)
                    if value is not None and isinstance(value.value, str | int | float):
                        found.setdefault(name, []).append(repr(value.value))
    return found


@dataclass(frozen=True, slots=True)
class _Context:
    rule: Rule
    first_tensor: str | None
    compared: dict[str, list[str]]

    def of(self, parameter: Parameter) -> Domain | None:
        """None: nothing is known, or nothing is to be passed."""
        base = self._base(parameter)
        if base is None or parameter.default is None:
            return base
        return OneOf((Omitted(), base)) if not isinstance(base, Omitted) else base

    def _base(self, parameter: Parameter) -> Domain | None:
        kind, name = parameter.type.kind, parameter.name
        if parameter.type.is_tensor:
            tensor = _tensor(parameter)
            if tensor.letter == "I":
                return Indices()
            return ListOf(tensor, (2, 1, 3)) if kind == "list" else tensor
        if parameter.default is None and kind in LEFT_OUT[:2] and name in REQUIRED:
            return Text(REQUIRED[name])
        options = [Text(text) for text in dict.fromkeys(self.compared.get(name, []))]
        match kind:
            case _ if kind in LEFT_OUT:
                return None
            case _ if name == "self":
                return TensorDomain()
            case "Fixed":
                return OneOf(tuple(Text(_shown(v)) for v in parameter.type.values))
            case "bool":
                return OneOf((Text("True"), Text("False")))
            case "DType":
                return OneOf((Text("'float32'"), Text("'int32'"), Text("'float16'")))
            case "Activation":
                return OneOf((Text("'relu'"), Text("'tanh'")))
            case "Axes" if self.first_tensor:
                return OneOf((AxisOf(self.first_tensor), AxisOf(self.first_tensor, True)))
            case "int" if name in AXIS_NAMES and self.first_tensor:
                return AxisOf(self.first_tensor)
            case "int" | "float" | "Any" | "str" if name in BY_NAME and self.rule.kind == "layer":
                return BY_NAME[name]
            case "float" | "Any" if self.rule.kind == "optimizer":
                return OPTIMIZERS.get(name, Omitted())
            case "Any" if name in BY_NAME and parameter.default is None:
                return BY_NAME[name]
            case "int":
                return OneOf((*options, Text("2"), Text("1"), Text("3")))
            case "float":
                return OneOf((*options, Text("0.5"), Text("1.5"), Text("0.25")))
            case "Shape":
                return OneOf((Text("[2, 3]"), Text("[4]"), Text("[2, 2, 2]"), Text("[0, 2]")))
            case "str" if name == "padding" and not options:
                return OneOf(tuple(Text(repr(word)) for word in PADDINGS))
            case "str":
                return OneOf(tuple(options)) if options else None
            case "Any" if options and all(o.text[0] in "'\"" for o in options):
                return OneOf(tuple(options))
            case "Any" if parameter.default is not None:
                return OneOf(tuple(options)) if options else None
            case "Any" if name in ("x", "value", "tensor", "input", "initial_value"):
                return OneOf((TensorDomain(), FREE_NUMBERS))
            case "Any":
                return FREE_NUMBERS
            case _:
                return None


def _shown(e: Expression) -> str:
    value = literal(e)
    return repr(value.value) if value is not None else "None"
