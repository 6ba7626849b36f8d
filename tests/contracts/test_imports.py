"""Imports point down, and each heavy library stays behind its fence (DESIGN.md, section 3)."""

import pytest

from tests.contracts.source_tree import SRC, Import, imports, modules, package

# kernel_cache: where Numba may write, no more; faults: named steps at which a test may fail them;
# stages: what of the work takes how long, where somebody watches;
# absent: what a library shall not find
BASE = {"errors", "units", "kernel_cache", "faults", "stages", "absent"}
JUDGING = {"decoders", "detectors", "sorties", "measures", "trials"}
#: What each package may import of the others.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "units": set(),
    "faults": set(),
    "stages": set(),
    "absent": set(),
    "kernel_cache": {"errors"},
    "model": BASE,
    "decoders": BASE | {"model"},
    "detectors": BASE | {"model"},
    "sorties": BASE | {"model"},
    "measures": BASE | {"model"},
    "trials": BASE | {"model"},
    "stats": BASE,
    "campaign": BASE | {"model", "stats", "measures"},
    "lake": BASE | {"model", "campaign", "trials"},
    "exchange": BASE | {"model", "decoders", "lake"},
    "pipeline": BASE | JUDGING | {"model", "stats", "campaign", "lake", "exchange"},
    "views": BASE | {"model", "stats", "campaign", "lake"},
    "reports": BASE | {"model", "stats", "views", "pipeline"},
    "server": BASE | {"model", "stats", "views", "pipeline"},
    # a command that writes a report, or serves, starts who does it; the reverse is never true
    "cli": BASE | {"model", "stats", "views", "pipeline", "reports", "server"},
    # the public face, ``flyoff`` itself
    "": BASE | {"model", "pipeline"},
    "__main__": {"cli"},
}

#: Library to the places that may import it. A place is a package, a module, or ``*.name`` for every
#: module of that name.
FENCES: dict[str, set[str]] = {
    "numba": {"*._kernels"},
    "llvmlite": set(),
    "deltalake": {"lake"},
    "obstore": {"lake"},
    "pyarrow": {"lake", "views", "flyoff.model.arrow"},
    "duckdb": {"lake", "views"},
    "ray": {"flyoff.pipeline.cluster"},
    "opentelemetry": {"flyoff.pipeline.telemetry"},
}
#: pandas and polars read our tables, we never need them.
NEVER = {"pandas", "polars", "pymavlink.mavutil", "pyulog"}


@pytest.mark.parametrize("name", modules())
def test_imports_point_down(name: str) -> None:
    own = package(name)
    assert own in MAY_IMPORT, f"src/flyoff/{own} is not a room of the house: DESIGN.md section 3"
    allowed = MAY_IMPORT[own] | {own}
    wrong = [
        f"line {i.line}: {i.module}"
        for i in imports(name)
        if i.module.split(".")[0] == "flyoff"
        and package(i.module) not in allowed
        # ``from flyoff import __version__`` is the face itself
        and i.module != "flyoff"
    ]
    assert not wrong, f"{name} may import {sorted(allowed)} only, but: {wrong}"


@pytest.mark.parametrize("name", modules())
def test_imports_are_absolute(name: str) -> None:
    assert not [i for i in imports(name) if i.module.startswith(".")]


def _is_inside(name: str, place: str) -> bool:
    if place.startswith("*."):
        return name.endswith(place[1:])
    return name == place or package(name) == place


@pytest.mark.parametrize("library", FENCES)
def test_heavy_libraries_stay_behind_their_fence(library: str) -> None:
    outside = [
        f"{name}:{i.line}"
        for name in modules()
        for i in imports(name)
        if i.module.split(".")[0] == library
        and not i.is_for_types
        and not any(_is_inside(name, place) for place in FENCES[library])
    ]
    assert not outside, f"{library} belongs to {sorted(FENCES[library])}, but: {outside}"


def test_no_module_needs_a_test_only_library() -> None:
    assert not [
        f"{name}:{i.line} {i.module}"
        for name in modules()
        for i in imports(name)
        if any(i.module == n or i.module.startswith(n + ".") for n in NEVER) and not i.is_for_types
    ]


def test_arrow_is_lazy_in_the_model() -> None:
    """A recording must be readable without loading Arrow: only its export needs it."""
    eager = [i for i in imports_of("model") if i.module.split(".")[0] == "pyarrow" and _is_eager(i)]
    assert not eager


def imports_of(room: str) -> list[Import]:
    return [i for name in modules() if package(name) == room for i in imports(name)]


def _is_eager(found: Import) -> bool:
    return not found.is_lazy and not found.is_for_types


def test_there_are_no_import_cycles() -> None:
    """Not even lazy ones: a cycle that a function hides is still one room split in two."""
    graph = {name: _targets(name) for name in modules() if name != "flyoff"}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail[trail.index(name) :], name))
        if name in done:
            return
        for target in sorted(graph.get(name, ())):
            visit(target, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def _targets(name: str) -> set[str]:
    found = {i.module for i in imports(name) if not i.is_for_types}
    # a package's __init__ may re-export its own modules, and those import siblings through it
    return {m for m in found if m in modules() and m not in ("flyoff", name)}


def test_the_house_has_rooms() -> None:
    """Guards the tests above: an empty or moved tree would pass them all."""
    assert SRC.is_dir()
    assert {"model", "decoders"} <= {package(name) for name in modules()}
