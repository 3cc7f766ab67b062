"""Runs the tests of each distribution with nothing installed but what it requires: ``just isolated``.

In the shared environment an undeclared import passes unseen. Here it is an ImportError, so this run is the
proof that a distribution is independent of the others. The test tools come on top, in the pinned versions.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.workspace import ROOT, members

NO_TESTS = 5  # the exit status of pytest that collected none


def chosen(names: Sequence[str]) -> dict[str, Path]:
    """Distributions by the short names a developer types (``orders``, ``kernel``), or all of them."""
    short = {path.name: distribution for distribution, path in members().items()}
    unknown = [name for name in names if name not in short]
    if unknown:
        raise SystemExit(f"no distribution {', '.join(unknown)}; there are: {', '.join(sorted(short))}")
    return {short[name]: members()[short[name]] for name in names or sorted(short)}


def run(distribution: str, directory: Path, tools: Path) -> bool:
    tests = directory / "tests"
    if not tests.is_dir():
        print(f"isolated {distribution}: FAILED, it has no tests", flush=True)
        return False
    uv = ["uv", "run", "--quiet", "--isolated", "--package", distribution, "--with-requirements", str(tools)]
    pytest = ["pytest", "--quiet", "-p", "no:cacheprovider", str(tests.relative_to(ROOT))]
    print(f"isolated {distribution} ...", flush=True)
    status = subprocess.run([*uv, *pytest], cwd=ROOT, check=False).returncode
    fault = "no test was found" if status == NO_TESTS else f"pytest ended with {status}"
    print(f"isolated {distribution}: " + (f"FAILED, {fault}" if status else "ok"), flush=True)
    return status == 0


def main() -> int:
    distributions = chosen(sys.argv[1:])
    with tempfile.NamedTemporaryFile(prefix="huikuan-tools-", suffix=".txt") as tools:
        export = ["uv", "export", "--quiet", "--only-group", "test", "--no-hashes", "--no-header"]
        subprocess.run([*export, "--output-file", tools.name], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        results = [run(name, path, Path(tools.name)) for name, path in distributions.items()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
