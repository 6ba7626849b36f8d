"""Every built-in decoder and detector is tested and documented; no file names a local path."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from flyoff.decoders import BUILTIN as DECODERS
from flyoff.detectors import BUILTIN as DETECTORS
from flyoff.detectors import builtin
from flyoff.model.finding import Kind, Severity
from flyoff.model.sortie import Outcome
from tests.contracts.source_tree import ROOT, modules

DOCS = ROOT / "docs"
#: What only this or that machine has. A document, or code, that names one helps nobody else.
LOCAL = re.compile(r"(?<![\w.])/(?:home|root|tmp|Users|work|mnt|media)/[\w.-]+|[A-Z]:\\\\?Users")
WRITTEN = (".py", ".md", ".toml", ".yml", ".yaml", ".txt", ".html", ".svg", ".csv", ".json", "")
SKIPPED = {".venv", ".git", "site", "demo", "node_modules", "__pycache__", "build", "dist"}


def _detectors() -> list[str]:
    """Names of the files that define a detector: so that one that is not registered is noticed."""
    prefix = "flyoff.detectors."
    found = [m for m in modules() if m.startswith(prefix) and m != f"{prefix}base"]
    return sorted(m.removeprefix(prefix) for m in found if _defines_detector(m))


def _defines_detector(module: str) -> bool:
    classes = (
        n for n in ast.walk(ast.parse(modules()[module].read_text())) if isinstance(n, ast.ClassDef)
    )
    return any(
        isinstance(base, ast.Name) and base.id == "Detector" for c in classes for base in c.bases
    )


def _prose() -> str:
    return "\n".join(p.read_text() for p in sorted(DOCS.rglob("*.md")))


def _tests_of(room: str) -> str:
    """Give names and text of the room's test files."""
    paths = sorted((ROOT / "tests" / room).rglob("*.py"))
    return "\n".join(f"{p.relative_to(ROOT)}\n{p.read_text()}" for p in paths)


@pytest.mark.parametrize("module", DECODERS)
def test_a_decoder_is_tested_documented_and_keeps_its_contract(module: str) -> None:
    name = module.rsplit(".", 1)[1]
    decoder = importlib.import_module(module).DECODER
    assert decoder.name == name
    assert all(callable(getattr(decoder, f)) for f in ("sniff", "decode", "normalise"))
    tests = [p for p in (ROOT / "tests" / "decoders").rglob("test_*.py") if name in str(p)]
    assert tests, f"no tests/decoders/**/test_*{name}*.py"
    assert f"`{name}`" in _prose(), f"docs/ never mentions `{name}`"


def test_every_decoder_folder_is_registered() -> None:
    folders = {
        p.name for p in (ROOT / "src/flyoff/decoders").iterdir() if (p / "decode.py").exists()
    }
    assert folders == {d.rsplit(".", 1)[1] for d in DECODERS}


@pytest.mark.parametrize("name", _detectors())
def test_a_detector_module_is_tested(name: str) -> None:
    assert re.search(rf"\b(test_)?{name}\b", _tests_of("detectors")), (
        f"{name}: tests/detectors/ does not mention it"
    )


def test_every_detector_file_is_registered() -> None:
    registered = {line.partition(":")[0] for line in DETECTORS}
    assert registered == set(_detectors()), "a detector's file and its BUILTIN line go together"


def test_every_detector_answers_for_a_documented_kind() -> None:
    prose = _prose()
    missing = sorted({str(d.kind) for d in builtin() if f"`{d.kind}`" not in prose})
    assert not missing, f"docs/ never mentions {missing}"


def test_the_lists_in_the_documents_are_the_closed_lists() -> None:
    prose = (DOCS / "reference" / "findings.md").read_text()
    named = set(re.findall(r"`([a-z_]+)`", prose))
    assert {str(k) for k in Kind} | {str(o) for o in Outcome} <= named
    severities, units = {str(s) for s in Severity}, {"_s", "_m", "_v", "_rad"}
    assert not named - {str(k) for k in Kind} - {str(o) for o in Outcome} - severities - units


def _written_files() -> list[Path]:
    found = [p for p in ROOT.rglob("*") if p.is_file() and p.suffix in WRITTEN]
    kept = [p for p in found if not SKIPPED & set(p.relative_to(ROOT).parts)]
    return [
        p
        for p in kept
        if not any(x.startswith(".") and x != ".ci" for x in p.relative_to(ROOT).parts)
    ]


def test_nothing_names_a_place_of_one_machine() -> None:
    here = Path(__file__)
    named = [
        f"{p.relative_to(ROOT)}: {match.group()}"
        for p in _written_files()
        if p != here and p.stat().st_size < 1_000_000
        for match in LOCAL.finditer(p.read_text(errors="replace"))
    ]
    assert not named, named


def test_local_paths_are_recognised() -> None:
    """The test above could not fail if the pattern found nothing."""
    assert LOCAL.search("see /ho" + "me/ada/logs")
    assert not LOCAL.search("GET /api/sorties, docs/home/page.md")
