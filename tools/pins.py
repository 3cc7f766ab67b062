"""Refreshes the exact pins of the root pyproject.toml from a fresh resolution: ``just pins``."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tools.workspace import ROOT, Pin, locked, members

_BLOCK = re.compile(r"^constraint-dependencies = \[\n(?:  .*\n)*\]$", re.MULTILINE)


def resolve(*, pinned: bool) -> set[Pin]:
    """Resolve a copy of the workspace, with or without the pins it has now."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        for member in members().values():
            target = copy / member.relative_to(ROOT)
            target.mkdir(parents=True)
            shutil.copy(member / "pyproject.toml", target)
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        (copy / "pyproject.toml").write_text(text if pinned else with_pins(text, set()), encoding="utf-8")
        command = ["uv", "lock", "--project", directory]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"uv lock failed:\n{done.stderr}")
        return locked(copy / "uv.lock")


def with_pins(text: str, pins: set[Pin]) -> str:
    """The text of the root pyproject.toml with these pins in place of its own."""
    lines = "".join(f'  "{pin}",\n' for pin in sorted(pins))
    changed, count = _BLOCK.subn(lambda _: f"constraint-dependencies = [\n{lines}]", text)
    if count != 1:
        raise SystemExit("pyproject.toml: found no list constraint-dependencies with one pin on each line")
    return changed


def main() -> None:
    path = ROOT / "pyproject.toml"
    before = path.read_text(encoding="utf-8")
    pins = resolve(pinned=False)
    path.write_text(with_pins(before, pins), encoding="utf-8")
    new = sorted(str(pin) for pin in pins if f'"{pin}"' not in before)
    print(f"{len(pins)} pins, {len(new)} of them new or changed" + "".join(f"\n  {pin}" for pin in new))


if __name__ == "__main__":
    main()
