"""What this machine can and cannot do, and getting it ready."""

import importlib
import importlib.metadata
import os
import platform
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from flyoff import kernel_cache
from flyoff.decoders import Decoder, Source
from flyoff.errors import reason_of
from flyoff.pipeline import forking, registry, tiny

#: What some commands or Arrow users take if it is there.
OPTIONAL = ("polars", "pandas", "ray")
#: Below this much memory a large log on every core at once does not fit [byte].
MEMORY_PER_JOB = 600_000_000
#: Below this the disk is as good as full [byte].
LITTLE_DISK = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name, found : str
    state : str
        ``ok``, ``warning`` (works, but) or ``missing`` (does not work).
    mend : str
        What to do; empty if nothing.
    """

    name: str
    found: str
    state: str = "ok"
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Warmed:
    """One decoder made ready."""

    name: str
    seconds: float
    note: str = ""


def doctor() -> list[Check]:
    """Look at everything that decides whether Flyoff works here, and how fast."""
    checks = [_python(), _cores(), _memory(), _kernel_cache()]
    checks += [_disk("disk space here", Path.cwd()), _temporary()]
    modules = _modules()
    checks += [_package(name, modules) for name in _needed()]
    checks += [_optional(name) for name in OPTIONAL]
    return [*checks, *_formats()]


def warmup() -> list[Warmed]:
    """Compile the kernels of all decoders into the cache."""
    done = []
    for decoder in registry.decoders():
        started = time.perf_counter()
        warm = getattr(decoder, "warmup", None)
        note = ""
        if warm is not None:
            warm()
        elif decoder.name in tiny.LOGS:
            _decode_all(decoder, Source("warmup", tiny.LOGS[decoder.name]()))
        else:
            note = "brings nothing to compile ahead"
        done.append(Warmed(decoder.name, time.perf_counter() - started, note))
    return done


def _decode_all(decoder: Decoder, source: Source) -> None:
    raw = decoder.decode(source)
    for topic in raw.topics.values():
        topic.columns()
        topic.time_us()
    for recording in decoder.normalise(raw):
        for name in recording:
            recording[name]


def _python() -> Check:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Check("python", found)


def _cores() -> Check:
    count = forking.cores()
    if count == 1:
        return Check("cores", "1", "warning", "works; a second core doubles the speed of folders")
    return Check("cores", str(count))


def _memory() -> Check:
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return Check("memory", "unknown")
    found = f"{free / 1e9:.1f} GB free"
    fits = max(1, free // MEMORY_PER_JOB)
    if fits < forking.cores():
        return Check("memory", found, "warning", f"use --jobs {fits} for logs of 150 MB and more")
    return Check("memory", found)


def _kernel_cache() -> Check:
    folder = Path(kernel_cache.prepare())
    problem = _cannot_write(folder)
    if problem:
        mend = f"set {kernel_cache.VARIABLE} to a folder that can be written"
        return Check("kernel cache", f"{folder}: {problem}", "missing", mend)
    if folder.is_relative_to(tempfile.gettempdir()):
        mend = "kernels are compiled again after a restart; make ~/.cache writable to keep them"
        return Check("kernel cache", str(folder), "warning", mend)
    return Check("kernel cache", str(folder))


def _temporary() -> Check:
    folder = Path(tempfile.gettempdir())
    problem = _cannot_write(folder)
    if problem:
        return Check("temporary files", f"{folder}: {problem}", "missing", "set TMPDIR")
    return Check("temporary files", str(folder))


def _cannot_write(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return reason_of(error)


def _disk(name: str, folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free"
    if free < LITTLE_DISK:
        mend = "a store needs the size of its logs and some 5 % more"
        return Check(name, found, "warning", mend)
    return Check(name, found)


def _needed() -> list[str]:
    """What Flyoff says it requires, extras left out; the most used where it is not installed."""
    try:
        wanted = importlib.metadata.requires("flyoff") or []
    except importlib.metadata.PackageNotFoundError:
        return ["numpy", "numba", "pyarrow", "duckdb", "deltalake"]
    plain = [re.split(r"[\s<>=!~;\[]", w, maxsplit=1)[0] for w in wanted if "extra ==" not in w]
    return sorted(plain)


def _modules() -> dict[str, str]:
    """What to import of each installed package: several are named otherwise than their module."""
    found: dict[str, str] = {}
    for module, packages in sorted(importlib.metadata.packages_distributions().items()):
        for package in map(_canonical, packages):
            # one that is named as its package goes before what else the package brings
            if not module.startswith("_") and _canonical(module) == package:
                found[package] = module
            elif not module.startswith("_"):
                found.setdefault(package, module)
    return found


def _canonical(package: str) -> str:
    """The name by which an index knows a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", package).lower()


def _package(name: str, modules: dict[str, str]) -> Check:
    """Import it, too: an installed package may lack a library of the system."""
    try:
        importlib.import_module(modules.get(_canonical(name), name.replace("-", "_")))
        return Check(name, importlib.metadata.version(name))
    except (ImportError, OSError) as error:
        why = " ".join(str(error).split())
        return Check(name, f"cannot be imported: {why}", "missing", f"pip install {name}")


def _optional(name: str) -> Check:
    try:
        return Check(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, "not installed; needed only to work with it")


def _formats() -> list[Check]:
    try:
        names = ", ".join(d.name for d in registry.decoders())
        return [Check("formats", names)]
    except Exception as error:  # a decoder that others installed may raise anything
        why = " ".join(str(error).split())
        return [Check("formats", why, "missing", "reinstall Flyoff and what adds formats to it")]
