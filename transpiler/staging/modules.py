"""A whole module: each top-level statement is translated, functions that build layers become
classes."""

from __future__ import annotations

from ...ir.nodes import (
    Argument,
    Assign,
    Attribute,
    Body,
    Call,
    ClassDef,
    Constant,
    Expression,
    FunctionDef,
    If,
    Import,
    Module,
    Name,
    Node,
    OpaqueStatement,
    OpCall,
    Pass,
    Statement,
    Symbol,
    Try,
    map_children,
    replace_node,
    walk,
)
from .chosen_layers.layer_tables import with_tables
from .class_definitions import class_output
from .class_definitions.layer_state import constructor
from .control_flow.dropped import is_api_binding
from .control_flow.statements import run
from .frame import Frame, Result
from .function_definitions import function_output
from .function_definitions.builders import call_code
from .layers.applying import apply_evaluated
from .layers.sequentials import declared_input
from .nodes import BuilderCall, LoopCode, ModuleRead, Optional, Pending, StaticRead
from .plans import Plan
from .program import Program
from .rules_bridge import replace_name
from .sites import Site
from .slices.shared import with_names
from .values import Instance
from .values_at_rest import is_registration, symbols_as_values


def translate_module(program: Program, name: str) -> Module:
    """The target tree of one module. Untouched statements are the same objects as in the source
    tree."""
    tree = program.modules[name].tree
    for definition in program.definitions(name):
        program.plan(definition)
    frame = Frame(program, name, "plain")
    body = with_tables(program, name, _body(program, frame, tree.body))
    body = [_final(program, frame, s) for s in body]
    if len(body) == len(tree.body) and all(a is b for a, b in zip(body, tree.body, strict=True)):
        return tree
    return with_names(replace_node(tree, body=tuple(body)))


def _body(program: Program, frame: Frame, body: Body) -> list[Statement]:
    result: list[Statement] = []
    for statement in body:
        result.extend(_statement(program, frame, statement))
    return result


def _statement(program: Program, frame: Frame, statement: Statement) -> list[Statement]:
    if is_api_binding(frame, statement):
        return []
    match statement:
        case FunctionDef(name=name) | ClassDef(name=name):
            definition = program.definition(frame.module, name)
            if definition is None or definition.node is not statement:
                return [statement]
            if isinstance(statement, FunctionDef) and is_registration(statement):
                note = "registers classes with Keras for their serialisation"
                program.translated(frame, statement.span, "serialisation", "dropped", note)
                program.note(frame, "TJ6002", f"`{name}` is dropped: it {note}", statement.span)
                program.removed.add((frame.module, name))
                return []
            return _definition(program, frame, program.plan(definition), statement)
        case Import():
            return [statement]
        case If(test=test, then=then, otherwise=otherwise):
            from .evaluation.expressions import evaluate

            new_test = evaluate(frame, test).dynamic
            if isinstance(new_test, Constant) and not isinstance(test, Constant):
                return _body(program, frame, then if new_test.value else otherwise)
            new_then, new_otherwise = _body(program, frame, then), _body(program, frame, otherwise)
            if not new_then and not new_otherwise:
                return []
            same = new_test is test and _same(new_then, then) and _same(new_otherwise, otherwise)
            if same:
                return [statement]
            return [
                replace_node(
                    statement,
                    test=new_test,
                    then=tuple(new_then) or (Pass(),),
                    otherwise=tuple(new_otherwise),
                )
            ]
        case Try(body=body, handlers=handlers, otherwise=otherwise, final=final):
            blocks = [_body(program, frame, b) for b in (body, otherwise, final)]
            new_handlers = tuple(
                h
                if _same(b := _body(program, frame, h.body), h.body)
                else replace_node(h, body=tuple(b) or (Pass(),))
                for h in handlers
            )
            unchanged = all(
                _same(n, o) for n, o in zip(blocks, (body, otherwise, final), strict=True)
            )
            if unchanged and all(a is b for a, b in zip(new_handlers, handlers, strict=True)):
                return [statement]
            if not blocks[0]:
                return []
            return [
                replace_node(
                    statement,
                    body=tuple(blocks[0]),
                    handlers=new_handlers,
                    otherwise=tuple(blocks[1]),
                    final=tuple(blocks[2]),
                )
            ]
        case Assign(targets=(Attribute(attribute="__doc__"),), value=value) if mentions_source(
            value
        ):
            program.translated(
                frame, statement.span, "documentation", "dropped", "documentation of the source API"
            )
            return []
        case _:
            before = len(frame.body)
            run(frame, statement)
            frame.terminated = False
            made = frame.body[before:]
            del frame.body[before:]
            return made


