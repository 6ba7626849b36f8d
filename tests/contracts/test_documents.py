"""What the documents tell people to type exists, and what they point at is there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from flyoff.cli.main import app
from tests.contracts.source_tree import ROOT

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def _commands() -> dict[str, Any]:
    """Every command by the words that call it: ``judge``, ``campaign check``."""
    root = typer.main.get_command(app)
    return dict(_below(root, root.context_class(root, info_name="flyoff"), ""))


def _below(group: Any, context: Any, words: str) -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            inner = type(context)(command, info_name=name, parent=context)
            yield from _below(command, inner, f"{words}{name} ")
        else:
            yield f"{words}{name}", command


def _typed() -> Iterator[tuple[str, str]]:
    """Every line that the documents tell to type, as (document, line)."""
    for path in DOCUMENTS:
        for language, block in BLOCK.findall(path.read_text()):
            if language == "sh":
                for line in block.replace("\\\n", " ").splitlines():
                    yield str(path.relative_to(ROOT)), line.split("  #")[0].strip()


def _of(program: str) -> list[tuple[str, list[str]]]:
    return [(name, line.split()) for name, line in _typed() if line.startswith(f"{program} ")]


def test_documented_commands_and_options_exist() -> None:
    commands, wrong = _commands(), []
    for name, words in _of("flyoff"):
        command = commands.get(words[1]) or commands.get(" ".join(words[1:3]))
        known = {o for p in command.params for o in p.opts} if command else set()
        used = {w for w in words if w.startswith("--")}
        if command is None or used - known:
            wrong.append(f"{name}: {' '.join(words)}")
    assert not wrong


def test_documented_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    typed = {(name, words[1]) for name, words in _of("make")}
    assert len(typed) > 3
    assert not {(name, target) for name, target in typed if target not in targets}


@pytest.mark.parametrize("name", _commands())
def test_a_command_has_an_example_and_a_form_for_machines(name: str) -> None:
    command = _commands()[name]
    text = command.get_help(command.context_class(command, info_name=name))
    assert "Example" in text
    assert f"flyoff {name}" in text
    assert "\\b" not in text, "a raw docstring shows click's mark instead of obeying it"
    assert any("--json" in parameter.opts for parameter in command.params)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    broken = [t for t in LINK.findall(path.read_text()) if not (path.parent / t).exists()]
    assert not broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_python_in_documents_is_python(path: Path) -> None:
    for language, block in BLOCK.findall(path.read_text()):
        if language == "python":
            ast.parse(block)
