"""A tiny evaluator for helpers that look up API modules by name. Never runs the user's code.

It knows constants, strings, tuples, `if`, loops over constants, `import`, `import_module`,
`getattr` and calls of project functions; everything else is unknown. Steps and sizes are limited.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .evaluated import (
    LENGTH,
    RESOLUTION,
    UNKNOWN,
    Table,
    binary,
    compare,
    has_member,
    is_table,
    item_of,
    items_of,
    known_call,
    member_of,
    method,
    opaque,
    unpack,
)
from .resolution import ApiObject, External, ProjectDefinition

if TYPE_CHECKING:
    from .project import ModuleTable

_RUNS = 16
_STEPS = 2000
_DEPTH = 12


class Stop(Exception):
    """The evaluation gives up."""


class _Raised(Exception):
    """The evaluated code raises."""


class _Return(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class Evaluation:
    """One run. `choices` says which branch to take at each test that is unknown, in order; of
    several assignments to a variable those in `near` are meant, if any."""

    def __init__(self, choices: list[bool], near: Sequence[ast.stmt] = ()) -> None:
        self.choices = choices
        self._near = {id(statement) for statement in near}
        self.used = 0
        self._steps = 0
        self._depth = 0

    def raised(self, run: Callable[[], Any]) -> tuple[bool, Any]:
        """Whether `run` raised in the evaluated code, and what it gave. Raises Stop."""
        try:
            return False, run()
        except _Raised:
            return True, UNKNOWN

    def _choose(self) -> bool:
        if self.used == len(self.choices):
            self.choices.append(True)
        self.used += 1
        return self.choices[self.used - 1]

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _STEPS:
            raise Stop

    def value(self, node: ast.expr, names: dict[str, Any], module: ModuleTable) -> Any:
        """The value of an expression where `names` are local."""
        self._step()
        match node:
            case ast.Constant(value=value):
                return value if isinstance(value, str | int | float | None) else UNKNOWN
            case ast.Name(id=id):
                return names[id] if id in names else self._global(id, module)
            case ast.Attribute(value=owner, attr=attribute):
                found = self.value(owner, names, module)
                return member_of(found, attribute, module)
            case ast.Dict(keys=keys, values=values) if None not in keys:
                made = [self.value(key, names, module) for key in keys if key is not None]
                return Table.of(made, [self.value(value, names, module) for value in values])
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return tuple(self.value(element, names, module) for element in elements)
            case ast.IfExp(test=test, body=then, orelse=otherwise):
                return self.value(
                    then if self._truth(test, names, module) else otherwise, names, module
                )
            case ast.BinOp(left=left, op=operator, right=right):
                return binary(
                    operator, self.value(left, names, module), self.value(right, names, module)
                )
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return compare(
                    operator, self.value(left, names, module), self.value(right, names, module)
                )
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                found = self.value(operand, names, module)
                return UNKNOWN if opaque(found) else not found
            case ast.BoolOp():
                return self._boolean(node, names, module)
            case ast.JoinedStr(values=parts):
                return self._formatted(parts, names, module)
            case ast.Subscript(value=owner, slice=index):
                return item_of(self.value(owner, names, module), self.value(index, names, module))
            case ast.Call():
                return self._call(node, names, module)
            case (
                ast.GeneratorExp(elt=element, generators=[generator])
                | ast.ListComp(elt=element, generators=[generator])
            ) if not generator.ifs:
                items = self.value(generator.iter, names, module)
                if not isinstance(items, tuple):
                    return UNKNOWN
                return tuple(
                    self.value(element, {**names, **unpack(generator.target, item)}, module)
                    for item in items  # pyright: ignore[reportUnknownVariableType]
                )
            case _:
                return UNKNOWN

    def _global(self, name: str, module: ModuleTable) -> Any:
        found = module.lookup(name)
        if found is None:
            return External(f"builtins.{name}")
        if not isinstance(found, ProjectDefinition):
            return found
        owner = module.project.modules.get(found.module)
        bindings = [] if owner is None else owner.bindings.names.get(found.name, [])
        tables = len(bindings) > 1 and all(is_table(binding.value) for binding in bindings)
        if owner is None or (len(bindings) != 1 and not tables) or bindings[0].kind != "assign":
            return found
        bindings = [b for b in bindings if id(b.statement) in self._near] or bindings
        binding = bindings[0]
        for other in bindings[1:]:  # whichever of them the program has made
            if self._choose():
                break
            binding = other
        if binding.value is None or binding.position is not None or self._depth > _DEPTH:
            return UNKNOWN
        self._depth += 1
        try:
            return self.value(binding.value, {}, owner)
        finally:
            self._depth -= 1

    def _truth(self, test: ast.expr, names: dict[str, Any], module: ModuleTable) -> bool:
        found = self.value(test, names, module)
        return self._choose() if opaque(found) else bool(found)

    def _boolean(self, node: ast.BoolOp, names: dict[str, Any], module: ModuleTable) -> Any:
        stops_at = isinstance(node.op, ast.Or)
        found: Any = UNKNOWN
        for operand in node.values:
            found = self.value(operand, names, module)
            truth = True if isinstance(found, RESOLUTION) else found
            if opaque(truth) or bool(truth) == stops_at:
                return found
        return found

    def _formatted(
        self, parts: Sequence[ast.expr], names: dict[str, Any], module: ModuleTable
    ) -> Any:
        text = ""
        for part in parts:
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion != -1:
                    return UNKNOWN
                part = part.value
            found = self.value(part, names, module)
            if not isinstance(found, str | int):
                return UNKNOWN
            text += str(found)
        return text[:LENGTH]

    def _call(self, node: ast.Call, names: dict[str, Any], module: ModuleTable) -> Any:
        positional: list[Any] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                items = self.value(argument.value, names, module)
                if not isinstance(items, tuple):
                    return UNKNOWN
                positional.extend(items)  # pyright: ignore[reportUnknownArgumentType]
            else:
                positional.append(self.value(argument, names, module))
        keywords: dict[str, Any] = {}
        for keyword in node.keywords:
            found = self.value(keyword.value, names, module)
            if keyword.arg is not None:
                keywords[keyword.arg] = found
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value, names, module)
            if not isinstance(owner, RESOLUTION):
                return method(owner, node.func.attr, positional, keywords)
            function = member_of(owner, node.func.attr, module)
        else:
            function = self.value(node.func, names, module)
        return self.call(function, positional, keywords, module)

    def call(
        self, function: Any, positional: list[Any], keywords: dict[str, Any], module: ModuleTable
    ) -> Any:
        """What calling a resolved function gives."""
        match function:
            case External(dotted="builtins.getattr") if len(positional) >= 2:
                return member_of(positional[0], positional[1], module)
            case External(dotted="builtins.hasattr") if len(positional) == 2:
                return has_member(positional[0], positional[1], module)
            case External(dotted="builtins.dict") if not positional:
                return Table.of([*keywords], [*keywords.values()])
            case External(dotted="builtins.tuple" | "builtins.list") if len(positional) == 1:
                items = items_of(positional[0])
                return UNKNOWN if items is None else items
            case External(dotted="builtins.len") if len(positional) == 1:
                items = items_of(positional[0])
                return UNKNOWN if items is None else len(items)
            case External(dotted=dotted) | ApiObject(path=dotted):
                return known_call(dotted, positional, module)
            case ProjectDefinition(module=owner, name=name):
                table = module.project.modules.get(owner)
                definition = None if table is None else table.definition(name)
                if table is not None and isinstance(definition, ast.FunctionDef):
                    return self.run(definition, positional, keywords, table)
                return known_call(name, positional, module)
            case _:
                return UNKNOWN

    def run(
        self,
        function: ast.FunctionDef,
        positional: list[Any],
        keywords: dict[str, Any],
        module: ModuleTable,
    ) -> Any:
        """What a call of a function of `module` returns."""
        if function.decorator_list or self._depth > _DEPTH:
            return UNKNOWN
        names = self._parameters(function.args, positional, keywords, module)
        self._depth += 1
        try:
            self._body(function.body, names, module)
        except _Return as returned:
            return returned.value
        finally:
            self._depth -= 1
        return None

    def _parameters(
        self,
        arguments: ast.arguments,
        positional: list[Any],
        keywords: dict[str, Any],
        module: ModuleTable,
    ) -> dict[str, Any]:
        slots = [*arguments.posonlyargs, *arguments.args]
        names: dict[str, Any] = {slot.arg: UNKNOWN for slot in [*slots, *arguments.kwonlyargs]}
        for slot, default in zip(reversed(slots), reversed(arguments.defaults), strict=False):
            names[slot.arg] = self.value(default, {}, module)
        for slot, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default is not None:
                names[slot.arg] = self.value(default, {}, module)
        for slot, value in zip(slots, positional, strict=False):
            names[slot.arg] = value
        names.update((name, value) for name, value in keywords.items() if name in names)
        if arguments.vararg is not None:
            names[arguments.vararg.arg] = tuple(positional[len(slots) :])
        if arguments.kwarg is not None:
            names[arguments.kwarg.arg] = UNKNOWN
        return names

    def _body(self, body: Sequence[ast.stmt], names: dict[str, Any], module: ModuleTable) -> None:
        for node in body:
            self._step()
            match node:
                case ast.Return(value=value):
                    raise _Return(None if value is None else self.value(value, names, module))
                case ast.Raise():
                    raise _Raised
                case ast.Assign(targets=targets, value=value):
                    found = self.value(value, names, module)
                    for target in targets:
                        names.update(unpack(target, found))
                case ast.If(test=test, body=then, orelse=otherwise):
                    taken = self._truth(test, names, module)
                    self._body(then if taken else otherwise, names, module)
                case ast.For(target=target, iter=iterable, body=inside):
                    items = self.value(iterable, names, module)
                    for item in items if isinstance(items, tuple) else ():  # pyright: ignore
                        names.update(unpack(target, item))
                        self._body(inside, names, module)
                case ast.Import(names=aliases):
                    for alias in aliases:
                        dotted = alias.name if alias.asname else alias.name.partition(".")[0]
                        names[alias.asname or dotted] = module.project.imported(dotted, None)
                case ast.ImportFrom(names=aliases):
                    dotted = module.absolute_from(node.module or "", node.level)
                    for alias in aliases:
                        found = module.project.imported(dotted, alias.name)
                        names[alias.asname or alias.name] = found
                case ast.Try(body=inside):
                    self._body(inside, names, module)
                case ast.Expr() | ast.Pass() | ast.Assert() | ast.Global():
                    pass
                case _:
                    raise Stop


def outcomes(run: Callable[[Evaluation], Any], near: Sequence[ast.stmt] = ()) -> set[Any] | None:
    """What `run` gives on every way through unknown tests; None where there are too many ways."""
    found: set[Any] = set()
    choices: list[bool] = []
    for _ in range(_RUNS):
        evaluation = Evaluation(choices, near)
        try:
            raised, value = evaluation.raised(lambda e=evaluation: run(e))
        except (Stop, RecursionError):
            return None
        if not raised:
            found.add(value)
        del choices[evaluation.used :]
        while choices and not choices[-1]:
            choices.pop()
        if not choices:
            return found
        choices[-1] = False
    return None
