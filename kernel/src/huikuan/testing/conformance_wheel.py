"""Rules about the wheel: it holds everything that the source tree does, types and migrations included."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from huikuan.testing.conformance_subject import Rules, Subject, listed

__all__ = ["WheelRules", "build_wheel"]


class WheelRules(Rules):
    """What is installed is what was tested."""

    def test_the_wheel_holds_code_types_and_migrations(self, subject: Subject, tmp_path: Path) -> None:
        if subject.root is None:
            pytest.skip(f"the source tree of {subject.name} is not here")
        with zipfile.ZipFile(build_wheel(subject.root, tmp_path)) as wheel:
            held = set(wheel.namelist())
            points = [wheel.read(name).decode() for name in held if name.endswith(".dist-info/entry_points.txt")]
        wanted = {f"{subject.package}/{name}" for name in _source_files(subject) | _always(subject)}
        missing = wanted - held
        assert not missing, f"the wheel of {subject.name} lacks:{listed(missing)}"
        stray = {name for name in held if not name.startswith(f"{subject.package}/") and ".dist-info/" not in name}
        assert not stray, f"the wheel of {subject.name} puts files beside its package:{listed(stray)}"
        assert any(f"{subject.name} = {subject.package}:" in text for text in points), "the wheel has no entry point"


def build_wheel(root: Path, target: Path) -> Path:
    """Build the wheel of a source tree into ``target``, with uv where there is one."""
    uv = shutil.which("uv")
    build = [uv, "build", "--wheel", "--quiet", "--out-dir", str(target), str(root)] if uv else _pip(root, target)
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(build)} failed:\n{done.stdout}{done.stderr}", pytrace=False)
    [wheel] = target.glob("*.whl")
    return wheel


def _pip(root: Path, target: Path) -> list[str]:
    return [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(target), str(root)]


def _source_files(subject: Subject) -> set[str]:
    return {
        path.relative_to(subject.directory).as_posix()
        for path in subject.directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _always(subject: Subject) -> set[str]:
    """Our own modules ship builders for others' tests too."""
    return {"py.typed", "testing.py"} if subject.installed.first_party else {"py.typed"}
