"""What the code imports is declared, bounded and pinned; nothing else is."""

import ast
import re
import sys
import tomllib

from tests.contracts.source_tree import ROOT, imports, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


#: Distribution to the module that it brings, where the names differ.
MODULES = {
    "libasterix": "asterix",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry",
    "opentelemetry-sdk": "opentelemetry",
    "protobuf": "google",
    "pyyaml": "yaml",
    "sapient-msg": "sapient_msg",
}


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _module(requirement: str) -> str:
    name = _name(requirement)
    return MODULES.get(name, name)


#: Modules whose distribution has another name.
DISTRIBUTIONS = {"argon2": "argon2-cffi"}


def _imported() -> set[str]:
    tops = {i.module.split(".")[0] for name in modules() for i in imports(name)}
    tops = {DISTRIBUTIONS.get(t, t) for t in tops}
    return {t.lower() for t in tops if t and t != "flyoff" and t not in sys.stdlib_module_names}


def test_every_import_is_declared() -> None:
    declared = {_module(r) for r in PROJECT["dependencies"]}
    optional = {
        _module(r)
        for extra in ("ray", "oidc", "otel")
        for r in PROJECT["optional-dependencies"][extra]
    }
    assert not _imported() - declared - optional


def test_every_import_of_a_test_is_declared() -> None:
    """Else the suite runs only where something else happens to have brought the module."""
    extras = PROJECT["optional-dependencies"]
    declared = {_module(r).replace("-", "_") for r in [*PROJECT["dependencies"], *extras["dev"]]}
    tops = set()
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                tops.add(node.module.split(".")[0])
    optional = {"stonesoup"}  # a peer that a test asks for with importorskip
    assert not tops - declared - optional - {"flyoff", "tests"} - set(sys.stdlib_module_names)


def test_every_core_dependency_is_imported() -> None:
    assert not {_module(r) for r in PROJECT["dependencies"]} - _imported()


def test_every_requirement_is_bounded_on_both_sides() -> None:
    extras = PROJECT["optional-dependencies"].values()
    for requirement in [*PROJECT["dependencies"], *(r for extra in extras for r in extra)]:
        assert ">=" in requirement, requirement
        assert "<" in requirement, requirement


def test_what_the_targets_install_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {_name(line) for line in lines if "==" in line}
    extras = PROJECT["optional-dependencies"]
    wanted = {_name(r) for r in [*PROJECT["dependencies"], *extras["dev"], *extras["docs"]]}
    assert not wanted - pins
    assert all("==" in line for line in lines if line and not line.startswith("#"))
