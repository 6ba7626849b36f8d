"""Files and functions stay small, and names say something (STYLE.md)."""

import ast
import re
from pathlib import Path

import pytest

from tests.contracts.source_tree import ROOT, modules

MAX_LINES = 400
MAX_FUNCTION_LINES = 40
#: One pass over a file keeps its state in local variables: a kernel cannot be cut as small.
MAX_KERNEL_LINES = 60

#: File to the reason why it may be longer. A reason is never "not yet split".
LONG_FILES: dict[str, str] = {}

BANNED = {"utils", "util", "helpers", "helper", "manager", "process", "data2", "common", "misc"}


def _python_files() -> list[Path]:
    return [*modules().values(), *sorted((ROOT / "tests").rglob("*.py"))]


@pytest.mark.parametrize("path", _python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_short(path: Path) -> None:
    lines = path.read_text().count("\n")
    name = str(path.relative_to(ROOT))
    assert lines <= MAX_LINES or name in LONG_FILES, f"{name}: {lines} lines, at most {MAX_LINES}"


def test_the_allow_list_holds_only_long_files() -> None:
    for name, reason in LONG_FILES.items():
        assert len(reason) > 20
        assert (ROOT / name).read_text().count("\n") > MAX_LINES, f"{name} is short again"


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef, text: list[str]) -> int:
    """Count a function's lines of code; its docstring, comments and blanks are free."""
    body = node.body
    has_docstring = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    skip = range(body[0].lineno, (body[0].end_lineno or 0) + 1) if has_docstring else range(0)
    numbers = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    lines = (text[n - 1].strip() for n in numbers if n not in skip)
    return sum(bool(line) and not line.startswith("#") for line in lines)


@pytest.mark.parametrize("name", modules())
def test_functions_are_short(name: str) -> None:
    text = modules()[name].read_text()
    lines = text.splitlines()
    limit = MAX_KERNEL_LINES if name.endswith("._kernels") else MAX_FUNCTION_LINES
    long = [
        f"{node.name} ({_code_lines(node, lines)} lines)"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _code_lines(node, lines) > limit
    ]
    assert not long, f"{name}: at most {limit} lines a function, but {long}"


@pytest.mark.parametrize("name", modules())
def test_no_name_says_nothing(name: str) -> None:
    tree = ast.parse(modules()[name].read_text())
    defined = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assert not BANNED & set(name.split("."))
    assert not {d.lower().strip("_") for d in defined} & BANNED
    assert not [d for d in defined if re.search(r"(Manager|Helper|Utils?)$", d)]