def mentions_source(code: Expression) -> bool:
    """Whether code names anything of the source framework."""
    return any(
        isinstance(n, OpCall) or (isinstance(n, Symbol) and n.path.startswith(("tf.", "keras.")))
        for n in walk(code)
    )


def _same(new: list[Statement], old: Body) -> bool:
    return len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True))


def _definition(
    program: Program, frame: Frame, plan: Plan, statement: Statement
) -> list[Statement]:
    match plan.kind:
        case "layer":
            return [*_lifted(program, plan), *class_output.class_statements(program, plan)]
        case "class" | "factory":
            return [*_lifted(program, plan), function_output.class_statement(program, plan)]
        case "builder" | "maker" | "chooser":
            return [*_lifted(program, plan), function_output.builder_statement(program, plan)]
        case "plain":
            if isinstance(statement, ClassDef):
                return class_output.plain_class(program, frame, statement)
            return plan.output or [statement]


def _lifted(program: Program, plan: Plan) -> list[Statement]:
    """Local functions that became classes stand before the definition they came from."""
    made: list[Statement] = []
    for definition in program.lifted_of(plan.definition):
        inner = program.plan(definition)
        if inner.kind in ("class", "factory"):
            made += [*_lifted(program, inner), function_output.class_statement(program, inner)]
        elif inner.kind in ("builder", "maker", "chooser"):
            made += [*_lifted(program, inner), function_output.builder_statement(program, inner)]
    return made


def built_in_place(program: Program, frame: Frame, code: Expression) -> Expression:
    """Modules built where nobody takes a generator: script code, functions that are no builders."""

    def visit(node: Node) -> Node:
        if isinstance(node, BuilderCall):
            made = call_code(program, frame, node.made)
            rngs = Call(Symbol("flax.nnx.Rngs"), (Argument(Constant(0)),))
            return visit(replace_name(made, "rngs", rngs))
        if not isinstance(node, Pending):
            return map_children(node, visit)
        construct = sized_constructor(program, frame, node.site)
        rngs = Call(Symbol("flax.nnx.Rngs"), (Argument(Constant(0)),))
        return visit(replace_name(construct, "rngs", rngs))

    result = visit(code)
    assert isinstance(result, Expression)
    return result


def sized_constructor(program: Program, frame: Frame, site: Site) -> Expression:
    """The constructor of a module; one that declares its input is sized by it."""
    declared = declared_input(frame, site)
    if site.details.get("construct") is None and declared is not None:
        code = Name("x")
        program.facts.record(code, declared)
        site.stored = True
        call = Call(Pending(site), (Argument(code),), span=site.span)
        apply_evaluated(
            frame,
            site,
            call,
            Result(Instance(site), Pending(site), None),
            [(call.arguments[0], Result(declared, code, None))],
        )
    return constructor(program, frame, site)


def _final(program: Program, frame: Frame, statement: Statement) -> Statement:
    """Symbols left over become values; nothing of staging is left in the tree."""
    if isinstance(statement, (Import, OpaqueStatement)):
        return statement

    def visit(node: Node) -> Node:
        match node:
            case Import():
                return node
            case Expression():
                return symbols_as_values(program, frame, built_in_place(program, frame, node))
            case _:
                return map_children(node, visit)

    result = visit(at_rest(program, frame, statement))
    assert isinstance(result, Statement)
    return result


def at_rest(program: Program, frame: Frame, statement: Statement) -> Statement:
    """No node of staging is left: a variable of the same body is read by its name."""

    def visit(node: Node) -> Node:
        match node:
            case StaticRead(name=name):
                return Name(name, span=node.span)
            case ModuleRead(site=site):
                return Attribute(Name("self"), site.attribute or site.hint)
            case Optional(statement=inner) | LoopCode(statement=inner):
                return visit(inner)
            case Name(id=name) if not name.isidentifier():
                # An input that no variable of a graph took up.
                return program.unhandled(
                    frame,
                    Constant(None),
                    "TJ5020",
                    "an `Input` is used where no graph is built",
                    "build the model in a function, or in the constructor of a Model",
                    statement.span,
                )
            case _:
                return map_children(node, visit)

    result = visit(statement)
    assert isinstance(result, Statement)
    return result
