"""The source tree as the contracts see it: modules and what each imports, by syntax alone."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "flyoff"


@dataclass(frozen=True)
class Import:
    """One import statement's target, as an absolute dotted name."""

    module: str
    line: int
    is_for_types: bool  # under ``if TYPE_CHECKING``: never executed
    is_lazy: bool  # inside a function: executed only when that runs


@cache
def modules() -> dict[str, Path]:
    """Map each module's dotted name to its file."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(name: str) -> tuple[Import, ...]:
    """List everything that a module imports, wherever in it the statement stands."""
    return tuple(_walk(ast.parse(modules()[name].read_text()), False, False))


def _walk(node: ast.AST, for_types: bool, lazy: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, for_types, lazy)
        elif isinstance(child, ast.ImportFrom):
            yield from _from(child, for_types, lazy)
        elif isinstance(child, ast.If) and _is_type_checking(child.test):
            for statement in child.body:
                yield from _walk(ast.Module([statement], []), True, lazy)
            for statement in child.orelse:
                yield from _walk(ast.Module([statement], []), for_types, lazy)
        else:
            yield from _walk(child, for_types, inside)


def _from(node: ast.ImportFrom, for_types: bool, lazy: bool) -> Iterator[Import]:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        # ``from flyoff.decoders import ulog`` names a module, ``from flyoff.errors import X`` not
        inner = f"{module}.{alias.name}"
        yield Import(inner if inner in modules() else module, node.lineno, for_types, lazy)


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def package(name: str) -> str:
    """Give the second part of a dotted name: ``flyoff.model.span`` is of ``model``."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""
