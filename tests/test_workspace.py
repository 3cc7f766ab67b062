"""What the repository promises about itself: pins, declared members, what is tracked."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tools.pins import resolve, with_pins
from tools.workspace import ROOT, Pin, locked, members, package, pins, read

PYPROJECT = read(ROOT / "pyproject.toml")
LOCKS = {"uv.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "Pipfile.lock"}
ADDRESS = re.compile(
    r"files\.pythonhosted\.org|registry\.npmjs\.org|--(?:extra-)?index-url"
    r"|registry *= *\"https?://|\"resolved\": *\"https?://"
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work)/\w")
FIVE_MB = 5_000_000


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    """Tracked text files; a file that is not UTF-8 is no text."""
    found = []
    for path in tracked():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def hits(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path, text in texts()
        if path != Path(__file__)
        for match in pattern.finditer(text)
    ]


class TestPins:
    def test_the_resolution_is_exactly_what_is_pinned(self) -> None:
        lock = ROOT / "uv.lock"
        resolution = locked(lock) if lock.exists() else resolve(pinned=True)
        missing, unused = resolution - pins(), pins() - resolution
        assert not missing, f"not pinned: {sorted(map(str, missing))}; run: just pins"
        assert not unused, f"pinned, but not in the resolution: {sorted(map(str, unused))}; run: just pins"

    def test_what_is_installed_is_what_is_pinned(self) -> None:
        pinned: dict[str, set[str]] = {}
        for pin in pins():
            pinned.setdefault(pin.name, set()).add(pin.version)
        installed = {re.sub(r"[-_.]+", "-", found.name).lower(): found.version for found in metadata.distributions()}
        other = {name: version for name, version in installed.items() if name in pinned and version not in pinned[name]}
        assert not other, f"installed in other versions than pinned: {other}; run: uv sync"
        assert "sqlalchemy" in installed

    def test_the_build_backend_is_pinned_exactly(self) -> None:
        [line] = PYPROJECT["tool"]["uv"]["build-constraint-dependencies"]
        assert Pin.parse(line).name == "uv-build"

    def test_new_pins_replace_the_old_ones(self) -> None:
        before = 'x = 1\nconstraint-dependencies = [\n  "old==1",\n]\ny = 2\n'
        pin = Pin("numpy", "2.4.6", "python_full_version < '3.12'")
        after = with_pins(before, {pin})
        assert after == before.replace("old==1", "numpy==2.4.6 ; python_full_version < '3.12'")
        assert Pin.parse(str(pin)) == pin


class TestMembers:
    """A new module is named in each list of the root pyproject.toml."""

    def test_every_member_is_installed_by_default(self) -> None:
        listed = {re.split(r"[\[> ]", entry)[0] for entry in PYPROJECT["dependency-groups"]["product"]}
        assert listed == members().keys(), "dependency-groups.product"

    def test_every_member_comes_from_the_workspace(self) -> None:
        assert PYPROJECT["tool"]["uv"]["sources"].keys() == members().keys(), "tool.uv.sources"

    def test_every_member_is_type_checked_under_its_own_name(self) -> None:
        paths = {f"$MYPY_CONFIG_FILE_DIR/{path.relative_to(ROOT)}/src" for path in members().values()}
        # Modules that only the kernel's tests use stand on it besides.
        extra = {"$MYPY_CONFIG_FILE_DIR/kernel/tests/core/modules"}
        assert set(PYPROJECT["tool"]["mypy"]["mypy_path"]) - extra == paths, "tool.mypy.mypy_path"

    def test_every_member_is_under_the_import_contracts(self) -> None:
        linter = PYPROJECT["tool"]["importlinter"]
        packages = {package(name) for name in members()}
        by_id = {contract["id"]: contract for contract in linter["contracts"]}
        assert set(linter["root_packages"]) == packages
        assert set(by_id["kernel"]["forbidden_modules"]) == packages - {"huikuan"}
        assert set(by_id["layers"]["containers"]) == packages - {"huikuan"}

    def test_all_distributions_share_one_version_and_one_licence(self) -> None:
        projects = [read(path / "pyproject.toml")["project"] for path in members().values()]
        assert {project["license"] for project in projects} == {"Apache-2.0"}
        assert len({project["version"] for project in projects}) == 1
        assert {project["requires-python"] for project in projects} == {PYPROJECT["project"]["requires-python"]}

    @pytest.mark.parametrize("distribution", members())
    def test_a_distribution_is_typed_and_has_a_readme(self, distribution: str) -> None:
        path = members()[distribution]
        assert (path / "README.md").is_file()
        assert (path / "src" / package(distribution) / "py.typed").is_file()


class TestTrackedFiles:
    def test_no_lock_file_is_tracked(self) -> None:
        names = [path.name for path in tracked()]
        assert not [name for name in names if name in LOCKS or re.fullmatch(r"pylock.*\.toml", name)]

    def test_no_file_holds_a_download_address(self) -> None:
        assert not hits(ADDRESS)

    def test_no_file_holds_a_path_of_some_machine(self) -> None:
        assert not hits(MACHINE_PATH)

    def test_no_file_is_larger_than_5_mb(self) -> None:
        assert not [path for path in tracked() if path.stat().st_size > FIVE_MB]


def test_the_bench_command_lists_what_there_is() -> None:
    done = subprocess.run([sys.executable, "-m", "bench"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("bench: ")
