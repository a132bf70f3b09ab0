"""Weight pairing on hand-made structures: order first, then paths, then a precise report."""

from __future__ import annotations

from dataclasses import replace

from flax import nnx
from tfjax.transpiler.verify.case import WeightMove, WeightRule
from tfjax.transpiler.verify.jax_structure import structure_of
from tfjax.transpiler.verify.pairing import Candidate, Pairing
from tfjax.transpiler.verify.structure import ModuleRecord, Owned, Structure, VariableRecord

from .weight_table import RULES

Layer = tuple[str, str, dict[str, tuple[int, ...]]]
DENSE, LINEAR = "keras.layers.Dense", "flax.nnx.Linear"
SQUARE = {"kernel": (4, 4), "bias": (4,)}


def structure(*layers: Layer, order: list[int | None] | None = None) -> Structure:
    """A root with the given (path, class, weights) below it, called in this order by default."""
    calls = order or list(range(1, len(layers) + 1))
    modules = [ModuleRecord(0, None, ("user.Model",), ("",), 0, ())]
    variables: list[VariableRecord] = []
    for (path, name, weights), call in zip(layers, calls, strict=True):
        owned: list[Owned] = []
        for attr, shape in weights.items():
            owned.append(Owned(len(variables), attr))
            full = f"{path}.{attr}"
            variables.append(VariableRecord(len(variables), full, full, shape, "float32", "param"))
        module = ModuleRecord(len(modules), 0, (name,), (path,), call, tuple(owned))
        modules.append(module)
    return Structure(tuple(modules), tuple(variables))


def pairs(source: Structure, target: Structure, candidate: Candidate) -> dict[str, str]:
    return {
        target.variables[m.target].path: source.variables[m.sources[0]].path
        for m in candidate.moves
    }


def test_order_decides_where_names_do_not() -> None:
    source = structure(("dense", DENSE, SQUARE), ("dense_1", DENSE, SQUARE))
    target = structure(("b", LINEAR, SQUARE), ("a", LINEAR, SQUARE))
    first = Pairing(source, target, RULES).candidates()[0]
    assert first.complete
    assert first.strategy == "call order"
    assert pairs(source, target, first)["b.kernel"] == "dense.kernel"


def test_what_the_translation_never_calls_has_its_place() -> None:
    source = structure(*((f"dense_{n}", DENSE, SQUARE) for n in range(3)))
    target = structure(*((name, LINEAR, SQUARE) for name in "abc"), order=[1, None, 2])
    placed = tuple(replace(m, place=1) if m.first_call is None else m for m in target.modules)
    first = Pairing(source, replace(target, modules=placed), RULES).candidates()[0]
    assert first.strategy == "calls and places"
    found = pairs(source, target, first)
    assert [found[f"{name}.kernel"] for name in "abc"] == [f"dense_{n}.kernel" for n in range(3)]


def test_the_place_of_a_module_is_after_what_is_defined_before_it() -> None:
    class Pair(nnx.Module):
        def __init__(self, rngs: nnx.Rngs) -> None:
            self.z = nnx.Linear(2, 2, rngs=rngs)
            self.a = nnx.List([nnx.Linear(2, 2, rngs=rngs) for _ in range(3)])
            self.m = nnx.Linear(2, 2, rngs=rngs)

    first = {("z",): 2, ("a", 0): 3, ("a", 2): 5, (): 1}
    found, _ = structure_of(Pair(nnx.Rngs(0)), first)
    places = {m.paths[0]: m.place for m in found.modules if m.place is not None}
    assert places == {"a.1": 3, "m": 5}


def test_paths_decide_where_layers_are_never_called() -> None:
    odd = {"kernel": (4, 7), "bias": (7,)}
    source = structure(
        ("a", DENSE, SQUARE), ("pool", DENSE, odd), ("b", DENSE, SQUARE), order=[1, None, 2]
    )
    target = structure(
        ("a", LINEAR, SQUARE), ("b", LINEAR, SQUARE), ("pool", LINEAR, odd), order=[1, 2, 3]
    )
    first = Pairing(source, target, RULES).candidates()[0]
    assert first.complete
    assert pairs(source, target, first)["pool.kernel"] == "pool.kernel"


