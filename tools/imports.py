"""Who may import whom between the packages of the workspace, as pure rules."""

import re

from tools.workspace import members, package, read

KERNEL = "huikuan"


def required(distribution: str) -> set[str]:
    """Packages of the workspace that a distribution declares as its dependencies."""
    declared: list[str] = read(members()[distribution] / "pyproject.toml")["project"]["dependencies"]
    names = {re.split(r"[^A-Za-z0-9-]", line, maxsplit=1)[0] for line in declared}
    return {package(name) for name in names & members().keys()}


def fault(importer: str, imported: str, public: set[str], requires: dict[str, set[str]]) -> str | None:
    """What is wrong with one import between two packages, if anything."""
    owner, _, rest = imported.partition(".")
    if rest and rest.split(".")[0] not in public:
        return f"{imported} is private to {owner}"
    top, *inside = importer.split(".")
    bridge = inside[:2] == ["bridges", owner.removeprefix(f"{KERNEL}_")]
    if owner not in requires[top] and not bridge and inside[:1] != ["testing"]:
        return f"{top} does not require {owner}: declare it, or move the import to bridges/"
    return None
