"""Reads the workspace: its members, its pins and the resolution in uv.lock."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ;]+)(?: ; (?P<marker>.+))?")


@dataclass(frozen=True, order=True, slots=True)
class Pin:
    """One exact version; a marker only where the Python versions or platforms need different ones."""

    name: str
    version: str
    marker: str = ""

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")

    @classmethod
    def parse(cls, line: str) -> "Pin":
        match = _PIN.fullmatch(line)
        if match is None:
            raise ValueError(f"{line!r} is not an exact pin; write name==version, or run: just pins")
        return cls(match["name"], match["version"], match["marker"] or "")


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def members() -> dict[str, Path]:
    """Directory of every distribution of the workspace, by its name."""
    patterns: list[str] = read(ROOT / "pyproject.toml")["tool"]["uv"]["workspace"]["members"]
    projects = sorted(path for pattern in patterns for path in ROOT.glob(f"{pattern}/pyproject.toml"))
    return {read(path)["project"]["name"]: path.parent for path in projects}


def package(distribution: str) -> str:
    """Import name of a distribution of ours."""
    return distribution.replace("-", "_")


def pins() -> set[Pin]:
    """The exact versions that the root pyproject.toml demands."""
    return {Pin.parse(line) for line in read(ROOT / "pyproject.toml")["tool"]["uv"]["constraint-dependencies"]}


def locked(lock: Path) -> set[Pin]:
    """The exact versions of a resolution, without the workspace's own distributions."""
    packages = [entry for entry in read(lock)["package"] if "registry" in entry["source"]]
    return {
        Pin(entry["name"], entry["version"], " or ".join(entry.get("resolution-markers", ()))) for entry in packages
    }
