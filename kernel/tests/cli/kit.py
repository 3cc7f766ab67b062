"""What the command line's tests share besides fixtures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cli", "Ended", "install"]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ended]


def install(folder: Path, site: Path) -> None:
    """What `pip install -e` writes for the module in ``folder``, without building anything."""
    info = site / f"{folder.name}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {folder.name.replace('_', '-')}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[huikuan.modules]\n{folder.name} = {folder.name}:module\n")