def test_two_readings_give_two_candidates() -> None:
    source = structure(("a", DENSE, SQUARE), ("b", DENSE, SQUARE))
    target = structure(("b", LINEAR, SQUARE), ("a", LINEAR, SQUARE))
    found = Pairing(source, target, RULES).candidates()
    assert [c.strategy for c in found] == ["call order", "attribute paths"]


def test_custom_layers_pair_by_attribute_then_by_unique_shape() -> None:
    source = structure(("s", "user.Scale", {"gain": (4,), "w": (4, 2)}))
    target = structure(("scale", "out.Scale", {"gain": (4,), "weight": (4, 2)}))
    first = Pairing(source, target, RULES).candidates()[0]
    assert first.complete
    assert pairs(source, target, first)["scale.weight"] == "s.w"


def test_ambiguous_weights_are_reported_unless_renamed() -> None:
    source = structure(("s", "user.Scale", {"a": (4,), "b": (4,)}))
    target = structure(("s", "out.Scale", {"c": (4,), "d": (4,)}))
    (only,) = Pairing(source, target, RULES).candidates()
    assert not only.complete
    assert [source.variables[i].path for i in only.unused_sources] == ["s.a", "s.b"]
    assert [target.variables[i].path for i in only.uncovered_targets] == ["s.c", "s.d"]
    (named,) = Pairing(source, target, RULES, {"a": "d", "b": "c"}).candidates()
    assert pairs(source, target, named) == {"s.d": "s.a", "s.c": "s.b"}


def test_the_shape_chooses_among_lines_for_one_weight() -> None:
    einsum, general = "keras.layers.EinsumDense", "flax.nnx.LinearGeneral"
    turned = {"op": "transpose", "axes": [1, 0, 2]}
    lines = (WeightMove("kernel", "kernel"), WeightMove("kernel", "kernel", (turned,)))
    rules = (WeightRule(einsum, general, lines),)
    kernel = {"kernel": (2, 8, 4)}
    for given, steps in (((2, 8, 4), ()), ((8, 2, 4), (turned,))):
        source = structure(("a", einsum, {"kernel": given}))
        (only,) = Pairing(source, structure(("b", general, kernel)), rules).candidates()
        assert only.complete
        assert [m.steps for m in only.moves] == [steps]


def test_what_is_left_over_is_listed() -> None:
    source = structure(("a", DENSE, SQUARE), ("extra", DENSE, {"kernel": (9, 9)}))
    target = structure(("a", LINEAR, SQUARE), ("other", LINEAR, {"kernel": (5, 5)}))
    (only,) = Pairing(source, target, RULES).candidates()
    assert not only.complete
    left = [source.variables[i].path for i in only.unused_sources]
    free = [target.variables[i].path for i in only.uncovered_targets]
    assert left == ["extra.kernel"]
    assert free == ["other.kernel"]


def test_nested_models_follow_their_own_first_call() -> None:
    """Keras builds an inner model before the outer one calls it; the translation does not."""
    source = structure(("inner", "user.Inner", {}), ("stem", DENSE, SQUARE), order=[3, 2])
    inner = ModuleRecord(3, 1, (DENSE,), ("inner.d",), 1, (Owned(2, "kernel"), Owned(3, "bias")))
    extra = tuple(replace(v, id=v.id + 2, path="inner." + v.path) for v in source.variables)
    source = Structure((*source.modules, inner), (*source.variables, *extra))
    target = structure(("stem", LINEAR, SQUARE), ("d", LINEAR, SQUARE))
    found = Pairing(source, target, RULES).candidates()
    readings = [pairs(source, target, c)["stem.kernel"] for c in found]
    assert "stem.kernel" in readings
